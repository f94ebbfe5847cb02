import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import execa from "execa";
import type { TerraformAccess } from "../settings/terraform-access";
import { printable } from "../validation/printable";
import { credentialsOf } from "./aws-credentials";
import { CommandError } from "./command-error";
import type { ContainerEntries, EnvironmentEntry, SecretEntry } from "./container-entries";

const STDOUT = 1;
const OWNER_ONLY = 0o600;

/** In single quotes, shells and dotenv read everything literally except a single quote. */
function quoted(name: string, value: string): string {
  if (/['\n\r\0]/.test(value)) {
    throw new CommandError(
      `The value of ${name} has a quote, a line break or a NUL character, which a dotenv file cannot contain. Read the secret with the AWS SDK instead.`,
    );
  }
  return `${name}='${value}'\n`;
}

/**
 * The variables with their values, as dotenv files and shells read them.
 * @param access the credentials that may read the secrets.
 * @throws CommandError when a value may not be read.
 */
export async function dotenv(entries: ContainerEntries, access: TerraformAccess): Promise<string> {
  const values = await revealed(entries, access);
  return values.map(({ name, value }) => quoted(name, value)).join("");
}

/**
 * The variables with their values: the secrets first.
 * @param access the credentials that may read the secrets.
 * @throws CommandError when a value may not be read.
 */
export async function revealed(
  { secrets, environment }: ContainerEntries,
  access: TerraformAccess,
): Promise<EnvironmentEntry[]> {
  const credentials = credentialsOf(access);
  const read = await Promise.all(
    secrets.map(async (entry) => ({ name: entry.name, value: await reveal(entry, credentials) })),
  );
  return [...read, ...environment];
}

type Credentials = ReturnType<typeof credentialsOf>;

async function reveal({ name, valueFrom }: SecretEntry, credentials: Credentials): Promise<string> {
  try {
    return await fetchValue(valueFrom, credentials);
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError(
      `The value of ${name} cannot be read: ${message.replace(/\.$/, "")}. It is ${valueFrom}: log in with credentials that may read it.`,
    );
  }
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
async function fetchValue(arn: string, credentials: Credentials): Promise<string> {
  const [, , , region, , , , key] = arn.split(":");
  const SecretId = arn.split(":").slice(0, 7).join(":");
  const client = new SecretsManagerClient({ region, credentials });
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId }));
  return key ? String(JSON.parse(SecretString)[key]) : SecretString;
}

/**
 * Checks the target of secrets: a regular file that git ignores or that is in no repository, or the terminal. Call it
 * before the secrets are fetched.
 * @throws CommandError unless that is certain.
 */
export function checkSecretTarget(file: string | undefined): void {
  if (file !== undefined) {
    orSayWhy(file, () => {
      refuseUnlessFile(file);
      refuseUnlessIgnored(file);
    });
  } else if (fstatSync(STDOUT).isFile()) {
    throw new CommandError(
      "The output goes to a file. Name the file with --out, so that the command can check that git ignores it.",
    );
  }
}

/** Prints secrets, or writes them to a file that only its owner may read. Check the target first. */
export function writeSecretFile(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  checkSecretTarget(file);
  orSayWhy(file, () => write(text, file));
}

function orSayWhy(file: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const { message } = error as Error;
    throw error instanceof CommandError
      ? error
      : new CommandError(
          `${printable(file)} cannot be written completely: ${printable(message)}. Name a file in a folder that you may write to.`,
        );
  }
}

function write(text: string, file: string): void {
  const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  const descriptor = openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_TRUNC, OWNER_ONLY);
  try {
    fchmodSync(descriptor, OWNER_ONLY);
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** A link may lead to a file that git tracks; a device or a folder is no place for secrets. */
function refuseUnlessFile(file: string): void {
  if (file === "" || file.endsWith("/")) {
    throw new CommandError(`"${printable(file)}" does not name a file. Name a regular file.`);
  }
  const folder = dirname(resolve(file));
  if (!existsSync(folder)) {
    throw new CommandError(
      `There is no folder ${printable(folder)}. Create it, or name another file.`,
    );
  }
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat && !stat.isFile()) {
    throw new CommandError(
      `${printable(file)} is a ${stat.isSymbolicLink() ? "symbolic link" : "folder or device"}. Name a regular file.`,
    );
  }
  if (stat && stat.nlink > 1) {
    throw new CommandError(`${printable(file)} has another name (a hard link). Name another file.`);
  }
}

/** `git check-ignore` exits with 0 for an ignored file, and with 1 for one that git tracks or would track. */
function refuseUnlessIgnored(file: string): void {
  const folder = realpathSync(dirname(resolve(file)));
  if (!isInRepository(folder)) {
    return;
  }
  // Prefixed with "./", because a name may begin with a hyphen or with the colon of a pathspec.
  const path = `./${basename(file)}`;
  const { exitCode, failed } = git(folder, ["check-ignore", "--quiet", "--no-index", "--", path]);
  const isTracked =
    git(folder, ["--literal-pathspecs", "ls-files", "--error-unmatch", "--", path]).exitCode === 0;
  if (failed || exitCode !== 0 || isTracked) {
    throw new CommandError(
      `git does not ignore ${printable(file)}. Add it to .gitignore, or write to a folder outside the repository.`,
    );
  }
}

/** Whether a folder of the path, up to the root, holds `.git`. Git's own answer could depend on its settings. */
function isInRepository(folder: string): boolean {
  const parent = dirname(folder);
  return existsSync(join(folder, ".git")) || (parent !== folder && isInRepository(parent));
}

/** Without the variables that point git to another repository. */
function git(cwd: string, args: readonly string[]) {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return execa.sync("git", args, {
    cwd,
    env: Object.fromEntries(env),
    extendEnv: false,
    reject: false,
  });
}
