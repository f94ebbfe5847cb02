import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { table } from "../cli/table";
import { findPython } from "../emulator/python";
import { Rehearsal, withoutAws } from "../rehearsal/rehearsal";
import { ensureWritable, removeReport, writeReport } from "../rehearsal/report";
import { runPhases } from "../rehearsal/run-phases";
import { scenario } from "../rehearsal/scenario";
import { Recorder, type State } from "../rehearsal/step";
import { type EnvironmentSettings, parseEnvironments } from "../settings/environment";

/** Ignored by git: the reports, and the rehearsal's own installation. */
const OUTPUT = "rehearsal.out";

/** The width without a terminal, and the width of all columns of the table except the last. */
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

/** The settings as written, after all environments have been validated. */
function settingsOf(name: string): EnvironmentSettings {
  const environments = readEnvironments();
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
    const phases = scenario(rehearsal, only);
    await rehearsal.begin();
    removeReport(OUTPUT);
    console.log(rehearsal.description);
    const recorder = new Recorder(phases.flatMap(({ steps }) => steps));
    await runPhases(phases, recorder);
    return rehearsal.isEnding ? 1 : await report(rehearsal, recorder, { began, only });
  } finally {
    await rehearsal.end();
  }
}

/** Hides the user's AWS settings from this process and from everything that it starts. */
function leaveOutAws(): void {
  const kept = withoutAws(process.env);
  for (const name of Object.keys(process.env)) {
    if (!(name in kept)) {
      delete process.env[name];
    }
  }
  Object.assign(process.env, kept, {
    // The SDK's notice about future Node.js versions does not concern a rehearsal.
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
    // Not once(): listr2 ends the process at once when its listener is the only one.
    process.on(signal, async () => {
      for (const stream of [process.stdout, process.stderr]) {
        // With SIGHUP the terminal is gone: print nothing, but still stop what runs.
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
  const head = ["step", "outcome", "took", "result"];
  return table(head, rows, Math.max(LEAST_TEXT_WIDTH, width));
}

const program = new Command("npm run rehearse --")
  .description(
    "Runs the whole lifecycle of an environment with real Terraform and the real AWS provider against an AWS emulator on this machine. It touches no AWS account.",
  )
  .argument("[environment]", "its name", "dev")
  .addOption(
    new Option(
      "--faults [percent]",
      "the percentage of Terraform's API calls that fail; adds two steps about faults",
    )
      .preset("30")
      .argParser(percentOf),
  )
  .option(
    "--only <steps...>",
    "run only these of the steps after the deployment, such as drift teardown",
  )
  .addHelpText(
    "after",
    `\nExit codes: 0 when every step passed; 1 when a step failed, or for an error. The report is in ${OUTPUT}/.`,
  )
  .action((name: string, options: Options) => run(() => rehearse(name, options)));

program.parseAsync();
