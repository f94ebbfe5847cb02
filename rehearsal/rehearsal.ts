import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Emulator } from "../emulator/emulator";
import { FaultyProxy } from "../emulator/faulty-proxy";
import { type Python, pinned } from "../emulator/python";
import { type DataStore, dataStoresOf } from "../settings/data-stores";
import { type EnvironmentSettings, parseEnvironment } from "../settings/environment";
import { BASTION } from "../settings/names";
import { Terraform, type TerraformProcess } from "../terraform/terraform";
import { Inventory, inventoried } from "./inventory";
import { preparePrerequisites } from "./prerequisites";
import { type Progress, Workspace } from "./workspace";
import {
  type WrittenCache,
  type WrittenDatabase,
  writtenCaches,
  writtenDatabases,
} from "./written-stores";

/** The account, if the environment does not name one. */
const ACCOUNT = "123456789012";
/** The provider tries 25 times by itself, the S3 backend 5. https://developer.hashicorp.com/terraform/language/backend/s3#max_retries */
const MANY_RETRIES = ["-backend-config=max_retries=25"];

/** An account and the stacks that are deployed to it. */
export interface DeployedAccount {
  readonly emulator: Emulator;
  readonly workspace: Workspace;
  readonly inventory: Inventory;
  /** The environment with the account's own IDs. */
  readonly settings: EnvironmentSettings;
  /** The proxy for Terraform's calls, if some of them are to fail. */
  readonly proxy?: FaultyProxy | undefined;
}

export interface RehearsalProps {
  readonly settings: EnvironmentSettings;
  readonly python: Python;
  /** A folder that stays: provider plugins from the registry are kept there. */
  readonly outputFolder: string;
  /** The percentage of Terraform's calls that fail. @default 0 */
  readonly faultPercent?: number | undefined;
}

/** Something to stop when the rehearsal ends. */
interface Stoppable {
  stop(): Promise<void>;
}

/**
 * A rehearsal: an emulated account with the prerequisites of the environment, a private folder, and everything to stop
 * and remove at the end.
 */
export class Rehearsal {
  private readonly folder = mkdtempSync(join(tmpdir(), "rehearsal-"));
  private readonly running: Stoppable[] = [];
  private readonly processes = new Set<TerraformProcess>();
  private readonly tracked = {
    add: (process: TerraformProcess) => {
      if (this.isEnding) {
        process.kill();
      }
      this.processes.add(process);
    },
    delete: (process: TerraformProcess) => this.processes.delete(process),
  };
  /** The contents of the account before the deployment. */
  namesBefore: readonly string[] = [];
  /** Whether the state bucket could not be created. */
  bucketFailed = false;
  private first: DeployedAccount | undefined;
  private ending: Promise<void> | undefined;

  constructor(readonly props: RehearsalProps) {}

  /** Where the environment is deployed first. */
  get place(): DeployedAccount {
    if (!this.first) {
      throw new Error("The rehearsal has not begun.");
    }
    return this.first;
  }

  /** The data stores of the environment, as they are deployed. */
  get stores(): readonly DataStore[] {
    return dataStoresOf(parseEnvironment(supportedSettings(this.props.settings).settings));
  }

  /** One line for a user who wants to inspect the account meanwhile. */
  get description(): string {
    const { emulator } = this.place;
    return `The account is at ${emulator.endpoint} (AWS_CA_BUNDLE=${emulator.certificate}) until the rehearsal ends.`;
  }

  /** The settings that the rehearsal leaves out, and why. */
  get leftOut(): readonly string[] {
    return supportedSettings(this.props.settings).leftOut;
  }

  /** The versions in use, known once a stack is initialized. */
  async versions(): Promise<Readonly<Record<string, string>>> {
    const { faultPercent } = this.props;
    return {
      ...(await this.place.workspace.versions()),
      moto: pinned("moto"),
      ...(faultPercent === undefined ? {} : { "failing calls": `${faultPercent} %` }),
    };
  }

  async begin(): Promise<void> {
    this.first = await this.newAccount("deployment", this.props.faultPercent);
    this.namesBefore = await this.first.inventory.names();
  }

