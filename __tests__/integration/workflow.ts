import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { runInNewContext } from "node:vm";
import { parse } from "yaml";
import type { Emulator } from "../../emulator/emulator";
import { jobCredentials } from "../../rehearsal/pipeline-job";
import type { GithubApi, JobPermissions } from "./github-api";
import { Project } from "./project";

interface Step {
  readonly id?: string;
  /** `always()`, or nothing. */
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string;
  readonly if?: string;
  readonly environment?: string;
  readonly permissions: JobPermissions;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly include: string } };
  readonly steps: readonly Step[];
}

/** Steps that are not run here, and why. */
const NOT_RUN_HERE: Readonly<Record<string, string>> = {
  "npm ci --ignore-scripts": ".ci/run installs the packages on a clean clone",
  "npm run check": ".ci/run runs it on a clean clone",
  "npm run test:unit": ".ci/run runs it on a clean clone; it runs this test",
};

/** What a job shows on the page of its run. */
const SUMMARY = "github-summary";

export interface WorkflowProps {
  readonly emulator: Emulator;
  readonly github: GithubApi;
  /** The files of `environments/`: name → text. */
  readonly environments: Readonly<Record<string, string>>;
  /** The same on the branch that a pull request is for. @default - no difference */
  readonly baseEnvironments?: Readonly<Record<string, string>>;
  /** What GitHub says of the event. */
  readonly event: { readonly ref: string; readonly number?: number };
  /** What happens before a job begins. @default - nothing */
  readonly before?: Readonly<Record<string, () => Promise<void>>>;
}

export interface JobResult {
  readonly result: "success" | "failure" | "skipped";
  readonly outputs: Readonly<Record<string, string>>;
  /** Of every run of the job: what the steps printed, and its summary. */
  readonly output: string;
}

type Context = Readonly<Record<string, unknown>>;

/**
 * Runs a workflow as GitHub does: jobs in order, each of a matrix side by side on a machine of its own, `run` steps in
 * bash, and what the actions in it do. An action that it does not know is an error.
 */
export class Workflow {
  private readonly artifacts = mkdtempSync(join(tmpdir(), "artifacts-"));
  private readonly results = new Map<string, JobResult>();

  private constructor(private readonly props: WorkflowProps) {}

  static async run(file: string, props: WorkflowProps): Promise<Record<string, JobResult>> {
    const { jobs } = parse(readFileSync(file, "utf8"));
    const workflow = new Workflow(props);
    try {
      for (const [name, job] of Object.entries<Job>(jobs)) {
        await props.before?.[name]?.();
        workflow.results.set(name, await workflow.runJob(job));
      }
      return Object.fromEntries(workflow.results);
    } finally {
      rmSync(workflow.artifacts, { recursive: true });
    }
  }

  private async runJob(job: Job): Promise<JobResult> {
    const context = this.context(job, {});
    const needed = job.needs ? this.results.get(job.needs)?.result : "success";
    const always = job.if?.startsWith("always()");
    if ((needed !== "success" && !always) || (job.if && !evaluate(job.if, context))) {
      return { result: "skipped", outputs: {}, output: "" };
    }
    const include = job.strategy
      ? (evaluate(inner(job.strategy.matrix.include), context) as Context[])
      : [{}];
    const runs = await Promise.all(include.map((matrix) => new Machine(job, this, matrix).run()));
    return {
      result: runs.every(({ result }) => result === "success") ? "success" : "failure",
      outputs: Object.assign({}, ...runs.map(({ outputs }) => outputs)),
      output: runs.map(({ output }) => output).join("\n"),
    };
  }

  context(job: Job, more: Context): Context {
    const { event, github } = this.props;
    const { repository } = github;
    return {
      needs: Object.fromEntries(this.results),
      github: {
        repository,
        token: github.tokenOf(job.permissions),
        event: {
          number: event.number,
          pull_request: { head: { repo: { full_name: repository } } },
        },
      },
      always: () => true,
      fromJSON: JSON.parse,
      ...more,
    };
  }

  get surroundings() {
    return { ...this.props, artifacts: this.artifacts };
  }
}

/** One run of a job, on a machine that nothing else has used. */
class Machine {
  private readonly project = new Project();
  private readonly steps: Record<string, { outputs: Record<string, string> }> = {};
  private readonly said: string[] = [];
  private credentials: Record<string, string> = {};
  private readonly context: Context;

  constructor(
    private readonly job: Job,
    private readonly workflow: Workflow,
    matrix: Context,
  ) {
    this.context = workflow.context(job, { matrix, steps: this.steps });
  }

  async run(): Promise<JobResult> {
    try {
      const failed = await this.fails();
      if (existsSync(this.project.path(SUMMARY))) {
        this.said.push(this.project.read(SUMMARY));
      }
      const outputs = failed ? {} : this.resolved(this.job.outputs);
      const result = failed ? "failure" : "success";
      return { result, outputs, output: this.said.join("\n") };
    } finally {
      this.project.remove();
    }
  }

