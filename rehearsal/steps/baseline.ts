import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import execa from "execa";
import type { Emulator } from "../../emulator/emulator";
import type { StoreKind } from "../../settings/data-stores";
import { textOf } from "../expected-state";
import { INTENDED_DIFFERENCES } from "../intended-differences";
import { type Inventoried, Inventory, ruleText } from "../inventory";
import { type DeployedAccount, type Rehearsal, withoutAws } from "../rehearsal";
import { expectThat, type Rule, type Step } from "../step";

const SCRIPT = resolve(__dirname, "..", "baseline.sh");

export const CHAPTER_REGION = "us-east-1";

const DATABASE = {
  kind: "database",
  name: "database",
  settings: { identifier: "news-api-db", port: 5432 },
} as const;
const CACHE = {
  kind: "cache",
  name: "cache",
  settings: { kind: "cluster", clusterId: "news-api-cache", port: 6379 },
} as const;
const PORTS: Readonly<Record<string, number>> = { database: 5432, cache: 6379 };

/** The IDs that the chapter gives. */
export const CHAPTER_STORES = {
  database: DATABASE.settings.identifier,
  cache: CACHE.settings.clusterId,
};

const CHAPTER: Inventoried = {
  network: { vpcId: "default" },
  clients: {},
  stores: [DATABASE, CACHE],
};

/** The chapter's own commands, in a separate account. */
export function deployBaseline(rehearsal: Rehearsal, made: { emulator?: Emulator }): Step {
  return {
    name: "deploy-baseline",
    title: "Deploy the baseline: the chapter's AWS CLI commands, in another account",
    async run(progress) {
      progress("starting another account");
      made.emulator = await rehearsal.newEmulator(CHAPTER_REGION);
      const script = readFileSync(SCRIPT, "utf8");
      const commands = script.match(/(^|\()aws /gm)?.length ?? 0;
      progress(`running ${commands} commands of the AWS CLI`);
      const env = {
        ...withoutAws(process.env),
        ...made.emulator.env,
        AWS: rehearsal.props.python.aws,
      };
      // Version 1 of the CLI sends RDS in us-east-1 to AWS itself, whatever AWS_ENDPOINT_URL says.
      const aws = 'aws() { command "$AWS" --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }';
      const bash = ["-eu", "-o", "pipefail", "-c", `${aws}; . "${SCRIPT}"`];
      const { failed, all } = await execa("bash", bash, {
        env: { ...env, AWS_PAGER: "" },
        extendEnv: false,
        reject: false,
        all: true,
      });
      expectThat(!failed, `The chapter's commands failed: ${all?.trim()}`);
      return { text: `${commands} AWS CLI commands, unchanged from the chapter` };
    },
  };
}

/** Compares the chapter's data stores with the environment's: every difference has a reason. */
export function compareBaseline(rehearsal: Rehearsal, made: { emulator?: Emulator }): Step {
  return {
    name: "compare-baseline",
    title: "Compare with the baseline, attribute by attribute",
    async run(progress) {
      expectThat(made.emulator !== undefined, "The chapter's commands did not run.");
      const ours = await rehearsal.copy("compare-baseline", progress);
      const theirs = new Inventory(made.emulator, CHAPTER);
      const compared = [
        ...(await compareDatabases(theirs, ours)),
        ...(await compareCaches(theirs, ours)),
        ...compareRules(await theirs.rules(), await ours.inventory.rules()),
      ];
      const unlisted = compared.filter(({ reason }) => reason === undefined);
      expectThat(
        unlisted.length === 0,
        `Differs without a reason (rehearsal/intended-differences.ts): ${unlisted.map(({ attribute, ...one }) => `${attribute} is ${one.ours}, the chapter's is ${one.theirs}`).join("; ")}`,
      );
      return {
        text: `${compared.length} differences, each intended`,
        tables: [
          {
            title: "Differences from the baseline, and why",
            head: ["attribute", "chapter", "here", "why"],
            rows: compared.map((one) => [one.attribute, one.theirs, one.ours, one.reason ?? ""]),
          },
        ],
      };
    },
  };
}

interface Compared {
  readonly attribute: string;
  readonly theirs: string;
  readonly ours: string;
  /** Undefined for a difference without an explanation. */
  readonly reason: string | undefined;
}

/** The first of the environment's databases stands for all. */
async function compareDatabases(theirs: Inventory, { workspace, inventory }: DeployedAccount) {
  const [first] = workspace.databases;
  if (!first) {
    return [];
  }
  const ours = await inventory.instance(first.settings.identifier);
  return compare("database", await theirs.instance(DATABASE.settings.identifier), ours);
}

async function compareCaches(theirs: Inventory, { workspace, inventory }: DeployedAccount) {
  const [first] = workspace.caches;
  if (!first) {
    return [];
  }
  const [[node = {}], [other = {}]] = await Promise.all([
    theirs.cacheNodes(CACHE),
    inventory.cacheNodes(first),
  ]);
  return compare("cache", node, other);
}

export function compare(store: StoreKind, theirs: object, ours: object): Compared[] {
  const [left, right] = [theirs, ours].map((one) => one as Record<string, unknown>);
  const attributes = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return [...attributes]
    .map((attribute) => ({
      attribute: `${store} ${attribute}`,
      theirs: textOf(left?.[attribute]),
      ours: textOf(right?.[attribute]),
      reason: INTENDED_DIFFERENCES[store][attribute],
    }))
    .filter((one) => one.theirs !== one.ours);
}

/** Who reaches which port, whatever the groups are called. */
export function compareRules(theirs: readonly Rule[], ours: readonly Rule[]): Compared[] {
  const [left, right] = [theirs, ours].map((rules) => new Set(rules.map(ruleText)));
  const all = new Map([...theirs, ...ours].map((rule) => [ruleText(rule), rule]));
  return [...all]
    .filter(([text]) => left?.has(text) !== right?.has(text))
    .map(([text, rule]) => ({
      attribute: `rule ${text}`,
      theirs: left?.has(text) ? "yes" : "–",
      ours: right?.has(text) ? "yes" : "–",
      reason: reasonOfRule(rule, right?.has(text) === true),
    }));
}

/** Our rules are those of the clients: the step verify-deployment has checked this. */
function reasonOfRule({ port, store }: Rule, isOurs: boolean): string {
  if (isOurs) {
    return "a client of the environment";
  }
  return port === PORTS[store]
    ? "no client of the environment"
    : "the chapter opens ports in the default security group, which both data stores share there";
}
