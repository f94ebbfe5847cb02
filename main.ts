import { App } from "cdktf";
import { run } from "./commands/run";
import { synthesise } from "./commands/synth";
import { todayInUtc, warn } from "./commands/warnings";
import { dev } from "./environments/dev";
import { prod } from "./environments/prod";
import { type Environment, parseEnvironments } from "./settings/environment";
import { stackId } from "./settings/names";
import { stateBucketsOf } from "./settings/state-bucket";
import { CacheStack } from "./stacks/cache-stack";
import { DatabaseStack } from "./stacks/database-stack";
import { StateBucketStack } from "./stacks/state-bucket-stack";

/** Every environment of the app; add a file in `environments/`, then its name here. */
export const environments = [dev, prod];

/**
 * Every environment → its stacks.
 * @param outdir where to write them; cdktf's own choice (`cdktf.out`, or what its CLI says) when left out.
 */
export function buildApp(environments: readonly Environment[], outdir?: string): App {
  const app = new App({ outdir });
  for (const { id, ...props } of stateBucketsOf(environments)) {
    new StateBucketStack(app, id, props);
  }
  for (const environment of environments) {
    new DatabaseStack(app, stackId(environment, "database"), environment);
    new CacheStack(app, stackId(environment, "cache"), environment);
  }
  return app;
}

if (require.main === module) {
  run(() => {
    const parsed = parseEnvironments(environments);
    warn(parsed, todayInUtc());
    const app = buildApp(parsed);
    const stacks = synthesise(app);
    console.log(`${stacks.length} stacks in ${app.outdir}/stacks:\n  ${stacks.join("\n  ")}`);
    return 0;
  });
}
