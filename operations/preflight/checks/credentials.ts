import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Environment } from "../../../settings/environment";
import { providerAccess } from "../../../settings/terraform-access";
import { type Check, ensure, PreflightFailure } from "../check";

/** Checks the account of the credentials. Without an account in the environment, any account passes. */
export function credentials(environment: Environment): Check {
  const expected = providerAccess(environment).account;
  return {
    id: "credentials",
    subject: environment.name,
    async run({ sts }) {
      const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({})).catch((error) => {
        throw new PreflightFailure(
          `AWS does not accept the credentials: ${(error as Error).message}`,
          "Log in, for example with aws sso login, or correct profile and assumeRole of the environment.",
        );
      });
      ensure(
        expected === undefined || Account === expected,
        `The credentials belong to account ${Account}, not to ${expected}.`,
        "Log in to the environment's account, or correct the setting account.",
      );
      return `${Arn} in ${environment.region}`;
    },
  };
}
