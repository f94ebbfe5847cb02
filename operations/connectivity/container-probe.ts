import { reportOf, testConnection } from "./connection-test";
import { type StoreVariables, urlIn } from "./store-url";
import { targetOf } from "./target";

// The program of the task in `task-definition.ts`. It is bundled, so it imports neither settings nor constructs.

/** The last argument of the container's command. */
export interface ProbeArguments {
  readonly environment: string;
  readonly timeoutMs: number;
  readonly stores: readonly { readonly stack: string; readonly variables: StoreVariables }[];
}

async function main({ environment, timeoutMs, stores }: ProbeArguments): Promise<void> {
  const tested = await Promise.all(
    stores.map(({ stack, variables }) => {
      const target = targetOf(variables.url, urlIn(process.env, variables));
      return testConnection(target, { environment, stack, inTask: true }, timeoutMs);
    }),
  );
  console.log(reportOf(tested));
  process.exitCode = tested.every(({ passed }) => passed) ? 0 : 1;
}

main(JSON.parse(process.argv.at(-1) ?? ""));
