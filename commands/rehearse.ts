import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { environments } from "../main";
import { life } from "../rehearsal/life";
import { play } from "../rehearsal/play";
import { findPython } from "../rehearsal/python";
import { Rehearsal, withoutAws } from "../rehearsal/rehearsal";
import { ensureWritable, removeReport, writeReport } from "../rehearsal/report";
import { Recorder, type State } from "../rehearsal/step";
import { type EnvironmentSettings, parseEnvironments } from "../settings/environment";
import { named } from "./named-environment";
import { run } from "./run";
import { table } from "./table";

/** Ignored by git: the reports, and what the rehearsal installs for itself. */
const OUTPUT = "rehearsal.out";

/** Of a terminal, where there is none; and of all columns of the table but the last. */
const LOG_WIDTH = 140;
const SHORT_COLUMNS = 54;
const LEAST_TEXT_WIDTH = 30;

const PAINT: Readonly<Record<State, (text: string) => string>> = {
  passed: pc.green,
  failed: pc.red,
  "not applicable": pc.dim,
  "not run": pc.yellow,
};

interface Options {
  readonly faults?: number;
  readonly only?: readonly string[];
}

/** As they were written, once all environments are known to be right. */
function settingsOf(name: string): EnvironmentSettings {
  const parsed = parseEnvironments(environments);
  return environments[parsed.indexOf(named(parsed, name))] as EnvironmentSettings;
}

async function rehearse(name: string, { faults, only }: Options): Promise<number> {
  leaveOutAws();
  const began = new Date();
  const settings = settingsOf(name);
  ensureWritable(OUTPUT);
  const python = await findPython(OUTPUT, console.error);
  const props = { settings, python, outputFolder: OUTPUT, faultPercent: faults };
  const rehearsal = new Rehearsal(props);
  endOnSignals(rehearsal);
  try {
    const acts = life(rehearsal, only);
    await rehearsal.begin();
    removeReport(OUTPUT);
    console.log(rehearsal.description);
    const recorder = new Recorder(acts.flatMap(({ steps }) => steps));
    await play(acts, recorder);
    return rehearsal.isEnding ? 1 : await report(rehearsal, recorder, { began, only });
  } finally {
    await rehearsal.end();
  }
}

/** Nothing that this process starts, and none of its own calls, sees the user's AWS settings. */
function leaveOutAws(): void {
  const kept = withoutAws(process.env);
  for (const name of Object.keys(process.env)) {
    if (!(name in kept)) {
      delete process.env[name];
    }
  }
  Object.assign(process.env, kept, {
    // The SDK's notice about the Node versions of next year is not about what is rehearsed.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  });
}

interface Played {
  readonly began: Date;
  readonly only: readonly string[] | undefined;
}

/** Prints the table and writes the report. */
async function report(
  rehearsal: Rehearsal,
  recorder: Recorder,
  { began, only }: Played,
): Promise<number> {
  console.log(tableOf(recorder));
  const leftOut = [
    ...rehearsal.leftOut,
    ...(only ? [`every step after the deployment but ${only.join(", ")}`] : []),
  ];
  for (const one of leftOut) {
    console.log(`Left out: ${one}`);
  }
  const { app, name } = rehearsal.props.settings;
  const page = writeReport(OUTPUT, {
    environment: `${app}-${name}`,
    passed: recorder.passed,
    began: began.toISOString(),
    seconds: recorder.seconds,
    versions: await rehearsal.versions(),
    leftOut,
    steps: recorder.all,
  });
  console.log(`Report: ${page}`);
  return recorder.passed ? 0 : 1;
}

/** Ctrl-C, or closing the terminal, leaves nothing behind either. */
function endOnSignals(rehearsal: Rehearsal): void {
  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    // Not once(): listr2's own listener, finding itself alone, would end the process at once.
    process.on(signal, async () => {
      for (const stream of [process.stdout, process.stderr]) {
        // With SIGHUP the terminal is gone: nobody can be told, and there is still something to stop.
        stream.on("error", () => {});
      }
      console.error("\nStopping everything …");
      await rehearsal.end();
      process.exit(exitCode);
    });
  }
}

const MOST_FAULTS = 90;

function percentOf(text: string): number {
  const percent = Number(text);
  if (!/^\d+$/.test(text) || percent > MOST_FAULTS) {
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${MOST_FAULTS}.`);
  }
  return percent;
}

function tableOf(recorder: Recorder): string {
  const rows = recorder.all.map(({ name, state, seconds, seen }) => [
    name,
    PAINT[state](state),
    state === "not run" ? "" : `${Math.round(seconds)} s`,
    seen.text,
  ]);
  const width = (process.stdout.columns ?? LOG_WIDTH) - SHORT_COLUMNS;
  const head = ["step", "outcome", "took", "what was seen"];
  return table(head, rows, Math.max(LEAST_TEXT_WIDTH, width));
}

const program = new Command("npm run rehearse --")
  .description(
    "Plays the whole life of an environment with real Terraform and the real AWS provider against an AWS emulator on this machine. No AWS account is touched.",
  )
  .argument("[environment]", "its name", "dev")
  .addOption(
    new Option(
      "--faults [percent]",
      "how many of a hundred of Terraform's calls fail, as AWS's do; with two more steps about faults",
    )
      .preset("30")
      .argParser(percentOf),
  )
  .option(
    "--only <steps...>",
    "of what follows the deployment, play just these steps, such as drift goodbye",
  )
  .addHelpText(
    "after",
    `\nExit codes: 0 when every step passed; 1 when one failed, or with one message. The report is in ${OUTPUT}/.`,
  )
  .action((name: string, options: Options) => run(() => rehearse(name, options)));

program.parseAsync();
