import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { CacheCluster } from "@aws-sdk/client-elasticache";
import execa from "execa";
import type { DataStore } from "../../settings/client";
import { textOf } from "../as-asked";
import type { Emulator } from "../emulator";
import { INTENDED_DIFFERENCES } from "../intended-differences";
import { type Inventoried, Inventory, ruleText } from "../inventory";
import { type Rehearsal, withoutAws } from "../rehearsal";
import { expectThat, type Rule, type Step } from "../step";

const SCRIPT = resolve(__dirname, "..", "chapter.sh");

const CHAPTER_REGION = "us-east-1";

/** The names that the chapter gives. */
const CHAPTER: Inventoried = {
  network: { vpcId: "default" },
  clients: {},
  database: { identifier: "news-api-db", port: 5432 },
  cache: { kind: "cluster", clusterId: "news-api-cache", port: 6379 },
};

/** The chapter's own commands, in an account of their own. */
export function byHand(rehearsal: Rehearsal, made: { emulator?: Emulator }): Step {
  return {
    name: "by-hand",
    title: "Make the same by the chapter's commands, in another account",
    async run(say) {
      say("starting another account");
      made.emulator = await rehearsal.newEmulator(CHAPTER_REGION);
      const script = readFileSync(SCRIPT, "utf8");
      const commands = script.match(/(^|\()aws /gm)?.length ?? 0;
      say(`running ${commands} commands of the AWS CLI`);
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
      return { text: `${commands} commands of the AWS CLI, as they stand in the chapter` };
    },
  };
}

/** What the chapter's reader has, next to what the environment has: every difference has a reason. */
export function comparison(rehearsal: Rehearsal, made: { emulator?: Emulator }): Step {
  return {
    name: "comparison",
    title: "Compare ours with the chapter's, attribute by attribute",
    async run(say) {
      expectThat(made.emulator !== undefined, "The chapter's commands did not run.");
      const ours = await rehearsal.copy("comparison", say);
      const theirs = new Inventory(made.emulator, CHAPTER);
      const compared = [
        ...compare("database", await theirs.instance(), await ours.inventory.instance()),
        ...compare("cache", await node(theirs), await node(ours.inventory)),
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
            title: "What differs from the chapter's, and why",
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
  /** Undefined when nobody has thought of one. */
  readonly reason: string | undefined;
}

async function node(inventory: Inventory): Promise<CacheCluster> {
  const [first = {}] = await inventory.cacheNodes();
  return first;
}

export function compare(store: DataStore, theirs: object, ours: object): Compared[] {
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

/** Ours are what the clients ask for: the step that asks AWS has made sure of that. */
function reasonOfRule({ port, store }: Rule, isOurs: boolean): string {
  if (isOurs) {
    return "a client of the environment";
  }
  return port === CHAPTER[store].port
    ? "no client of the environment"
    : "the chapter opens ports in the default security group, which both data stores share there";
}
