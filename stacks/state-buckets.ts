import type { Environment } from "../settings/environment";
import { stateBucketStackId } from "../settings/names";
import type { StateBucketSettings } from "../settings/state-bucket";
import { bucketStackAccess, type TerraformAccess } from "../settings/terraform-access";

/** A bucket that environments name, and the properties of its stack. */
export interface StateBucketOfEnvironments {
  readonly id: string;
  readonly bucket: StateBucketSettings;
  readonly region: string;
  readonly access: TerraformAccess;
  readonly tags: Readonly<Record<string, string>>;
}

/** Each bucket once, however many environments share it. */
export function stateBucketsOf(environments: readonly Environment[]): StateBucketOfEnvironments[] {
  const sharing = new Map<string, Environment[]>();
  for (const environment of environments) {
    const { name } = environment.stateBucket;
    const others = sharing.get(name);
    if (others) {
      others.push(environment);
    } else {
      sharing.set(name, [environment]);
    }
  }
  return [...sharing.values()].map(stateBucketOf);
}

/** parseEnvironments() has verified that the environments agree on the bucket. */
function stateBucketOf(sharing: readonly Environment[]): StateBucketOfEnvironments {
  const { region, stateBucket: bucket } = sharing[0] as Environment;
  return {
    id: stateBucketStackId(bucket.name),
    bucket,
    region: bucket.region ?? region,
    access: sharedAccess(sharing.map(bucketStackAccess)),
    tags: {
      app: joined(sharing, "app"),
      environment: joined(sharing, "name"),
      ...sharedTags(sharing.map(({ tags }) => tags)),
    },
  };
}

/** Environments may use one bucket with different roles. The bucket's stack then has none: apply it with credentials that may create the bucket. */
function sharedAccess([first = {}, ...others]: readonly TerraformAccess[]): TerraformAccess {
  const isShared = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  return isShared ? first : { account: first.account };
}

/** The tags that all environments share, such as those that the organization requires. */
function sharedTags([first = {}, ...others]: readonly Readonly<Record<string, string>>[]) {
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => others.every((tags) => tags[key] === value)),
  );
}

// https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
const LONGEST_TAG = 256;

function joined(environments: readonly Environment[], key: "app" | "name"): string {
  const names = [...new Set(environments.map((environment) => environment[key]))];
  const text = names.join("+");
  return text.length <= LONGEST_TAG ? text : `${names[0]}+${names.length - 1} more`;
}
