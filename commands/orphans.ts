import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { Command } from "commander";
import { credentialsOf } from "../cli/aws-credentials";
import { CommandError } from "../cli/command-error";
import { readEnvironments } from "../cli/environment-files";
import { run } from "../cli/run";
import { table } from "../cli/table";
import { type Environment, parseEnvironments } from "../settings/environment";
import { environmentStacks } from "../settings/environment-stacks";
import { PERMISSIONS, stateKey } from "../settings/names";
import { backendAccess } from "../settings/terraform-access";

/** S3 redirects to the region of the bucket. */
const ANY_REGION = "us-east-1";

/** A state that no longer belongs to an environment. */
interface Orphan {
  readonly bucket: string;
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly lastModified: string | undefined;
}

const ADVICE = `The resources of these stacks still exist in AWS. For each stack, do one of these:
- restore the environment or the data store (git log -- environments), then destroy it: npm run destroy -- STACK
- if you renamed the environment or the data store, move the state: aws s3 mv s3://BUCKET/OLD-KEY s3://BUCKET/NEW-KEY
- if its resources are gone, delete the state: aws s3 rm s3://BUCKET/KEY`;

interface StateBucket {
  readonly s3: S3Client;
  /** Whether its absence is an error. @default - it is not: an environment may not be deployed yet */
  readonly mustExist?: true;
}

const OTHER_BUCKETS =
  "If a removed environment had another state bucket, add it: npm run orphans -- --bucket NAME";

interface Options {
  readonly json?: true;
  /** State buckets that no environment names any more. */
  readonly bucket?: readonly string[];
}

async function orphans({ json, bucket = [] }: Options): Promise<number> {
  const environments = parseEnvironments(readEnvironments());
  const known = new Set(environments.flatMap(statesOf));
  const buckets = new Map<string, StateBucket>([
    ...bucket.map((name) => [name, { s3: clientWithout(), mustExist: true }] as const),
    ...environments.map((one) => [one.stateBucket.name, { s3: clientFor(one) }] as const),
  ]);
  const states = await Promise.all([...buckets].map(([name, one]) => statesIn(name, one)));
  const found = states.flat().filter((one) => !known.has(`${one.bucket}/${one.key}`));
  if (json) {
    console.log(JSON.stringify(found, null, 2));
  } else if (found.length === 0) {
    const names = [...buckets.keys()].join(", ");
    console.log(`No orphans: every state in ${names} has a stack. ${OTHER_BUCKETS}`);
  } else {
    const rows = found.map(({ bucket, key, lastModified = "" }) => [bucket, key, lastModified]);
    console.log(`${table(["bucket", "state", "last modified"], rows)}\n${ADVICE}`);
  }
  return found.length === 0 ? 0 : 1;
}

/** The states of an environment's stacks, as BUCKET/KEY. */
function statesOf(environment: Environment): string[] {
  const keys = [
    ...environmentStacks(environment).map((stack) => stack.stateKey),
    ...(environment.pipeline ? [stateKey(environment, PERMISSIONS)] : []),
  ];
  return keys.map((key) => `${environment.stateBucket.name}/${key}`);
}

function clientFor(environment: Environment): S3Client {
  const { region = environment.region } = environment.stateBucket;
  return client({ region, credentials: credentialsOf(backendAccess(environment)) });
}

/** For a bucket that no environment names: the credentials and the region of the AWS configuration. */
function clientWithout(): S3Client {
  return client({ region: process.env.AWS_REGION || ANY_REGION, followRegionRedirects: true });
}

function client(configuration: S3ClientConfig): S3Client {
  return new S3Client({ ...configuration, forcePathStyle: !!process.env.AWS_ENDPOINT_URL });
}

/** Every state in a bucket. */
async function statesIn(Bucket: string, stateBucket: StateBucket): Promise<Orphan[]> {
  const states: Orphan[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await listed(stateBucket, Bucket, ContinuationToken);
    for (const { Key = "", LastModified } of page.Contents ?? []) {
      if (Key.endsWith(".tfstate")) {
        states.push({ bucket: Bucket, key: Key, lastModified: LastModified?.toISOString() });
      }
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return states;
}

async function listed(
  { s3, mustExist }: StateBucket,
  Bucket: string,
  ContinuationToken: string | undefined,
): Promise<ListObjectsV2CommandOutput> {
  try {
    return await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "NoSuchBucket" && mustExist) {
      throw new CommandError(
        `The bucket ${Bucket} does not exist. Correct the name in --bucket, or leave it out.`,
      );
    }
    if (name === "NoSuchBucket") {
      console.error(`The state bucket ${Bucket} does not exist yet, so it holds no states.`);
      return { $metadata: {} };
    }
    throw new CommandError(
      `The state bucket ${Bucket} cannot be listed: ${message.replace(/\.$/, "")}. Log in to its account with credentials that allow s3:ListBucket.`,
    );
  }
}

const program = new Command("npm run orphans --")
  .description("Lists the states in the state buckets that no longer belong to an environment.")
  .option("--json", "print them as JSON on stdout")
  .option("--bucket <names...>", "also read these buckets, which no environment names any more")
  .addHelpText("after", "\nExit codes: 0 no orphans; 1 orphans, or a bucket cannot be listed.")
  .action((options: Options) => run(() => orphans(options)));

program.parseAsync();
