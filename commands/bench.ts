import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { Command } from "commander";
import { run } from "../cli/run";
import { table } from "../cli/table";

const ROOT = resolve(__dirname, "..");
/** Runs of each command, alternating with the others. The median counts. */
const RUNS = 7;
const RUNS_OF_MANY = 3;
const ENVIRONMENTS = 500;
const NOT_COPIED = ["node_modules", "cdktf.out", "rehearsal.out", "environments", "__tests__"];

interface Work {
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The limit as a multiple of bare Node.js, or in seconds. */
  readonly goal: string;
}

interface Measured {
  readonly seconds: number;
  /** The peak memory of the process, in MB. */
  readonly megabytes: number;
}

const median = (values: readonly number[]) =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Measures commands alternately, so that other load on the machine affects all of them. */
function measure(works: readonly Pick<Work, "args" | "cwd">[], runs: number): Measured[] {
  for (const work of works) {
    // The first run builds the bundle.
    timeOf(work);
  }
  const seconds = works.map((): number[] => []);
  for (let turn = 0; turn < runs; turn++) {
    console.error(`Run ${turn + 1} of ${runs} of ${works.length} commands …`);
    works.forEach((work, index) => {
      seconds[index]?.push(timeOf(work));
    });
  }
  return works.map((work, index) => ({
    seconds: median(seconds[index] ?? []),
    megabytes: memoryOf(work),
  }));
}

function timeOf({ args, cwd = ROOT }: Pick<Work, "args" | "cwd">, options: string[] = []): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [...options, ...args], { cwd, stdio: "ignore" });
  if (status === null) {
    throw new Error(`${args.join(" ")} was killed.`);
  }
  return (performance.now() - start) / 1000;
}

function memoryOf(work: Pick<Work, "args" | "cwd">): number {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const [hook, result] = [join(folder, "memory.js"), join(folder, "kilobytes")];
  const code = `require("node:fs").writeFileSync(${JSON.stringify(result)}, String(process.resourceUsage().maxRSS))`;
  writeFileSync(hook, `process.on("exit", () => ${code});`);
  timeOf(work, ["--require", hook]);
  const megabytes = Number(readFileSync(result, "utf8")) / 1024;
  rmSync(folder, { recursive: true });
  return megabytes;
}

/** A copy of the project with that many copies of dev, and its own cache. */
function projectWith(environments: number): string {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  for (const name of readdirSync(ROOT)) {
    if (!NOT_COPIED.includes(name) && !name.startsWith(".")) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
  }
  const packages = realpathSync(join(ROOT, "node_modules"));
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(packages).filter((entry) => !entry.startsWith("."))) {
    symlinkSync(join(packages, name), join(folder, "node_modules", name), "junction");
  }
  mkdirSync(join(folder, "environments"));
  const dev = readFileSync(join(ROOT, "environments", "dev.ts"), "utf8");
  for (let index = 0; index < environments; index++) {
    const one = dev
      .replace('name: "dev"', `name: "e${index}"`)
      .replace('"news-api-db"', `"db-${index}"`)
      .replace('"news-api-cache"', `"cache-${index}"`);
    writeFileSync(join(folder, "environments", `e${index}.ts`), one);
  }
  return folder;
}

function works(wrongFile: string): Work[] {
  const command = (name: string, ...args: string[]) => ["cli/launch.js", name, ...args];
  return [
    { name: "bare node", args: ["-e", "0"], goal: "" },
    { name: "npm run synth", args: command("main.ts"), goal: "<= 4 x, <= 90 MB" },
    {
      name: "npm run validate, of an invalid file",
      args: command("commands/validate.ts", wrongFile),
      goal: "<= 2.5 x",
    },
    {
      name: "npm run controls -- prod",
      args: command("commands/controls.ts", "prod"),
      goal: "<= 5 x",
    },
  ];
}

function commandRows(): string[][] {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const invalid = join(folder, "invalid.json");
  writeFileSync(invalid, JSON.stringify({ app: "news-api", name: "dev", region: "us-east-1a" }));
  const all = works(invalid);
  const measured = measure(all, RUNS);
  rmSync(folder, { recursive: true });
  const node = measured[0]?.seconds ?? Number.NaN;
  return all.map(({ name, goal }, index) => rowOf(name, goal, measured[index] as Measured, node));
}

/** Measuring a fifth of the environments as well shows whether time grows linearly. */
function manyRows(): string[][] {
  const counts = [ENVIRONMENTS / 5, ENVIRONMENTS];
  const folders = counts.map(projectWith);
  const measured = measure(
    [{ args: ["-e", "0"] }, ...folders.map((cwd) => ({ args: ["cli/launch.js", "main.ts"], cwd }))],
    RUNS_OF_MANY,
  );
  for (const folder of folders) {
    rmSync(folder, { recursive: true });
  }
  const [node, ...many] = measured as [Measured, ...Measured[]];
  return many.map((one, index) => {
    const goal = index === 0 ? "" : "<= 5 s, <= 200 MB, linear";
    return rowOf(`npm run synth, ${counts[index]} environments`, goal, one, node.seconds);
  });
}

function rowOf(name: string, goal: string, { seconds, megabytes }: Measured, node: number) {
  const ratio = (seconds / node).toFixed(1);
  return [name, `${seconds.toFixed(2)} s`, `${ratio} x`, `${megabytes.toFixed(0)} MB`, goal];
}

function bench(): number {
  console.log(`Node.js ${process.versions.node}, medians of ${RUNS} and ${RUNS_OF_MANY} runs`);
  const rows = [...commandRows(), ...manyRows()];
  console.log(table(["process", "time", "x bare node", "memory", "goal"], rows));
  return 0;
}

new Command("npm run bench")
  .description("Measures the time and memory of commands against bare Node.js. It changes nothing.")
  .addHelpText("after", "\nExit code: 0, whatever is measured.")
  .action(() => run(bench))
  .parseAsync();
