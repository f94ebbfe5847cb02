import { containerEntries } from "../../cli/container-entries";
import { revealed } from "../../cli/dotenv-file";
import { type DataStore, dataStoresOf, partVariables } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";
import { providerAccess } from "../../settings/terraform-access";
import { reportOf, testConnection } from "./connection-test";
import { outputsOf } from "./store-outputs";
import { type StoreVariables, urlIn } from "./store-url";
import { targetOf } from "./target";
import { runTaskCommand, taskDefinition } from "./task-definition";

export const ORIGINS = ["here", "variables", "task"] as const;
const TIMEOUT_SECONDS = 5;
const MS = 1000;

export interface TestOptions {
  /** Where the test runs, and so where the URLs come from. @default "here" */
  readonly from?: (typeof ORIGINS)[number];
  readonly json?: true;
  /** A CA bundle instead of the file in the URL. */
  readonly ca?: string;
  /** Seconds for each step. @default 5 */
  readonly timeout?: number;
  readonly cluster?: string;
  readonly image?: string;
}

function variablesOf({ urlVariable }: DataStore): StoreVariables {
  return { url: urlVariable, parts: partVariables(urlVariable) };
}

/** Tests all data stores concurrently and prints the report; the exit code is 1 when a check failed. */
export async function testEnvironment(
  environment: Environment,
  { from = "here", json, ca, timeout = TIMEOUT_SECONDS }: TestOptions,
): Promise<number> {
  const values = from === "variables" ? process.env : await readValues(environment);
  const targets = dataStoresOf(environment).map((store) => {
    const variables = variablesOf(store);
    return { store, target: targetOf(variables.url, urlIn(values, variables), ca) };
  });
  const tested = await Promise.all(
    targets.map(async ({ store: { name, stackId }, target }) => {
      const place = {
        environment: environment.name,
        stack: stackId,
        inTask: from === "variables",
      };
      return { store: name, ...(await testConnection(target, place, timeout * MS)) };
    }),
  );
  const passed = tested.every((one) => one.passed);
  const result = { environment: `${environment.app}-${environment.name}`, passed, stores: tested };
  console.log(json ? JSON.stringify(result, null, 2) : reportOf(tested));
  return passed ? 0 : 1;
}

async function readValues(environment: Environment): Promise<Record<string, string>> {
  const stores = await outputsOf(environment);
  const entries = containerEntries(stores.map(({ outputs }) => outputs));
  const values = await revealed(entries, providerAccess(environment));
  return Object.fromEntries(values.map(({ name, value }) => [name, value]));
}

/** Writes the task definition, and prints the command that runs it and how to read the report. */
export async function printTask(
  environment: Environment,
  { cluster, image, timeout = TIMEOUT_SECONDS }: TestOptions,
): Promise<number> {
  const stores = await outputsOf(environment);
  const definition = await taskDefinition({
    environment,
    image,
    entries: containerEntries(stores.map(({ outputs }) => outputs)),
    probe: {
      environment: environment.name,
      timeoutMs: timeout * MS,
      stores: stores.map(({ store }) => ({
        stack: store.stackId,
        variables: variablesOf(store),
      })),
    },
  });
  console.log(runTaskCommand(environment, definition, cluster));
  console.error(
    `The image needs Node.js 20 or later, and the CA bundle if the URL says verify-full; the execution role needs logs:CreateLogGroup. The report: aws logs tail /ecs/${definition.family} --since 10m`,
  );
  return 0;
}
