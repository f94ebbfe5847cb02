import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Rehearsal } from "../rehearsal";
import { expectThat, type Step } from "../step";
import { expectOnlyBucketMissing } from "./preflight";

/** The state-bucket stack, and what S3 says of the bucket afterwards. */
export function bootstrap(rehearsal: Rehearsal): Step {
  return {
    name: "bootstrap",
    title: "Create the state bucket",
    async run(progress) {
      const { workspace, emulator } = rehearsal.place;
      const stack = workspace.stack("state-bucket", progress);
      progress("preflight: only the bucket is missing");
      const made = expectOnlyBucketMissing(rehearsal.place)
        .then(() => stack.init())
        .then(() => stack.apply());
      // Steps that wait for the bucket need not wait any longer.
      made.catch(() => {
        rehearsal.bucketFailed = true;
      });
      const { work } = await made;
      const s3 = new S3Client(emulator.clientConfig);
      await readBack(s3, workspace.environment.stateBucket);
      return { text: "versioned, encrypted, not public and TLS only, as S3 reports it", work };
    },
  };
}

interface Bucket {
  readonly name: string;
  readonly kmsKeyArn?: string | undefined;
}

async function readBack(s3: S3Client, { name: Bucket, kmsKeyArn }: Bucket): Promise<void> {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
  expectThat(Status === "Enabled", `${Bucket} is not versioned: ${Status}`);
  const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  const [rule] = encryption.ServerSideEncryptionConfiguration?.Rules ?? [];
  const algorithm = rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
  const asked = kmsKeyArn ? "aws:kms" : "AES256";
  expectThat(algorithm === asked, `${Bucket} is encrypted with ${algorithm}, not with ${asked}`);
  const { PublicAccessBlockConfiguration: block } = await s3.send(
    new GetPublicAccessBlockCommand({ Bucket }),
  );
  const closed = Object.values(block ?? {});
  expectThat(
    closed.length === 4 && closed.every(Boolean),
    `${Bucket} does not block every kind of public access: ${JSON.stringify(block)}`,
  );
  const { Policy = "{}" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  const [statement] = JSON.parse(Policy).Statement ?? [];
  expectThat(
    statement?.Effect === "Deny" && statement.Condition?.Bool?.["aws:SecureTransport"] === "false",
    `${Bucket} accepts requests without TLS: ${Policy}`,
  );
}
