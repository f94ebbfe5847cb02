import type { DataStore } from "./client";
import type { Environment } from "./environment";

// Names derived from an environment. Ops and state depend on them: a change needs a migration.

type Named = Pick<Environment, "app" | "name">;

/** `news-api-dev-database`: the stack's id, and its folder below `cdktf.out/stacks`. */
export function stackId({ app, name }: Named, store: DataStore): string {
  return `${app}-${name}-${store}`;
}

/** `news-api-prod-database-storage`: an alarm's name, unique in its region. */
export function alarmName(environment: Named, store: DataStore, alarm: string): string {
  return `${stackId(environment, store)}-${alarm}`;
}

/** `news-api/dev/database.tfstate`: the stack's key in the state bucket. */
export function stateKey({ app, name }: Named, store: DataStore): string {
  return `${app}/${name}/${store}.tfstate`;
}

/** `news-api/dev`: what secrets and parameters of the environment start with. */
export function pathPrefix({ app, name }: Named): string {
  return `${app}/${name}`;
}

/** `news-api-dev-monitoring`: at most 62 of the 64 characters that a role's name may have. */
export function monitoringRoleName({ app, name }: Named): string {
  return `${app}-${name}-monitoring`;
}

/** `news-api-db-for-reports`: the identifier of an instance's replica `for_reports`. */
export function replicaIdentifier(identifier: string, replica: string): string {
  return `${identifier}-${replica.replaceAll("_", "-")}`;
}

/** `state-bucket-news-api-terraform-state`; a dot, which S3 allows, has no place in a stack's id. */
export function stateBucketStackId(bucket: string): string {
  return `state-bucket-${bucket.replaceAll(".", "_")}`;
}

/** The tags of everything in an environment; its own tags override them. */
export function environmentTags({ app, name, tags }: Environment): Record<string, string> {
  return { app, environment: name, ...tags };
}