  /** A new account with the prerequisites of the environment, and its stacks, not yet deployed. */
  async newAccount(name: string, faultPercent: number | undefined): Promise<DeployedAccount> {
    const emulator = await this.newEmulator();
    const settings = await preparePrerequisites(
      emulator,
      supportedSettings(this.props.settings).settings,
    );
    // With a share of 0, the proxy counts the calls.
    const proxy = await this.newProxy(emulator, faultPercent);
    const workspace = new Workspace({
      folder: join(this.folder, name),
      terraform: await this.terraform(emulator, proxy),
      processes: this.tracked,
      backendArguments: faultPercent ? MANY_RETRIES : [],
    });
    const inventory = new Inventory(emulator, inventoried(workspace.write(settings)));
    return { emulator, workspace, inventory, settings, proxy };
  }

  /**
   * An account with an empty memory.
   * @param region where its clients look. @default - the environment's
   */
  async newEmulator(region?: string): Promise<Emulator> {
    const { python, settings } = this.props;
    const emulator = await Emulator.start({
      python: python.python,
      tls: this.folder,
      region: region ?? settings.region,
      env: { MOTO_ACCOUNT_ID: settings.account ?? ACCOUNT },
    });
    return this.keep(emulator);
  }

  /** The first account and its stacks as they are now, for a step to change without touching any other. */
  async copy(name: string, progress: Progress): Promise<DeployedAccount> {
    progress("copying the account");
    const { emulator: original, workspace: theirs, settings } = this.place;
    const emulator = await this.keep(await original.copy());
    const { faultPercent } = this.props;
    const proxy = await this.newProxy(emulator, faultPercent);
    const workspace = theirs.copy(join(this.folder, name), await this.terraform(emulator, proxy));
    const inventory = new Inventory(emulator, inventoried(workspace.environment));
    return { emulator, workspace, inventory, settings, proxy };
  }

  /** A copy of another account than the first. */
  async copyOf(emulator: Emulator): Promise<Emulator> {
    return this.keep(await emulator.copy());
  }

  /** A folder for the stacks of another environment, in an account that is not the rehearsed one. */
  async newWorkspace(name: string, emulator: Emulator): Promise<Workspace> {
    return new Workspace({
      folder: join(this.folder, name),
      terraform: await this.terraform(emulator),
      processes: this.tracked,
    });
  }

  /** The stacks of an account in a separate folder, for Terraform with other credentials. */
  async withCredentials(
    { emulator, workspace }: DeployedAccount,
    name: string,
    credentials: NodeJS.ProcessEnv,
  ): Promise<Workspace> {
    const env = { ...this.environmentOf(emulator.env), ...credentials };
    return workspace.copy(join(this.folder, name), await Terraform.find(env));
  }

  /** Whether the rehearsal was interrupted. */
  get isEnding(): boolean {
    return this.ending !== undefined;
  }

  /** Stops and removes everything. */
  end(): Promise<void> {
    this.ending ??= this.stopAll();
    return this.ending;
  }

