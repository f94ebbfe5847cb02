import { App } from "cdktf";
import { bastionsOf } from "../settings/bastion";
import { cachesOf, databasesOf } from "../settings/data-stores";
import type { Environment } from "../settings/environment";
import { PERMISSIONS, stackId } from "../settings/names";
import { BastionStack } from "./bastion-stack";
import { CacheStack } from "./cache-stack";
import { DatabaseStack } from "./database-stack";
import { PermissionsStack } from "./permissions-stack";
import { StateBucketStack } from "./state-bucket-stack";
import { stateBucketsOf } from "./state-buckets";

/**
 * The CDKTF app: one stack for each state bucket and each data store, and for each environment's bastion and pipeline
 * roles.
 * @param outdir the folder to write the stacks to. @default - cdktf's default (`cdktf.out`, or the folder that its CLI sets)
 */
export function buildApp(environments: readonly Environment[], outdir?: string): App {
  const app = new App({ outdir });
  for (const { id, ...props } of stateBucketsOf(environments)) {
    new StateBucketStack(app, id, props);
  }
  for (const environment of environments) {
    for (const store of databasesOf(environment)) {
      new DatabaseStack(app, store.stackId, { environment, store });
    }
    for (const store of cachesOf(environment)) {
      new CacheStack(app, store.stackId, { environment, store });
    }
    for (const bastion of bastionsOf(environment)) {
      new BastionStack(app, bastion.stackId, { environment, bastion });
    }
    const { pipeline } = environment;
    if (pipeline) {
      new PermissionsStack(app, stackId(environment, PERMISSIONS), { environment, pipeline });
    }
  }
  return app;
}
