import type { DataStore } from "./client";
import type { Environment } from "./environment";

// Names derived from an environment. Ops and state depend on them: a change needs a migration.

type Named = Pick<Environment, "app" | "name">;

/** `news-api-dev-database`: the stack's id, and its folder below `cdktf.out/stacks`. */
export function stackId({ app, name }: Named, store: DataStore): string {
  return `${app}-${name}-${store}`;
}

/** `news-api/dev/database.tfstate`: the stack's key in the state bucket. */
export function stateKey({ app, name }: Named, store: DataStore): string {
  return `${app}/${name}/${store}.tfstate`;
}

/** `news-api/dev`: what secrets and parameters of the environment start with. */
export function pathPrefix({ app, name }: Named): string {
  return `${app}/${name}`;
}

/** `state-bucket-news-api-terraform-state`; a dot, which S3 allows, has no place in a stack's id. */
export function stateBucketStackId(bucket: string): string {
  return `state-bucket-${bucket.replaceAll(".", "_")}`;
}

/** The tags of everything in an environment; its own tags override them. */
export function environmentTags({ app, name, tags }: Environment): Record<string, string> {
  return { app, environment: name, ...tags };
}
