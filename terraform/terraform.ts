import { chmodSync, existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import execa from "execa";
import pc from "picocolors";
import { CommandError } from "../cli/command-error";

/** The registries that Terraform and OpenTofu name providers by. */
const REGISTRIES = ["registry.terraform.io", "registry.opentofu.org"];
/** Folders that may contain a provider mirror, besides Terraform's implied ones. */
const MIRROR_PARENTS = ["/opt", "/usr/share", "/usr/local/share"];
const INSTALL =
  "Install Terraform >= 1.11 (https://developer.hashicorp.com/terraform/install), or OpenTofu >= 1.11 and set TERRAFORM_BINARY_NAME=tofu.";

export interface TerraformResult {
  readonly exitCode: number;
  /** Both streams as printed; empty if they went to the terminal directly. */
  readonly output: string;
  /** Standard output alone, without warnings and logs. */
  readonly stdout: string;
}

/**
 * Where the output goes: `show` gives Terraform the terminal; `tee` shows and captures it; `keep` only captures it.
 */
export type Output = "show" | "tee" | "keep";

/** A running Terraform with hidden output. */
export interface TerraformProcess {
  readonly result: Promise<TerraformResult>;
  /** Kills it and its provider plugins, like a crash: nothing is saved, and the state stays locked. */
  kill(): void;
}

/**
 * Terraform (or OpenTofu) on this machine, with its provider plugins.
 *
 * The user's CLI configuration determines the source of providers. Without one, Terraform uses a mirror on this machine
 * (`TF_PROVIDER_MIRROR`, or a child of /opt, /usr/share or /usr/local/share), otherwise the public registry.
 */
export class Terraform {
  private constructor(
    /** The name or path of the program. */
    readonly binary: string,
    /** Its environment variables. Other programs that run Terraform need the same ones. */
    readonly env: NodeJS.ProcessEnv,
    /** `1.11.4` */
    readonly version: string,
    /** The provider mirror, if any. */
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
   * Starts `terraform -chdir=<folder> <args>` in its own process group, which Ctrl-C does not reach. The caller waits for
   * it or kills it.
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
   * Runs `terraform -chdir=<folder> <args>`. A failing exit code is a result, not an error. When the output is shown,
   * Ctrl-C reaches Terraform, which releases the state lock and fails.
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
    makePrivate(plansIn(args).map((file) => resolve(folder, file)));
    // The child inherits it. Saved plans and local states hold sensitive values in plain text.
    const umask = process.umask(OWNER_ONLY);
    try {
      return execa(this.binary, [`-chdir=${folder}`, ...args], { ...common, ...options });
    } finally {
      process.umask(umask);
    }
  }
}

/** Terraform prints colors to files and pipes, too, and does not know NO_COLOR. */
export const COLOR_ARGUMENTS: readonly string[] = pc.isColorSupported ? [] : ["-no-color"];

/** No permissions for group and others. */
const OWNER_ONLY = 0o077;

/** Makes existing files readable by their owner only. Terraform overwrites a file in place, so the file keeps its mode. */
export function makePrivate(files: readonly string[]): void {
  for (const file of files.filter((one) => statSync(one, { throwIfNoEntry: false })?.isFile())) {
    chmodSync(file, 0o600);
  }
}

/** The files that a plan is saved to: `-out=FILE`, or `-out FILE`. */
function plansIn(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    const out = /^--?out(?:=(.*))?$/s.exec(argument);
    return out ? [out[1] ?? args[index + 1] ?? ""] : [];
  });
}

/**
 * Waits for a program that receives Ctrl-C itself. If this process ended immediately, Terraform would get a second
 * signal and abort.
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
 * Makes every `terraform init` install providers from a mirror, including those in child processes.
 * @see https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_cli_args-and-tf_cli_args_name
 */
function initFrom(mirror: string | undefined, env: NodeJS.ProcessEnv): Record<string, string> {
  if (!mirror) {
    return {};
  }
  const argument = `-plugin-dir='${resolve(mirror)}'`;
  return { TF_CLI_ARGS_init: `${env.TF_CLI_ARGS_init ?? ""} ${argument}`.trim() };
}