  /** After a failure, only steps that always run do. */
  private async fails(): Promise<boolean> {
    let failed = false;
    for (const step of this.job.steps.filter(({ if: when }) => !when || when === "always()")) {
      if (!failed || step.if) {
        const passed = await (step.uses ? this.use(step.uses, step) : this.shell(step));
        failed ||= !passed;
      }
    }
    return failed;
  }

  private resolved(values: Readonly<Record<string, string>> = {}): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, this.text(String(value))]),
    );
  }

  private text(template: string): string {
    return template.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression) =>
      String(evaluate(expression, this.context)),
    );
  }

  private async shell({ id, run = "", env }: Step): Promise<boolean> {
    if (run in NOT_RUN_HERE) {
      return true;
    }
    const { emulator, github } = this.workflow.surroundings;
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...place } = emulator.env;
    const files = { GITHUB_OUTPUT: "github-output", GITHUB_STEP_SUMMARY: SUMMARY };
    writeFileSync(this.project.path("step.sh"), run);
    const { exitCode, stdout, stderr } = await this.project.run("bash -e -o pipefail step.sh", {
      ...place,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: github.repository,
      ...files,
      ...this.credentials,
      ...this.resolved(this.job.env),
      ...this.resolved(env),
    });
    this.said.push(`$ ${run}`, stdout, stderr);
    this.keepOutputs(id, files.GITHUB_OUTPUT);
    return exitCode === 0;
  }

  private keepOutputs(id: string | undefined, file: string): void {
    const path = this.project.path(file);
    const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    if (id) {
      const outputs = lines.map((line) => line.split(/=(.*)/s).slice(0, 2));
      this.steps[id] = { outputs: Object.fromEntries(outputs) };
    }
  }

  private async use(action: string, step: Step): Promise<boolean> {
    const given = this.resolved(step.with);
    const [name] = action.split("@");
    switch (name) {
      case "actions/checkout":
        return given["fetch-depth"] === undefined ? this.checkOut() : this.checkOutMerge();
      case "actions/setup-node":
      case "hashicorp/setup-terraform":
        return true;
      case "aws-actions/configure-aws-credentials":
        await this.takeRole(given["role-to-assume"] ?? "");
        return true;
      case "actions/upload-artifact":
        return this.upload(given);
      case "actions/download-artifact":
        return this.download(given);
      default:
        throw new Error(`Nobody knows here what ${action} does.`);
    }
  }

  private checkOut(): boolean {
    this.write(this.workflow.surroundings.environments);
    return true;
  }

  /** The merge of a pull request, with the branch that it is for as its first parent. */
  private async checkOutMerge(): Promise<boolean> {
    const { environments, baseEnvironments = environments } = this.workflow.surroundings;
    writeFileSync(this.project.path(".gitignore"), "node_modules\n");
    this.write(baseEnvironments);
    const commit =
      "git add . && git -c user.name=test -c user.email=test@example.com commit -q --allow-empty -m";
    const base = await this.project.run(`git init -q && ${commit} base`);
    this.write(environments);
    const merge = await this.project.run(`${commit} merge`);
    this.said.push(base.stderr, merge.stderr);
    return base.exitCode === 0 && merge.exitCode === 0;
  }

  private write(environments: Readonly<Record<string, string>>): void {
    const folder = this.project.path("environments");
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    for (const [name, text] of Object.entries(environments)) {
      writeFileSync(join(folder, name), text);
    }
  }

  /** With the token that GitHub gives the job: without the permission there is none. */
  private async takeRole(roleArn: string): Promise<void> {
    if (this.job.permissions["id-token"] !== "write") {
      throw new Error("The job has no token: it needs the permission id-token.");
    }
    const { emulator, github, event } = this.workflow.surroundings;
    const environment = this.job.environment && this.text(this.job.environment);
    const subject = environment ? `environment:${environment}` : `ref:${event.ref}`;
    this.credentials = await jobCredentials(
      emulator,
      { repository: github.repository, subject },
      roleArn,
    );
  }

  private upload({ name = "", path = "", ...given }: Readonly<Record<string, string>>): boolean {
    const there = path
      .trim()
      .split("\n")
      .map((one) => this.project.path(one.trim()))
      .filter((one) => existsSync(one));
    for (const one of there) {
      cpSync(one, join(this.workflow.surroundings.artifacts, name, basename(one)));
    }
    return there.length > 0 || given["if-no-files-found"] !== "error";
  }

  /** All of them, into one folder: as every workflow here asks. */
  private download({ path = "", pattern, ...given }: Readonly<Record<string, string>>): boolean {
    if (pattern !== "plan-*" || given["merge-multiple"] !== "true") {
      throw new Error("Nobody knows here how to download that.");
    }
    const { artifacts } = this.workflow.surroundings;
    const target = this.project.path(path);
    mkdirSync(target, { recursive: true });
    for (const name of readdirSync(artifacts)) {
      cpSync(join(artifacts, name), target, { recursive: true });
    }
    return true;
  }
}

function inner(expression: string): string {
  return expression.replace(/^\$\{\{(.*)\}\}$/, "$1");
}

/** GitHub's expressions, of which every workflow here uses what JavaScript has too. */
function evaluate(expression: string, context: Context): unknown {
  return runInNewContext(expression, { ...context });
}
