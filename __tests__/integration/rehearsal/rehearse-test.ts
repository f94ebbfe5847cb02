import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import execa from "execa";
import type { Outcome } from "../../../rehearsal/step";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";
import { SEVERAL_STORES } from "./several-stores";

const MINUTES = 60_000;
/** Synthesizing takes as long on a slow machine. */
const BUSY_MS = 2000;
// Only a hanging test takes this long, also on a machine of a third of the speed.
jest.setTimeout(60 * MINUTES);

const DEPLOYMENT = ["bootstrap", "deploy-database", "deploy-cache", "deploy-baseline"];
const LATER = [
  ...[
    "second-plan",
    "preflight",
    "verify-deployment",
    "compare-baseline",
    "tighten-clients",
    "raise-storage",
  ],
  ...["rotate-password", "drift", "concurrency", "damaged-state", "lost-state"],
  ...["adopt-baseline", "adopt-existing", "permissions", "teardown"],
];

/** Without the one that deploys everything once more: slow/pipeline-roles-test.ts runs it. */
const SHORTER = LATER.filter((name) => name !== "permissions");
/** What depends on the environment. */
const OWN = SHORTER.filter((name) => !name.startsWith("adopt-"));
/** What works on every data store. */
const OF_STORES = [
  ...["second-plan", "preflight", "verify-deployment", "compare-baseline"],
  ...["tighten-clients", "lost-state", "teardown"],
];
/** What works on the databases. */
const OF_DATABASES = [
  ...["second-plan", "preflight", "verify-deployment", "compare-baseline"],
  ...["raise-storage", "rotate-password"],
  ...["drift", "concurrency", "damaged-state", "teardown"],
];
/** What calls AWS most, and so meets most of the failing calls. */
const CALLS = [
  ...["second-plan", "verify-deployment", "tighten-clients", "rotate-password"],
  ...["drift", "lost-state", "teardown", "expired-credentials"],
];

interface RunOptions {
  /** Whether it runs in a terminal of its own. @default false */
  readonly terminal?: boolean;
  /** What stands in the report of an earlier run. @default - there was none */
  readonly report?: string;
  /** Environments beside the project's, by name. @default - none */
  readonly environments?: Readonly<Record<string, unknown>>;
  /** @default - the test's own */
  readonly env?: Readonly<Record<string, string>>;
}

/** `npm run rehearse` in a project of its own, with a folder of its own for what is temporary. */
class Run {
  readonly project = new Project();
  readonly lines: string[] = [];
  private readonly mark = `rehearsal-test-${randomUUID()}`;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private readonly heard: ((line: string) => void)[] = [];

