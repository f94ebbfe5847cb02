import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
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

/** A state that no longer belongs to an environment. */
interface Orphan {
  readonly bucket: string;
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly lastModified: string | undefined;
}

const ADVICE = `The resources of these stacks still exist in AWS. For each stack, do one of these:
- restore the environment or the data store (git log -- environments), then destroy it: npm run destroy -- STACK
- if it moved, move the state: aws s3 mv s3://BUCKET/OLD-KEY s3://BUCKET/NEW-KEY
- if its resources are gone, delete the state: aws s3 rm s3://BUCKET/KEY`;

async function orphans({ json = false }: { readonly json?: boolean }): Promise<number> {
  const environments = parseEnvironments(readEnvironments());
  const known = environments.flatMap((environment) => [
    ...environmentStacks(environment).map((stack) => stack.stateKey),
    ...(environment.pipeline ? [stateKey(environment, PERMISSIONS)] : []),
  ]);
  const buckets = new Map(environments.map((one) => [one.stateBucket.name, one]));
  const states = await Promise.all([...buckets.values()].map(statesIn));
  const found = states.flat().filter(({ key }) => !known.includes(key));
  if (json) {
    console.log(JSON.stringify(found, null, 2));
  } else if (found.length === 0) {
    console.log(`No orphans: every state in ${[...buckets.keys()].join(", ")} has a stack.`);
  } else {
    const rows = found.map(({ bucket, key, lastModified = "" }) => [bucket, key, lastModified]);
    console.log(`${table(["bucket", "state", "last modified"], rows)}\n${ADVICE}`);
  }
  return found.length === 0 ? 0 : 1;
}

/** Every state in the bucket of an environment. */
async function statesIn(environment: Environment): Promise<Orphan[]> {
  const { name: Bucket, region = environment.region } = environment.stateBucket;
  const credentials = credentialsOf(backendAccess(environment));
  const s3 = new S3Client({ region, credentials, forcePathStyle: !!process.env.AWS_ENDPOINT_URL });
  const states: Orphan[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await listed(s3, Bucket, ContinuationToken);
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
  s3: S3Client,
  Bucket: string,
  ContinuationToken: string | undefined,
): Promise<ListObjectsV2CommandOutput> {
  try {
    return await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
  } catch (error) {
    const { name, message } = error as Error;
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
  .addHelpText("after", "\nExit codes: 0 no orphans; 1 orphans, or a bucket cannot be listed.")
  .action((options: { json?: boolean }) => run(() => orphans(options)));

program.parseAsync();
