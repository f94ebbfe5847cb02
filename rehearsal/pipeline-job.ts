import { fromWebToken } from "@aws-sdk/credential-providers";
import type { Emulator } from "../emulator/emulator";

/** GitHub's issuer and audience: https://docs.github.com/en/actions/reference/security/oidc */
const ISSUER = "https://token.actions.githubusercontent.com";
const AUDIENCE = "sts.amazonaws.com";

/** A job of a pipeline, as described by the token that GitHub issues to it. */
export interface PipelineJob {
  /** `acme/news-api` */
  readonly repository: string;
  /** `environment:prod`, `ref:refs/heads/main` */
  readonly subject: string;
}

/** The token of a job. It is not signed, because the emulator compares only the claims. */
function tokenOf({ repository, subject }: PipelineJob): string {
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: `repo:${repository}:${subject}` };
  const parts = [{ alg: "none", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${parts.join(".")}.`;
}

/**
 * The credentials of a role that a job takes, as variables of Terraform.
 * @throws Error with the name AccessDenied when the role does not trust the job.
 */
export async function jobCredentials(
  emulator: Emulator,
  job: PipelineJob,
  roleArn: string,
): Promise<Record<string, string>> {
  const take = fromWebToken({
    roleArn,
    webIdentityToken: tokenOf(job),
    clientConfig: emulator.clientConfig,
  });
  const { accessKeyId, secretAccessKey, sessionToken = "" } = await take();
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}