  constructor(args: string, { terminal = false, report, environments = {}, env = {} }: RunOptions) {
    mkdirSync(this.project.path("tmp"));
    for (const [name, settings] of Object.entries(environments)) {
      writeFileSync(this.project.path(`environments/${name}.json`), JSON.stringify(settings));
    }
    if (report) {
      mkdirSync(this.project.path("rehearsal.out"));
      writeFileSync(this.project.path("rehearsal.out", "rehearsal.html"), report);
    }
    const command = `exec npm run --silent rehearse -- ${args} 2>&1`;
    const [program, ...rest] = terminal
      ? ["script", "-qec", command, "/dev/null"]
      : ["bash", "-c", command];
    this.child = spawn(program as string, rest, {
      cwd: this.project.folder,
      env: {
        ...process.env,
        CI: terminal ? "" : "true",
        FORCE_COLOR: "0",
        TMPDIR: this.project.path("tmp"),
        REHEARSAL_MARK: this.mark,
        ...env,
      },
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    this.ended = once(this.child, "exit");
    createInterface(this.child.stdout as NodeJS.ReadableStream).on("line", (line) => {
      this.lines.push(line);
      for (const listener of this.heard) {
        listener(line);
      }
    });
  }

  get output(): string {
    return this.lines.join("\n");
  }

  /** The first line that matches, as soon as it is printed. */
  async line(pattern: RegExp): Promise<string> {
    const there = this.lines.find((line) => pattern.test(line));
    return (
      there ??
      new Promise((resolve) => {
        this.heard.push((line) => pattern.test(line) && resolve(line));
      })
    );
  }

  /** As a shell says it: the exit code, or 128 and the signal's number. */
  async end(): Promise<number> {
    await this.ended;
    const { exitCode, signalCode } = this.child;
    return exitCode ?? 128 + constants.signals[signalCode ?? "SIGKILL"];
  }

  /** Until Terraform is at work. */
  async working(): Promise<void> {
    while (this.processes("terraform-provider").length === 0) {
      await sleep(100);
    }
  }

  /**
   * As Ctrl-C does where there is no terminal: to every process of the group. The rehearsal itself cannot listen just
   * then, as while it synthesizes.
   */
  async interruptWhileBusy(): Promise<void> {
    const [emulator] = this.processes("emulator.py");
    const [, rehearsal] = /^PPid:\s+(\d+)$/m.exec(read(`/proc/${emulator}/status`)) ?? [];
    process.kill(Number(rehearsal), "SIGSTOP");
    process.kill(-(this.child.pid as number), "SIGINT");
    await sleep(BUSY_MS);
    process.kill(Number(rehearsal), "SIGCONT");
  }

  /** Ctrl-C, typed in its terminal. */
  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** Closes its terminal. */
  hangUp(): void {
    this.child.kill("SIGKILL");
  }

  /** What this run has started and is still there. */
  processes(name = ""): number[] {
    return readdirSync("/proc")
      .filter((pid) => /^\d+$/.test(pid))
      .filter((pid) => read(`/proc/${pid}/environ`).includes(this.mark))
      .filter((pid) => read(`/proc/${pid}/cmdline`).includes(name))
      .map(Number);
  }

  steps(): Outcome[] {
    return JSON.parse(this.project.read("rehearsal.out", "rehearsal.json")).steps;
  }

  /** After a test that failed, too, nothing is left. */
  remove(): void {
    for (const pid of this.processes()) {
      process.kill(pid, "SIGKILL");
    }
    this.project.remove();
  }

  /** Its temporary folder holds nothing, nothing runs on, and cdktf.out was never touched. */
  async leavesNothing() {
    // Nobody waits for it where the terminal is closed, and what is killed ends a moment later.
    for (let tenths = 0; tenths < 600 && this.processes().length > 0; tenths++) {
      await sleep(100);
    }
    return {
      temporary: readdirSync(this.project.path("tmp")).filter(
        (name) => name !== "node-compile-cache" && !name.startsWith("tsx-"),
      ),
      processes: this.processes(),
      cdktfOut: existsSync(this.project.path("cdktf.out")),
    };
  }
}

/** A process may end between being listed and being read; one of somebody else's may not be read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      return "";
    }
    throw error;
  }
}

const NOTHING = { temporary: [], processes: [], cdktfOut: false };

describeWithTerraform("npm run rehearse", () => {
  const runs: Run[] = [];
  const start = (args: string, options: RunOptions = {}) => {
    const run = new Run(args, options);
    runs.push(run);
    return run;
  };

  afterAll(() => {
    for (const run of runs) {
      run.remove();
    }
  });

  test.concurrent.each([
    ["prod", `prod --only ${SHORTER.join(" ")}`, SHORTER],
    ["dev, while one of ten calls fails", `dev --faults 10 --only ${CALLS.join(" ")}`, CALLS],
  ])("%s: every step passes, and no resources remain", async (_name, args, later) => {
    const run = start(args);
    const exitCode = await run.end();
    expect({ exitCode, output: exitCode === 0 ? "" : run.output }).toEqual({
      exitCode: 0,
      output: "",
    });
    expect(run.steps().map(({ name, state }) => [name, state])).toEqual(
      [...DEPLOYMENT, ...later].map((name) => [name, "passed"]),
    );
    expect(run.output).toContain("Report: rehearsal.out/rehearsal.html");
    expect(run.project.read("rehearsal.out", "rehearsal.html")).toContain("Every step passed");
    expect(await run.leavesNothing()).toEqual(NOTHING);
  });

  test.concurrent.each([
    ["several", ["orders", "reports", "sessions", "pages"], OF_STORES, [] as string[]],
    ["databases", ["orders", "reports"], OF_DATABASES, []],
    ["cache", ["cache"], OWN, ["raise-storage", "rotate-password", "drift", "concurrency"]],
  ])("%s: the rehearsal deploys every data store", async (name, stores, later, notApplicable) => {
    const run = start(`${name} --only ${later.join(" ")}`, { environments: SEVERAL_STORES });
    const exitCode = await run.end();
    expect({ exitCode, output: exitCode === 0 ? "" : run.output }).toEqual({
      exitCode: 0,
      output: "",
    });
    const deployments = stores.map((store) => `deploy-${store}`);
    const steps = ["bootstrap", ...deployments, "deploy-baseline", ...later];
    expect(run.steps().map(({ name, state }) => [name, state])).toEqual(
      steps.map((step) => [step, notApplicable.includes(step) ? "not applicable" : "passed"]),
    );
    expect(await run.leavesNothing()).toEqual(NOTHING);
  });

  test.concurrent("a rule that is deleted outside Terraform fails the step that checks it, by name, and no later step starts", async () => {
    const run = start("dev --faults 0 --only second-plan verify-deployment expired-credentials");
    const place = await run.line(/^The account is at /);
    await run.line(/Deploy the cache \(/);
    await deleteCacheRules(place);
    expect(await run.end()).toBe(1);
    const states = Object.fromEntries(run.steps().map(({ name, state }) => [name, state]));
    expect(states).toEqual({
      ...Object.fromEntries(DEPLOYMENT.map((name) => [name, "passed"])),
      "second-plan": "failed",
      "verify-deployment": "failed",
      "expired-credentials": "not run",
    });
    expect(run.output).toContain(
      "second-plan: news-api-dev-cache has unexpected changes: create aws_vpc_security_group_ingress_rule.cache_from_vpc",
    );
    expect(run.output).toContain(
      "Left out: every step after the deployment but second-plan, verify-deployment, expired-credentials",
    );
    expect(run.output).toMatch(/verify-deployment: AWS does not admit [\d./]+ → cache 6379/);
    expect(await run.leavesNothing()).toEqual(NOTHING);
  });

  test.concurrent("Ctrl-C during an apply stops and removes everything", async () => {
    const run = start("dev");
    await run.working();
    await run.interruptWhileBusy();
    expect(await run.end()).toBe(130);
    expect(await run.leavesNothing()).toEqual(NOTHING);
  });

  test.concurrent("so does Ctrl-C in a terminal, where the steps are shown live", async () => {
    const run = start("dev", { terminal: true });
    await run.working();
    run.type("\x03");
    expect(await run.end()).toBe(130);
    expect(await run.leavesNothing()).toEqual(NOTHING);
  });

  test.concurrent("so does closing the terminal", async () => {
    const run = start("dev", { terminal: true });
    await run.working();
    run.hangUp();
    expect(await run.leavesNothing()).toEqual(NOTHING);
  });

  test.concurrent("without moto, and without a way to install it, one message says what to do", async () => {
    const bare = mkdtempSync(join(tmpdir(), "bare-python-"));
    const nowhere = { PIP_INDEX_URL: "http://127.0.0.1:9/", PIP_RETRIES: "0" };
    const run = start("dev", { env: { PATH: await pathWithoutMoto(bare), ...nowhere } });
    expect(await run.end()).toBe(1);
    expect(run.lines.at(-1)).toMatch(
      /^The AWS emulator is not installed, and the installation failed \(ERROR: No matching distribution found for moto.*\)\. Install it for python3: python3 -m pip install -r emulator\/requirements\.txt$/,
    );
    expect(await run.leavesNothing()).toEqual(NOTHING);
    rmSync(bare, { recursive: true });
  });

  test.concurrent("if the state bucket cannot be created, no step waits for it", async () => {
    const bare = mkdtempSync(join(tmpdir(), "no-init-"));
    const terraform = join(bare, "terraform");
    const program = `#!/bin/sh\ncase "$*" in *init*) echo "no such provider"; exit 1;; *) exec terraform "$@";; esac\n`;
    writeFileSync(terraform, program, { mode: 0o755 });
    const run = start("dev --only second-plan", { env: { TERRAFORM_BINARY_NAME: terraform } });
    expect(await run.end()).toBe(1);
    expect(run.output).toContain("no such provider");
    const missing =
      "There is no bucket news-api-dev-terraform-state for the state. See the step bootstrap.";
    const seen = Object.fromEntries(run.steps().map(({ name, seen }) => [name, seen.text]));
    expect([seen["deploy-database"], seen["deploy-cache"]]).toEqual([missing, missing]);
    expect(await run.leavesNothing()).toEqual(NOTHING);
    rmSync(bare, { recursive: true });
  });

  test.concurrent.each([
    [
      "nowhere",
      'There is no environment "nowhere". Use one of these:\n  news-api-dev\n  news-api-prod',
    ],
    [
      "dev --only drift sleep",
      `There is no step "sleep". The steps after the deployment are:\n  ${LATER.join("\n  ")}\nWith --faults also:\n  expired-credentials\n  fault-shares`,
    ],
    [
      "dev --faults 91",
      "error: option '--faults [percent]' argument '91' is invalid. It must be a whole number from 0 to 90.",
    ],
  ])("%s is refused before anything starts, and the last report stays", async (args, message) => {
    const run = start(args, { report: "an earlier one" });
    expect(await run.end()).toBe(1);
    expect(run.project.read("rehearsal.out", "rehearsal.html")).toBe("an earlier one");
    expect(run.output).toBe(message);
    expect(await run.leavesNothing()).toEqual(NOTHING);
  });
});

/** A PATH with Node and a Python that has nothing installed. */
async function pathWithoutMoto(folder: string): Promise<string> {
  await execa("python3", ["-m", "venv", folder]);
  return [join(folder, "bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
}

/** As somebody would who looks into the account from another terminal. */
async function deleteCacheRules(place: string): Promise<void> {
  const [, endpoint = "", certificate = ""] = /at (\S+) \(AWS_CA_BUNDLE=(\S+)\)/.exec(place) ?? [];
  const ec2 = new EC2Client({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
    requestHandler: { httpsAgent: { ca: readFileSync(certificate) } },
  });
  const Filters = [{ Name: "group-name", Values: ["news-api-dev-cache"] }];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const [{ GroupId, IpPermissions } = {}] = SecurityGroups;
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
}
