import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { ifThere } from "../../../cli/if-there";
import type { Environment } from "../../../settings/environment";
import { stateBucketStackId } from "../../../settings/names";
import { type Check, ensure, PreflightFailure } from "../check";

/** The state bucket exists in the backend's region and is safe to use. */
export function stateBucket(environment: Environment): Check {
  const { name, region = environment.region } = environment.stateBucket;
  const deploy = `Deploy its stack: npm run deploy -- ${stateBucketStackId(name)}`;
  return {
    id: "state-bucket",
    subject: environment.name,
    async run({ stateS3 }) {
      await existsIn(stateS3, { name, region, deploy });
      const { Status } = await stateS3.send(new GetBucketVersioningCommand({ Bucket: name }));
      ensure(
        Status === "Enabled",
        `The bucket ${name} is not versioned: a damaged state could not be restored.`,
        deploy,
      );
      ensure(await isEncrypted(stateS3, name), `The bucket ${name} is not encrypted.`, deploy);
      ensure(await isPrivate(stateS3, name), `The bucket ${name} may become public.`, deploy);
      return `${name} in ${region}: versioned, encrypted, not public`;
    },
  };
}

interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly deploy: string;
}

async function existsIn(s3: S3Client, { name, region, deploy }: Bucket): Promise<void> {
  const { BucketRegion = region } = await s3
    .send(new HeadBucketCommand({ Bucket: name }))
    .catch((error) => {
      const { name: code, $metadata } = error;
      if (code === "NotFound" || $metadata?.httpStatusCode === 404) {
        throw new PreflightFailure(`The bucket ${name} does not exist.`, deploy);
      }
      if ($metadata?.httpStatusCode === 301) {
        throw elsewhere(name, region, "another region");
      }
      throw error;
    });
  if (BucketRegion !== region) {
    throw elsewhere(name, region, BucketRegion);
  }
}

function elsewhere(name: string, region: string, found: string): PreflightFailure {
  return new PreflightFailure(
    `The bucket ${name} is in ${found}, not in ${region}.`,
    "Set stateBucket.region to its region.",
  );
}

async function isEncrypted(s3: S3Client, Bucket: string): Promise<boolean> {
  const found = await ifThere(
    s3.send(new GetBucketEncryptionCommand({ Bucket })),
    /^ServerSideEncryptionConfigurationNotFoundError$/,
  );
  return (found?.ServerSideEncryptionConfiguration?.Rules ?? []).length > 0;
}

async function isPrivate(s3: S3Client, Bucket: string): Promise<boolean> {
  const found = await ifThere(
    s3.send(new GetPublicAccessBlockCommand({ Bucket })),
    /^NoSuchPublicAccessBlockConfiguration$/,
  );
  const switches = Object.values(found?.PublicAccessBlockConfiguration ?? {});
  return switches.length === 4 && switches.every((on) => on === true);
}
