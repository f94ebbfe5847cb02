import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { AwsAccount } from "../cli/aws-account";
import { CommandError } from "../cli/command-error";
import { ENVIRONMENTS, readEnvironments } from "../cli/environment-files";
import { environmentSource } from "../cli/environment-source";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { configurationsOf } from "../cli/synth";
import { table } from "../cli/table";
import { translateEnvironment } from "../operations/adoption/environment";
import type { Remark } from "../operations/adoption/existing";
import { importCounts } from "../operations/adoption/import-counts";
import { type ImportIds, importIds, type StackResources } from "../operations/adoption/import-ids";
import { nextSteps } from "../operations/adoption/next-steps";
import { readAccount } from "../operations/adoption/read-account";
import { type DataStore, databasesOf, dataStoresOf } from "../settings/data-stores";
import {
  type Environment,
  type EnvironmentSettings,
  parseEnvironment,
  parseEnvironments,
} from "../settings/environment";
import { stateBucketStackId } from "../settings/names";
import { buildApp } from "../stacks/app";
import { SettingsError } from "../validation/problem";

/** The table fits a terminal of 140 columns. */
const TEXT_WIDTH = 90;

interface Options {
  readonly database?: string;
  readonly cache?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly app?: string;
  readonly stateBucket?: string;
  readonly next?: boolean;
  readonly lostState?: boolean;
}

/** Writes nothing unless the environment describes exactly what exists, and is valid together with the existing ones. */
async function adopt(name: string, options: Options): Promise<number> {
  refuseMixed(options);
  if (options.next) {
    return next(name);
  }
  if (options.lostState) {
    return rebuild(name);
  }
  const sought = soughtIn(name, options);
  const app = options.app ?? appOf(options.database ?? options.cache ?? "");
  console.error(`Reading the account in ${sought.region} …`);
  const existing = await readAccount(sought);
  const { settings, refusals, remarks } = translateEnvironment(existing, {
    app,
    name,
    stateBucket: options.stateBucket ?? `${app}-${name}-terraform-state`,
    profile: options.profile,
  });
  const problems = [...refusals, ...invalid(settings)];
  if (problems.length > 0) {
    throw new CommandError(
      `${problems.length === 1 ? "1 problem blocks" : `${problems.length} problems block`} the adoption. Nothing was written.\n${report(problems)}`,
    );
  }
  const file = `environments/${name}.ts`;
  const about = "Resources that Terraform imports, as `npm run adopt` found them.";
  const source = environmentSource(name, { about, settings, comments: COMMENTS });
  writeFileSync(join(ENVIRONMENTS, `${name}.ts`), source, { flag: "wx" });
  console.log(written(file, name, settings, remarks));
  return 0;
}

const COMMENTS = {
  "database.adopted": "Remove it after the apply that imports.",
  "cache.adopted": "Remove it after the apply that imports.",
  "database.kept": "What npm run adopt -- --next replaces, step by step.",
  "cache.kept": "What npm run adopt -- --next replaces, step by step.",
};

/** Reports every problem with the command line at once. */
function soughtIn(name: string, { database, cache, profile, ...options }: Options) {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = options.region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  const taken = ["ts", "json"].filter((one) => existsSync(join(ENVIRONMENTS, `${name}.${one}`)));
  const problems = [
    ...(database || cache ? [] : ["Name what to adopt: --database ID, --cache ID or both."]),
    ...(region ? [] : ["Set the region: --region REGION, or the environment variable AWS_REGION."]),
    ...taken.map(
      (one) => `environments/${name}.${one} exists. Choose another name, or remove that file.`,
    ),
  ];
  if (region === undefined || problems.length > 0) {
    throw new CommandError(problems.join("\n"));
  }
  return { region, profile, database, cache };
}

/** `news-api` of `news-api-db`. */
function appOf(id: string): string {
  return id.replace(/-(db|database|postgres|cache|redis|valkey)$/, "");
}

/** The problems that validation finds, also together with the existing environments. */
function invalid(settings: EnvironmentSettings): Remark[] {
  try {
    parseEnvironment(settings);
    parseEnvironments([...readEnvironments(), settings]);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    return error.problems.map(({ path, must, got, instead }) => ({
      subject: path,
      found: got === undefined ? `${must}.` : `${must}; got ${got}.`,
      advice: instead,
    }));
  }
}

function report(remarks: readonly Remark[]): string {
  const rows = remarks.map(({ subject, found, advice }) => [subject, `${found}\n${advice}`]);
  return table(["of", "finding, and what to do"], rows, TEXT_WIDTH);
}

function written(
  file: string,
  name: string,
  settings: EnvironmentSettings,
  remarks: readonly Remark[],
): string {
  const imports = importCounts(parseEnvironment(settings));
  return [
    `Wrote ${file}. Terraform will import these resources and change nothing in AWS:`,
    ...imports.map(({ stackId, count }) => `  ${stackId}: ${count} to import`),
    ...(remarks.length > 0
      ? ["", "Not expressed in the settings, and left as it is:", report(remarks)]
      : []),
    "",
    `Next: if the state bucket does not exist, run npm run deploy -- ${stateBucketStackId(settings.stateBucket.name)}. Then run npm run review -- ${name} and npm run deploy -- ${name}. After the apply, remove \`adopted\` from ${file}.`,
    `To list the remaining steps and what each one costs, run: npm run adopt -- ${name} --next`,
  ].join("\n");
}

