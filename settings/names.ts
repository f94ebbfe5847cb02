import { createHash } from "node:crypto";

// Names derived from an environment. Operators and states depend on them: a change needs a migration.

interface Named {
  readonly app: string;
  readonly name: string;
}

/** `news-api-dev-database`: the ID of a data store's stack, and its folder below `cdktf.out/stacks`. */
export function stackId({ app, name }: Named, store: string): string {
  return `${app}-${name}-${store}`;
}

/** `news-api/dev/database.tfstate`: the key of a data store's state in the state bucket. */
export function stateKey(environment: Named, store: string): string {
  return `${storePath(environment, store)}.tfstate`;
}

/** `news-api/dev/database`: the prefix of the names of a data store's secrets. */
export function storePath({ app, name }: Named, store: string): string {
  return `${app}/${name}/${store}`;
}

/** The end of the ID and the state key of the stack with the pipeline's roles. No data store may have this name. */
export const PERMISSIONS = "permissions";

/** The end of the ID and the state key of the bastion's stack. No data store may have this name. */
export const BASTION = "bastion";

/** `news-api-dev-plan`: the role of the pipeline that plans. */
export function roleName({ app, name }: Named, role: "plan" | "apply"): string {
  return `${app}-${name}-${role}`;
}

/** `news-api-prod-database-storage`: an alarm's name, unique in its region. */
export function alarmName(stack: string, alarm: string): string {
  return `${stack}-${alarm}`;
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
const LONGEST_ROLE_NAME = 64;
const MONITORING = "-monitoring";
const HASH_LENGTH = 8;

/** `news-api-dev-database-monitoring`; a stack ID that is too long for a role's name is truncated, and a hash keeps it unique. */
export function monitoringRoleName(stack: string): string {
  const longest = LONGEST_ROLE_NAME - MONITORING.length;
  if (stack.length <= longest) {
    return `${stack}${MONITORING}`;
  }
  const hash = createHash("sha256").update(stack).digest("hex").slice(0, HASH_LENGTH);
  return `${stack.slice(0, longest - HASH_LENGTH - 1)}-${hash}${MONITORING}`;
}

/** `news-api-db-for-reports`: the identifier of an instance's replica `for_reports`. */
export function replicaIdentifier(identifier: string, replica: string): string {
  return `${identifier}-${replica.replaceAll("_", "-")}`;
}

/** The identifiers of a database's instance and of its read replicas. */
export function instanceIdentifiers({
  identifier,
  readReplicas,
}: {
  readonly identifier: string;
  readonly readReplicas: Readonly<Record<string, unknown>>;
}): string[] {
  const replicas = Object.keys(readReplicas);
  return [identifier, ...replicas.map((replica) => replicaIdentifier(identifier, replica))];
}

/** `news-api-cache-001`, …: ElastiCache numbers the nodes of a replication group from 001. */
export function groupNodeIds(group: string, nodes: number): string[] {
  return Array.from(
    { length: nodes },
    (_, index) => `${group}-${String(index + 1).padStart(3, "0")}`,
  );
}

/** `state-bucket-news-api-terraform-state`; a stack ID cannot contain a dot, but a bucket name can. */
export function stateBucketStackId(bucket: string): string {
  return `state-bucket-${bucket.replaceAll(".", "_")}`;
}

/** The tags of everything in an environment; its own tags override them. */
export function environmentTags({
  app,
  name,
  tags,
}: Named & { readonly tags: Readonly<Record<string, string>> }): Record<string, string> {
  return { app, environment: name, ...tags };
}
