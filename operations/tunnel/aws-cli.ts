import { credentialsOf } from "../../cli/aws-credentials";
import { CommandError } from "../../cli/command-error";
import type { Environment } from "../../settings/environment";
import { providerAccess } from "../../settings/terraform-access";

/** How to call the AWS CLI for an environment. */
export interface AwsCli {
  /** Arguments of every call. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The AWS CLI with the region of an environment, and the credentials that Terraform would use.
 * @throws CommandError when the environment's role cannot be assumed.
 */
export async function awsCliFor(environment: Environment): Promise<AwsCli> {
  const access = providerAccess(environment);
  const { AWS_PROFILE, ...env } = process.env;
  const region = ["--region", environment.region];
  if (!access.assumeRole) {
    const profile = access.profile ? ["--profile", access.profile] : [];
    return { args: [...region, ...profile], env: process.env };
  }
  const { accessKeyId, secretAccessKey, sessionToken } = await credentialsOf(access)().catch(
    ({ message }: Error) => {
      throw new CommandError(
        `The role ${access.assumeRole?.roleArn} cannot be assumed: ${message.replace(/\.$/, "")}. Log in as a principal that it trusts.`,
      );
    },
  );
  return {
    args: region,
    env: {
      ...env,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
  };
}