function next(name: string): number {
  const environment = named(parseEnvironments(readEnvironments()), name);
  const rows = nextSteps(environment).map(({ stackId, step, how, cost }) => [
    stackId,
    step,
    `${how}\n${cost}`,
  ]);
  console.log(
    rows.length > 0
      ? `${table(["stack", "step", "what to do, and what it costs"], rows, TEXT_WIDTH)}\nApply one step at a time. To see its plan first, run: npm run review -- ${name}`
      : "No steps are left: the environment has no settings that only an adoption needs.",
  );
  return 0;
}

/** Both options read an existing environment. */
function refuseMixed({ next, lostState, ...others }: Options): void {
  const names = { stateBucket: "state-bucket" } as Readonly<Record<string, string>>;
  const given = Object.keys(others).map((name) => `--${names[name] ?? name}`);
  const mode = next ? "--next" : "--lost-state";
  if (next && lostState) {
    throw new CommandError("Use --next or --lost-state, not both.");
  }
  if ((next || lostState) && given.length > 0) {
    throw new CommandError(
      `${mode} reads everything from the environment. Remove ${given.join(", ")}.`,
    );
  }
}

/** Prints what to import into empty states. */
async function rebuild(name: string): Promise<number> {
  const environment = named(parseEnvironments(readEnvironments()), name);
  const configurations = configurationsOf<{ readonly resource: StackResources }>((folder) =>
    buildApp([environment], folder),
  );
  console.error(`Reading the account in ${environment.region} …`);
  const account = new AwsAccount(environment);
  const stores = dataStoresOf(environment);
  const found = await Promise.all(
    stores.map(async (store) => {
      const { resource = {} } = configurations.get(store.stackId) ?? {};
      return { store, ...(await importIds(account, store.stackId, resource)) };
    }),
  );
  refuseMissingStores(environment, found);
  for (const { store, adopted } of found) {
    console.log(`// ${settingOf(store)}\nadopted: ${JSON.stringify(adopted, null, 2)},`);
  }
  const rows = found.flatMap(({ store, missing, ambiguous }) => [
    ...missing.map((address) => [store.stackId, address, "not found: the apply creates it"]),
    ...ambiguous.map(({ address, ids }) => [
      store.stackId,
      address,
      `add one of these: ${ids.join(" ")}`,
    ]),
  ]);
  if (rows.length > 0) {
    console.error(table(["stack", "resource", "not in `adopted`"], rows, TEXT_WIDTH));
  }
  console.error(afterRebuild(environment));
  return found.some(({ ambiguous }) => ambiguous.length > 0) ? 1 : 0;
}

const STORES = /^aws_(db_instance|elasticache_cluster|elasticache_replication_group)\./;

/** Without this check, the apply would create an empty data store. */
function refuseMissingStores(
  { region }: Environment,
  found: readonly (ImportIds & { readonly store: DataStore })[],
): void {
  const stores = found.flatMap(({ store, missing }) =>
    missing
      .filter((address) => STORES.test(address))
      .map((address) => `${address} of ${store.stackId}`),
  );
  if (stores.length > 0) {
    throw new CommandError(
      `Not found in ${region}: ${stores.join(", ")}. Check the account of your credentials and the region. If a data store is gone, restore it from a snapshot: docs/guides/restore-and-upgrade.md`,
    );
  }
}

function afterRebuild(environment: Environment): string {
  const { name } = environment;
  const databases = databasesOf(environment).map(({ settings }) => settings);
  const hasNewPassword = databases.some(({ credentials }) => credentials.kind === "secret");
  const hasRoles = databases.some(({ applicationUser }) => applicationUser !== undefined);
  const roles = hasRoles ? `run npm run roles -- ${name} --force and ` : "";
  return [
    `Add each \`adopted\` to its data store in environments/${name}. Then run npm run review -- ${name} and npm run deploy -- ${name}.`,
    ...(hasNewPassword
      ? [`The apply sets new passwords. Right after it, ${roles}restart the application.`]
      : []),
    "Remove `adopted` after the apply.",
  ].join("\n");
}

/** `database`, or `databases.orders` */
function settingOf({ kind, name }: DataStore): string {
  return kind === name ? kind : `${kind}s.${name}`;
}

const program = new Command("npm run adopt --")
  .description(
    "Writes environments/ENV.ts for existing data stores, so that Terraform imports them and changes nothing. It only reads from AWS.",
  )
  .argument("<environment>", "the name of the environment, such as prod")
  .option("--database <id>", "the identifier of a DB instance")
  .option("--cache <id>", "the ID of a replication group, or of a standalone cache cluster")
  .option("--region <region>", "their region (default: AWS_REGION)")
  .option("--profile <name>", "a profile in the AWS configuration")
  .option("--app <name>", "the app (default: the start of the first ID)")
  .option("--state-bucket <name>", "the bucket for the states (default: APP-ENV-terraform-state)")
  .option("--next", "list what is left to do for an adopted environment, and what each step costs")
  .option(
    "--lost-state",
    "print what to import into the empty states of an environment's data stores",
  )
  .addHelpText(
    "after",
    "\nExit codes: 0; 1 for an error, when a problem blocks the adoption (all problems are listed, and nothing is written), or when --lost-state finds several resources for one address.",
  )
  .action((name: string, options: Options) => run(() => adopt(name, options)));

program.parseAsync();
