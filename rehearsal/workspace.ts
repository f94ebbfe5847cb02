import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { synthesize } from "../cli/synth";
import type { StackResources } from "../operations/adoption/import-ids";
import { approvalsFor } from "../operations/review/approvals";
import { parsePlan } from "../operations/review/plan";
import { reviewPlan, type StackReview } from "../operations/review/review";
import {
  type CacheStore,
  cachesOf,
  type DatabaseStore,
  type DataStore,
  databasesOf,
  dataStoresOf,
} from "../settings/data-stores";
import {
  type Environment,
  type EnvironmentSettings,
  parseEnvironment,
} from "../settings/environment";
import { PERMISSIONS, stackId, stateBucketStackId } from "../settings/names";
import { buildApp } from "../stacks/app";
import type { Terraform, TerraformProcess, TerraformResult } from "../terraform/terraform";
import { expectThat, StepFailure } from "./step";
import { TerraformEvents } from "./terraform-events";

/** Waits for all promises, even if one fails. @throws the error of the first one that fails. */
export async function everyOne<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

export type Progress = (progress: string) => void;

/** The running processes, which the end of the rehearsal or Ctrl-C stops. */
export interface Processes {
  add(process: TerraformProcess): void;
  delete(process: TerraformProcess): void;
}

export interface WorkspaceProps {
  /** Its own folder: `cdktf.out` has the stacks, and the local state of the state bucket is beside that. */
  readonly folder: string;
  readonly terraform: Terraform;
  readonly processes: Processes;
  /** Arguments of `terraform init` for the S3 backend. @default - none */
  readonly backendArguments?: readonly string[];
}

/** The stacks of one environment in a folder, as its settings are at the time, and Terraform to run in them. */
export class Workspace {
  private written: Environment | undefined;

  constructor(private readonly props: WorkspaceProps) {}

  /** The environment whose stacks are written. */
  get environment(): Environment {
    expectThat(this.written !== undefined, "Nothing is synthesized yet.");
    return this.written;
  }

  /** Synthesizes the stacks of an environment; Terraform's own files beside them stay. */
  write(settings: EnvironmentSettings): Environment {
    const parsed = parseEnvironment(settings);
    const outdir = join(this.props.folder, "cdktf.out");
    mkdirSync(outdir, { recursive: true });
    synthesize((folder) => buildApp([parsed], folder), { outdir });
    this.written = parsed;
    return parsed;
  }

  stack(store: DataStore | "state-bucket" | "permissions", progress: Progress): WorkingStack {
    const id = typeof store === "string" ? this.idOf(store) : store.stackId;
    const folder = join(this.props.folder, "cdktf.out", "stacks", id);
    return new WorkingStack(id, folder, this.props, progress);
  }

  private idOf(stack: "state-bucket" | "permissions"): string {
    return stack === "permissions"
      ? stackId(this.environment, PERMISSIONS)
      : stateBucketStackId(this.environment.stateBucket.name);
  }

  get databases(): readonly DatabaseStore[] {
    return databasesOf(this.environment);
  }

  get caches(): readonly CacheStore[] {
    return cachesOf(this.environment);
  }

  /** The stacks of all data stores. */
  stacks(progress: Progress): readonly WorkingStack[] {
    return dataStoresOf(this.environment).map((store) => this.stack(store, progress));
  }

  /** Applies the stacks of all data stores concurrently. */
  async apply(progress: Progress): Promise<TerraformEvents[]> {
    return everyOne(this.stacks(progress).map((stack) => stack.apply()));
  }

  /**
   * Applies changed settings: concurrently, in each stack whose JSON they change. Then none of these plans a change. The
   * other stacks are as they were, and so are their plans.
   * @throws StepFailure when anything else would change.
   */
  async change(settings: EnvironmentSettings, progress: Progress): Promise<TerraformEvents[]> {
    const before = new Map(this.stacks(progress).map((stack) => [stack.id, stack.json()]));
    this.write(settings);
    const different = this.stacks(progress).filter(
      (stack) => stack.json() !== before.get(stack.id),
    );
    expectThat(different.length > 0, "The changed settings change no stack.");
    return everyOne(
      different.map(async (stack) => {
        const applied = await stack.apply();
        await stack.expectNoChanges();
        return applied;
      }),
    );
  }

  /** The versions of Terraform and of the providers that it has chosen. */
  async versions(): Promise<Record<string, string>> {
    const { stdout } = await this.anyStack.succeed(["version", "-json"]);
    const { terraform_version, provider_selections } = JSON.parse(stdout);
    const providers = Object.entries<string>(provider_selections).map(([name, version]) => [
      name.split("/").slice(1).join("/"),
      version,
    ]);
    const binary = this.props.terraform.binary;
    return { [binary]: terraform_version, ...Object.fromEntries(providers) };
  }

  /** All have the same provider. */
  private get anyStack(): WorkingStack {
    const [first] = this.stacks(() => {});
    return first as WorkingStack;
  }

  /** @throws StepFailure when anything would change in any stack. */
  async expectNoChanges(progress: Progress): Promise<void> {
    for (const stack of this.stacks(progress)) {
      await stack.expectNoChanges();
    }
  }