  private async stopAll(): Promise<void> {
    for (const process of this.processes) {
      process.kill();
    }
    await Promise.all([...this.processes].map(({ result }) => result));
    try {
      // The last first: copies are children of what they were copied from.
      for (const one of this.running.reverse()) {
        await one.stop();
      }
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  private async newProxy(
    emulator: Emulator,
    faultPercent: number | undefined,
  ): Promise<FaultyProxy | undefined> {
    if (faultPercent === undefined) {
      return undefined;
    }
    return this.keep(await FaultyProxy.start({ emulator, folder: this.folder, faultPercent }));
  }

  /** Registers something to stop at the end. Anything that starts during the shutdown is stopped at once. */
  private async keep<T extends Stoppable>(started: T): Promise<T> {
    if (this.isEnding) {
      await started.stop();
      throw new Error("The rehearsal is being stopped.");
    }
    this.running.push(started);
    return started;
  }

  /** Terraform that reaches the emulated account, and no other. */
  private terraform(emulator: Emulator, proxy?: FaultyProxy): Promise<Terraform> {
    const env = proxy ? { ...emulator.env, AWS_ENDPOINT_URL: proxy.endpoint } : emulator.env;
    return Terraform.find(this.environmentOf(env));
  }

  private environmentOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return {
      ...withoutAws(process.env),
      ...env,
      TF_IN_AUTOMATION: "1",
      // Where a provider that is killed leaves its socket.
      TMPDIR: this.folder,
      TF_PLUGIN_CACHE_DIR: process.env.TF_PLUGIN_CACHE_DIR ?? this.pluginCache(),
      // Otherwise each init without a lock file overwrites the plugin, which another stack is running.
      TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1",
    };
  }

  /** Terraform requires the folder to exist. */
  private pluginCache(): string {
    const folder = resolve(this.props.outputFolder, "plugins");
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

/** Validated settings that differ from the deployed ones. */
export function changed(
  { settings }: DeployedAccount,
  change: (settings: EnvironmentSettings) => void,
): EnvironmentSettings {
  const copy = structuredClone(settings);
  change(copy);
  parseEnvironment(copy);
  return copy;
}

/** The settings without what an emulated account does not support, and a list of what was left out. */
export function supportedSettings(settings: EnvironmentSettings) {
  const copy = structuredClone(settings);
  const leftOut = [
    ...leaveOutCredentials(copy),
    ...leaveOutBastion(copy),
    ...writtenDatabases(copy).flatMap(leaveOutOfDatabase),
    ...writtenCaches(copy).flatMap(leaveOutOfCache),
  ];
  return { settings: copy, leftOut };
}

type LeftOut<Settings> = { readonly at: string; readonly settings: Settings };

function leaveOutOfDatabase({ at, settings }: LeftOut<WrittenDatabase>): string[] {
  const { restoreFrom, blueGreenUpdate } = settings;
  delete settings.restoreFrom;
  delete settings.blueGreenUpdate;
  delete settings.reasons?.blueGreenUpdate;
  return [
    ...(restoreFrom ? [`${at}.restoreFrom: a new account has no backup`] : []),
    ...(blueGreenUpdate
      ? [`${at}.blueGreenUpdate: the emulator has no blue/green deployments`]
      : []),
  ];
}

function leaveOutOfCache({ at, settings }: LeftOut<WrittenCache>): string[] {
  const { snapshotName } = settings;
  delete settings.snapshotName;
  return snapshotName ? [`${at}.snapshotName: a new account has no snapshot`] : [];
}

/** Its rules are in the security groups of the data stores, which a rehearsal compares with the clients. */
function leaveOutBastion(settings: EnvironmentSettings): string[] {
  const { bastion, approvals = {} } = settings;
  delete settings.bastion;
  for (const key of Object.keys(approvals).filter((one) => one.startsWith(`${BASTION}: `))) {
    delete approvals[key];
  }
  return bastion ? ["bastion: a rehearsal is about the data stores"] : [];
}

/** The emulator is one account, with its own credentials. */
function leaveOutCredentials(settings: EnvironmentSettings): string[] {
  const { stateBucket } = settings;
  const named = [
    ...(settings.profile ? ["profile"] : []),
    ...(settings.assumeRole ? ["assumeRole"] : []),
    ...(stateBucket.profile ? ["stateBucket.profile"] : []),
    ...(stateBucket.assumeRole ? ["stateBucket.assumeRole"] : []),
    ...(stateBucket.account ? ["stateBucket.account"] : []),
  ];
  for (const holder of [settings, stateBucket]) {
    delete holder.profile;
    delete holder.assumeRole;
  }
  delete stateBucket.account;
  return named.map((setting) => `${setting}: the emulator is one account`);
}

/**
 * The user's environment variables without AWS settings, which might lead to a real account, and without settings of
 * Terraform's output.
 */
export function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(AWS_|TF_(LOG|CLI_ARGS|VAR_|WORKSPACE|DATA_DIR))/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    // The AWS CLI would look for the emulator behind the user's proxy.
    NO_PROXY: [env.NO_PROXY, "127.0.0.1"].filter(Boolean).join(","),
    no_proxy: [env.no_proxy, "127.0.0.1"].filter(Boolean).join(","),
  };
}
