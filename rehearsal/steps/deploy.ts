import { setTimeout as sleep } from "node:timers/promises";
import { GetBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import type { DataStore } from "../../settings/data-stores";
import type { Rehearsal } from "../rehearsal";
import { expectThat, type Step, StepFailure } from "../step";
import type { Progress } from "../workspace";

/** Only a hanging bootstrap takes this long, also on a busy machine. */
const BUCKET_SECONDS = 1200;

/** Deploys a data store from an empty state. */
export function deploy(rehearsal: Rehearsal, store: DataStore): Step {
  return {
    name: `deploy-${store.name}`,
    title: `Deploy ${titleOf(store)}`,
    async run(progress) {
      await versionedBucket(rehearsal, progress);
      const stack = rehearsal.place.workspace.stack(store, progress);
      await stack.init();
      await stack.validate();
      const { changes } = await stack.plan();
      const { work } = await stack.apply();
      const planned = changes.filter(({ action }) => action === "create").length;
      return {
        text: `init (S3 backend, native lock), validate, plan (${planned} to create), apply`,
        work,
        tables: [
          {
            title: `Resources that the plan of ${stack.id} creates`,
            head: ["resource", "action"],
            rows: changes
              .filter(({ action }) => action !== "read")
              .map(({ address, action }) => [address, action])
              .sort(),
          },
        ],
      };
    },
  };
}

/** `the database`, or `the database orders`. */
function titleOf({ kind, name }: DataStore): string {
  return name === kind ? `the ${kind}` : `the ${kind} ${name}`;
}

/** The backend needs the bucket and its versions; the rest of its stack may go on meanwhile. */
async function versionedBucket(rehearsal: Rehearsal, progress: Progress): Promise<void> {
  const { emulator, workspace } = rehearsal.place;
  const s3 = new S3Client(emulator.clientConfig);
  const Bucket = workspace.environment.stateBucket.name;
  progress(`waiting for the bucket ${Bucket}`);
  for (let tenths = 0; tenths < BUCKET_SECONDS * 10; tenths += 5) {
    if (await isVersioned(s3, Bucket)) {
      return;
    }
    expectThat(
      !rehearsal.bucketFailed,
      `There is no bucket ${Bucket} for the state. See the step bootstrap.`,
    );
    await sleep(500);
  }
  throw new StepFailure(`The bucket ${Bucket} did not exist after ${BUCKET_SECONDS} s.`);
}

async function isVersioned(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    return (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status === "Enabled";
  } catch (error) {
    if ((error as Error).name === "NoSuchBucket") {
      return false;
    }
    throw error;
  }
}