  /** A copy in another folder, initialized like this one, for Terraform in another account. */
  copy(folder: string, terraform: Terraform): Workspace {
    cpSync(this.props.folder, folder, { recursive: true, verbatimSymlinks: true });
    const copied = new Workspace({ ...this.props, folder, terraform });
    copied.written = this.written;
    return copied;
  }
}

/** A resource as state files list it, format version 4. */
interface StateResource {
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly instances: readonly [{ readonly attributes: { readonly id: string } }];
}

const SAVED_PLAN = "saved.plan";

/** The folder of a stack, and the runs of Terraform in it. */
export class WorkingStack {
  constructor(
    readonly id: string,
    private readonly folder: string,
    private readonly props: WorkspaceProps,
    private readonly progress: Progress,
  ) {}

  /** Where Terraform writes a state that it could not save. */
  get unsavedState(): string {
    return join(this.folder, "errored.tfstate");
  }

  get isInitialized(): boolean {
    return existsSync(join(this.folder, ".terraform"));
  }

  async init(): Promise<void> {
    const backend = this.id.startsWith("state-bucket") ? [] : (this.props.backendArguments ?? []);
    await this.succeed(["init", "-input=false", "-no-color", ...backend]);
  }

  async validate(): Promise<void> {
    await this.succeed(["validate", "-no-color"]);
  }

  /** @throws StepFailure when there is no plan. */
  async plan(): Promise<TerraformEvents> {
    this.progress(`planning ${this.id}`);
    return this.successful("plan", await this.run(["plan", "-json", "-input=false"]));
  }

  /** What a plan would do, as `npm run review` sees it; it stays saved. @throws StepFailure when there is no plan. */
  async review(environment: Environment): Promise<StackReview> {
    await this.succeed(["plan", "-input=false", `-out=${SAVED_PLAN}`]);
    const { stdout } = await this.succeed(["show", "-json", SAVED_PLAN]);
    const plan = parsePlan(stdout, `the plan of ${this.id}`);
    return reviewPlan(plan, approvalsFor(this.id, [environment]));
  }

  /** The IDs in the state, by address: the stacks have no modules, and no resource has several instances. */
  async ids(): Promise<ReadonlyMap<string, string>> {
    // Unlike `show`, which takes seconds to read the provider's schema.
    const { stdout } = await this.succeed(["state", "pull"]);
    const { resources } = JSON.parse(stdout) as { resources: StateResource[] };
    return new Map(
      resources
        .filter(({ mode }) => mode === "managed")
        .map(({ type, name, instances: [only] }) => [`${type}.${name}`, only.attributes.id]),
    );
  }

  /** The synthesized JSON. */
  json(): string {
    return readFileSync(join(this.folder, "cdk.tf.json"), "utf8");
  }

  /** The synthesized `resource` block. */
  resources(): StackResources {
    return JSON.parse(this.json()).resource;
  }

  /** @throws StepFailure when anything would change. */
  async expectNoChanges(): Promise<void> {
    const { changes } = await this.plan();
    const listed = changes.map(({ action, address }) => `${action} ${address}`).join(", ");
    expectThat(changes.length === 0, `${this.id} has unexpected changes: ${listed}`);
  }

  async apply(): Promise<TerraformEvents> {
    this.progress(`applying ${this.id}`);
    return this.successful("apply", await this.run(["apply", "-json", "-auto-approve"]));
  }

  /** Applies what {@link review} planned, and nothing else. */
  async applyReviewed(): Promise<TerraformEvents> {
    this.progress(`applying the reviewed plan of ${this.id}`);
    return this.successful("apply", await this.run(["apply", "-json", SAVED_PLAN]));
  }

  async destroy(): Promise<TerraformEvents> {
    this.progress(`destroying ${this.id}`);
    return this.successful("destroy", await this.run(["destroy", "-json", "-auto-approve"]));
  }

  /** Runs Terraform with `-json`; a failure is a result. */
  async run(args: readonly string[]): Promise<TerraformEvents & { readonly exitCode: number }> {
    const { events, process } = this.start(args);
    const { exitCode } = await process.result;
    return Object.assign(events, { exitCode });
  }

  /** Starts Terraform with `-json`, to be watched or killed. */
  start(args: readonly string[]) {
    const events = new TerraformEvents(this.id, this.progress);
    const process = this.track(args, (line) => events.read(line));
    return { events, process };
  }

  /** @throws StepFailure with what it printed when it fails. */
  async succeed(args: readonly string[]): Promise<TerraformResult> {
    this.progress(`terraform ${args[0]} in ${this.id}`);
    const result = await this.track(args).result;
    expectThat(result.exitCode === 0, `terraform ${args.join(" ")}: ${result.output.trim()}`);
    return result;
  }

  private track(args: readonly string[], onLine?: (line: string) => void): TerraformProcess {
    const { terraform, processes } = this.props;
    const process = terraform.start(this.folder, args, onLine);
    processes.add(process);
    process.result.finally(() => processes.delete(process));
    return process;
  }

  private successful(
    what: string,
    events: TerraformEvents & { readonly exitCode: number },
  ): TerraformEvents {
    if (events.exitCode !== 0) {
      throw new StepFailure(`terraform ${what} of ${this.id} failed: ${events.problem}`);
    }
    return events;
  }
}
