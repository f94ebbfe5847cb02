import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { CommandError } from "../cli/command-error";
import { stateBucketStackId } from "../settings/names";
import { COLOR_ARGUMENTS, makePrivate, type Output, type Terraform } from "./terraform";

/** The folder of a synthesized stack, in which Terraform runs. */
export interface StackFolder {
  readonly stack: string;
  readonly path: string;
  /** The bucket that holds the stack's state; undefined if the state is a local file. */
  readonly stateBucket: string | undefined;
  /** The local state file of the stack, relative to its folder. @default - the state is in a bucket */
  readonly stateFile?: string | undefined;
}

/** @throws CommandError if no environment has the stack. */
export function stackFolder(outdir: string, stacks: readonly string[], stack: string): StackFolder {
  if (!stacks.includes(stack)) {
    throw new CommandError(
      `There is no stack "${stack}". Use one of these:\n  ${stacks.join("\n  ")}`,
    );
  }
  const path = join(outdir, "stacks", stack);
  const { terraform } = JSON.parse(readFileSync(join(path, "cdk.tf.json"), "utf8"));
  const { s3, local } = terraform.backend;
  return { stack, path, stateBucket: s3?.bucket, stateFile: local?.path };
}

/**
 * Runs `terraform init` in a stack's folder. Makes a local state and its backup readable by their owner only, because
 * Terraform may have written them under a wider umask.
 * @throws CommandError with advice if the bucket, the credentials or the provider are not available.
 */
export async function initialize(
  terraform: Terraform,
  folder: StackFolder,
  output: Output = "tee",
): Promise<void> {
  const { path, stateFile } = folder;
  if (stateFile) {
    makePrivate(["", ".backup"].map((suffix) => join(path, `${stateFile}${suffix}`)));
  }
  const result = await terraform.run(path, ["init", "-input=false", ...COLOR_ARGUMENTS], output);
  if (result.exitCode !== 0) {
    const advice = adviceFor(
      stripVTControlCharacters(result.output),
      folder,
      terraform.env.AWS_ENDPOINT_URL ?? "",
    );
    throw new CommandError(output === "keep" ? `${result.output}\n${advice}` : advice);
  }
}

const ADVICE: readonly (readonly [RegExp, (folder: StackFolder, endpoint: string) => string])[] = [
  [
    /Backend configuration changed/i,
    ({ path }) =>
      `The backend configuration has changed since ${path} was initialized. To move the state to the new location, run: terraform -chdir=${path} init -migrate-state. If the state is already there, use -reconfigure instead.`,
  ],
  [
    /NoSuchBucket|bucket .* does not exist/i,
    ({ stateBucket = "" }) =>
      `The state bucket ${stateBucket} does not exist. Create it once: npm run deploy -- ${stateBucketStackId(stateBucket)}`,
  ],
  [
    /No valid credential sources|failed to refresh cached credentials|no EC2 IMDS role/i,
    () =>
      "There are no AWS credentials. Log in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  ],
  [
    /Cannot assume IAM Role/i,
    () =>
      "These credentials are not allowed to assume the role. Check assumeRole in the environment (and in its stateBucket): the ARN, the external ID, and that the role's trust policy names your user or role.",
  ],
  [
    /failed to get shared config profile/i,
    () =>
      "The AWS configuration on this machine has no such profile. Add it (aws configure sso), or change profile in the environment.",
  ],
  [
    /InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken|AWS account ID not allowed/i,
    () => "AWS refused the credentials. Log in again, to the account that the environment names.",
  ],
  [
    /AccessDenied|StatusCode: 403/i,
    ({ stateBucket }, endpoint) =>
      // The state bucket's policy denies all requests without TLS.
      endpoint.startsWith("http:")
        ? `The state bucket ${stateBucket} refuses plain HTTP. Use an endpoint with TLS: npm run emulator serves one.`
        : `These credentials are not allowed to use the state bucket ${stateBucket}. Ask for s3:ListBucket on it, and s3:GetObject, s3:PutObject and s3:DeleteObject on its objects.`,
  ],
  [
    /connection refused|no such host|i\/o timeout|request send failed|deadline exceeded/i,
    ({ stateBucket }) =>
      stateBucket
        ? `The state bucket ${stateBucket} cannot be reached. Check the network, the environment's region and AWS_ENDPOINT_URL.`
        : "The provider registry cannot be reached. Check the network, or name a local mirror in TF_PROVIDER_MIRROR.",
  ],
];

const PROVIDER_FAILURE = /Failed to (query available provider packages|install provider)/i;

/** Advice for an `init` that failed with this output. */
export function adviceFor(output: string, folder: StackFolder, endpoint: string): string {
  if (PROVIDER_FAILURE.test(output)) {
    return "The AWS provider cannot be installed. Check the network, or name a local mirror in TF_PROVIDER_MIRROR.";
  }
  const advice = ADVICE.find(([pattern]) => pattern.test(output));
  return advice
    ? advice[1](folder, endpoint)
    : `terraform init failed in ${folder.path}: see its message above.`;
}
