import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import execa from "execa";
import { CommandError } from "./run";

/** The registries that Terraform and OpenTofu name providers by. */
const REGISTRIES = ["registry.terraform.io", "registry.opentofu.org"];
/** Folders whose children may be a provider mirror; Terraform looks into its own implied ones by itself. */
const MIRROR_PARENTS = ["/opt", "/usr/share", "/usr/local/share"];
const INSTALL =
  "Install Terraform >= 1.11 (https://developer.hashicorp.com/terraform/install), or OpenTofu >= 1.11 and set TERRAFORM_BINARY_NAME=tofu.";

export interface TerraformResult {
  readonly exitCode: number;
  /** Both streams as they were printed; empty where they went to the terminal directly. */
  readonly output: string;
  /** Standard output alone, without warnings and logs. */
  readonly stdout: string;
}

/**
 * What becomes of the output: `show` hands Terraform the terminal itself; `tee` shows it and keeps it;
 * `keep` shows nothing.
 */
export type Output = "show" | "tee" | "keep";

/** Terraform at work, out of sight. */
export interface TerraformProcess {
  readonly result: Promise<TerraformResult>;
  /** Ends it and its provider plugins at once, as a crash would: nothing is saved, the state stays locked. */
  kill(): void;
}

/**
 * Terraform (or OpenTofu) on this machine, with the provider plugins it can reach.
 *
 * Providers come from where the user's own CLI configuration says. Without one, a mirror that lies on this machine is
 * used (`TF_PROVIDER_MIRROR`, or a child of /opt, /usr/share or /usr/local/share), else the public registry.
 */
export class Terraform {
  private constructor(
    /** Its name, or its path. */
    readonly binary: string,
    /** The environment it runs with; what else runs Terraform here wants the same. */
    readonly env: NodeJS.ProcessEnv,
    /** `1.11.4` */
    readonly version: string,
    /** The folder that providers are installed from, if not the registry. */
    readonly mirror: string | undefined,
  ) {}

  /** @throws CommandError when there is no Terraform. */
  static async find(env: NodeJS.ProcessEnv = process.env): Promise<Terraform> {
    const binary = env.TERRAFORM_BINARY_NAME || "terraform";
    const hasOwnConfig = !!env.TF_CLI_CONFIG_FILE && existsSync(env.TF_CLI_CONFIG_FILE);
    const mirror = hasOwnConfig ? undefined : findMirror(env);
    // A variable that points at a missing file makes Terraform warn on every call.
    const own = {
      ...env,
      ...(hasOwnConfig ? {} : { TF_CLI_CONFIG_FILE: "" }),
      ...initFrom(mirror, env),
    };
    return new Terraform(binary, own, await versionOf(binary, own), mirror);
  }

  /**
   * Starts `terraform -chdir=<folder> <args>` in a process group of its own, which Ctrl-C does not reach: whoever starts
   * it waits for it or kills it.
   * @param onLine is called with each line of its standard output, as it comes.
   */
  start(
    folder: string,
    args: readonly string[],
    onLine: (line: string) => void = () => {},
  ): TerraformProcess {
    const child = this.spawn(folder, args, { stdin: "ignore", detached: true });
    createInterface(child.stdout as Readable).on("line", onLine);
    return {
      result: child.then(resultOf),
      kill: () => {
        if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
          process.kill(-child.pid, "SIGKILL");
        }
      },
    };
  }

  /**
   * Runs `terraform -chdir=<folder> <args>`. A failing exit code is a result, not an error. Ctrl-C is Terraform's where
   * it is shown: it gives the state's lock back and fails.
   */
  async run(
    folder: string,
    args: readonly string[],
    output: Output = "show",
  ): Promise<TerraformResult> {
    if (output !== "keep") {
      console.log(`$ ${this.binary} -chdir=${folder} ${args.join(" ")}`);
    }
    const shown = output === "show" ? "inherit" : "pipe";
    const child = this.spawn(folder, args, {
      stdin: output === "keep" ? "ignore" : "inherit",
      stdout: shown,
      stderr: shown,
    });
    if (output === "tee") {
      child.stdout?.pipe(process.stdout);
      child.stderr?.pipe(process.stderr);
    }
    return resultOf(await (output === "keep" ? child : outlivingCtrlC(child)));
  }

  private spawn(folder: string, args: readonly string[], options: execa.Options) {
    const common = { env: this.env, extendEnv: false, reject: false, all: true };
    return execa(this.binary, [`-chdir=${folder}`, ...args], { ...common, ...options });
  }
}

/**
 * Waits for a program that hears Ctrl-C itself. Ending at once, this process would send it a second signal, at which
 * Terraform drops everything.
 */
async function outlivingCtrlC<T>(program: Promise<T>): Promise<T> {
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    return await program;
  } finally {
    process.off("SIGINT", ignore);
  }
}

function resultOf({ exitCode, all, stdout }: execa.ExecaReturnValue): TerraformResult {
  return { exitCode: exitCode ?? 1, output: all ?? "", stdout: stdout ?? "" };
}

async function versionOf(binary: string, env: NodeJS.ProcessEnv): Promise<string> {
  const result = await execa(binary, ["version", "-json"], {
    env,
    extendEnv: false,
    reject: false,
  });
  if (result.failed) {
    const why = result.exitCode === undefined ? "was not found" : `failed: ${result.stderr}`;
    throw new CommandError(`\`${binary}\` ${why}. ${INSTALL}`);
  }
  return (JSON.parse(result.stdout) as { terraform_version: string }).terraform_version;
}

function findMirror(env: NodeJS.ProcessEnv): string | undefined {
  const named = env.TF_PROVIDER_MIRROR;
  if (named) {
    if (!isMirror(named)) {
      throw new CommandError(
        `TF_PROVIDER_MIRROR names ${named}, which has no ${REGISTRIES[0]}/hashicorp/aws. Name the folder that \`terraform providers mirror\` wrote, or unset it.`,
      );
    }
    return named;
  }
  return MIRROR_PARENTS.filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((child) => join(parent, child)))
    .find(isMirror);
}

function isMirror(folder: string): boolean {
  return REGISTRIES.some((registry) => existsSync(join(folder, registry, "hashicorp", "aws")));
}

/**
 * Has every `terraform init` install providers from a mirror, whoever calls it.
 * @see https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_cli_args-and-tf_cli_args_name
 */
function initFrom(mirror: string | undefined, env: NodeJS.ProcessEnv): Record<string, string> {
  if (!mirror) {
    return {};
  }
  const argument = `-plugin-dir='${resolve(mirror)}'`;
  return { TF_CLI_ARGS_init: `${env.TF_CLI_ARGS_init ?? ""} ${argument}`.trim() };
}
