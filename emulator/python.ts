import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import execa from "execa";
import { CommandError } from "../cli/command-error";

const REQUIREMENTS = resolve(__dirname, "requirements.txt");

/** Finds the Python programs: the interpreter that runs the emulator, and the AWS CLI. */
export interface Python {
  readonly python: string;
  readonly aws: string;
}

/** The release of a package that the requirements pin. */
export function pinned(name: string): string {
  const line = new RegExp(`^${name}(?:\\[.*\\])?==(.+)$`, "m");
  return line.exec(readFileSync(REQUIREMENTS, "utf8"))?.[1] ?? "";
}

/** The Python that `moto_server` on the PATH was installed with; a shim of pyenv does not say. */
function pythonOfMotoServer(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const script = folders.map((folder) => join(folder, "moto_server")).find(existsSync);
  const [, python] = (script && /^#!(\S*python\S*)/.exec(readFileSync(script, "utf8"))) || [];
  return python ? [python] : [];
}

interface Installed {
  /** The release of moto. */
  readonly moto: string;
  /** The interpreter itself, which starts faster than a shim of pyenv. */
  readonly python: string;
}

async function installedFor(python: string): Promise<Installed | undefined> {
  const program =
    "import moto.server, cryptography, sys; print(moto.__version__); print(sys.executable)";
  const { failed, stdout } = await execa(python, ["-c", program], { reject: false });
  if (failed) {
    return undefined;
  }
  const [moto = "", executable = ""] = stdout.split("\n").map((line) => line.trim());
  return { moto, python: executable };
}

let found: Promise<string | undefined> | undefined;

/** A Python with the release of moto that the extensions are written for, or undefined. This process looks once. */
export function pythonWithMoto(): Promise<string | undefined> {
  found ??= lookForPython();
  return found;
}

async function lookForPython(): Promise<string | undefined> {
  for (const candidate of ["python3", "python", ...pythonOfMotoServer()]) {
    const installed = await installedFor(candidate);
    if (installed?.moto === pinned("moto")) {
      return installed.python;
    }
  }
  return undefined;
}

async function installedAws(): Promise<string | undefined> {
  const { failed } = await execa("aws", ["--version"], { reject: false });
  return failed ? undefined : "aws";
}

/**
 * The Python that is installed on this machine, or a virtual environment in the given folder, created once.
 * @throws CommandError when there is neither. It says what to install.
 */
export async function findPython(
  folder: string,
  say: (progress: string) => void,
  python3 = "python3",
): Promise<Python> {
  const [python, aws] = await Promise.all([pythonWithMoto(), installedAws()]);
  if (python && aws) {
    return { python, aws };
  }
  const own = join(folder, "venv", "bin", "python3");
  if (!existsSync(own) || (await installedFor(own))?.moto !== pinned("moto")) {
    say(`installing ${REQUIREMENTS} in ${dirname(dirname(own))}, once`);
    await install(python3, dirname(dirname(own)));
  }
  return { python: python ?? own, aws: aws ?? join(dirname(own), "aws") };
}

async function install(python3: string, environment: string): Promise<void> {
  const pip = join(environment, "bin", "pip");
  for (const [program, ...args] of [
    [python3, "-m", "venv", "--clear", environment],
    [pip, "install", "--quiet", "--no-color", "--disable-pip-version-check", "-r", REQUIREMENTS],
  ] as const) {
    const { failed, all } = await execa(program, args, { reject: false, all: true });
    if (failed) {
      const said = stripVTControlCharacters(all ?? "")
        .trim()
        .split("\n");
      const why = said.at(-1) || `${program} cannot be run`;
      throw new CommandError(
        `The AWS emulator is not installed, and the installation failed (${why}). Install it for python3: python3 -m pip install -r emulator/requirements.txt`,
      );
    }
  }
}
