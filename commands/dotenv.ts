import { chmodSync, existsSync, fstatSync, writeFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import execa from "execa";
import type { ContainerEntries, SecretEntry } from "./container-entries";
import { CommandError } from "./run";

const STDOUT = 1;
const OWNER_ONLY = 0o600;

/** In single quotes shells and dotenv take everything as it stands, but a single quote. */
function quoted(name: string, value: string): string {
  if (/['\n]/.test(value)) {
    throw new CommandError(
      `The value of ${name} has a quote or a line break; a dotenv file cannot hold it.`,
    );
  }
  return `${name}='${value}'\n`;
}

/**
 * The variables with their values, as dotenv files and shells read them.
 * @throws CommandError when a value may not be read.
 */
export async function dotenv({ secrets, environment }: ContainerEntries): Promise<string> {
  const revealed = await Promise.all(
    secrets.map(async (entry) => ({ name: entry.name, value: await reveal(entry) })),
  );
  return [...revealed, ...environment].map(({ name, value }) => quoted(name, value)).join("");
}

async function reveal({ name, valueFrom }: SecretEntry): Promise<string> {
  try {
    return await fetchValue(valueFrom);
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError(
      `The value of ${name} cannot be read: ${message.replace(/\.$/, "")}. It is ${valueFrom}: log in as somebody who may read it.`,
    );
  }
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
async function fetchValue(arn: string): Promise<string> {
  const [, , service, region, , ...resource] = arn.split(":");
  if (service === "ssm") {
    const Name = resource.join(":").replace(/^parameter/, "");
    const { Parameter } = await new SSMClient({ region }).send(new GetParameterCommand({ Name }));
    return Parameter?.Value ?? "";
  }
  const [key] = resource.slice(2);
  const SecretId = arn.split(":").slice(0, 7).join(":");
  const client = new SecretsManagerClient({ region });
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId }));
  return key ? String(JSON.parse(SecretString)[key]) : SecretString;
}

/**
 * Prints secrets, or writes them to a file that only its owner reads.
 * @throws CommandError for a file that git tracks or would track.
 */
export function writeSecretFile(text: string, file: string | undefined): void {
  if (file === undefined) {
    if (fstatSync(STDOUT).isFile()) {
      throw new CommandError(
        "The output goes to a file. Name it with --out, so that git is asked whether it tracks it.",
      );
    }
    process.stdout.write(text);
    return;
  }
  refuseTracked(file);
  if (existsSync(file)) {
    chmodSync(file, OWNER_ONLY);
  }
  writeFileSync(file, text, { mode: OWNER_ONLY });
}

/** git check-ignore answers 0 for an ignored file, 1 for one it would track, 128 outside a repository. */
function refuseTracked(file: string): void {
  const path = resolve(file);
  if (!existsSync(dirname(path))) {
    throw new CommandError(`There is no folder ${dirname(path)}. Make it, or name another file.`);
  }
  const { exitCode } = execa.sync("git", ["check-ignore", "--quiet", basename(path)], {
    cwd: dirname(path),
    reject: false,
  });
  if (exitCode === 1) {
    throw new CommandError(
      `git would track ${file}. Add it to .gitignore, or write to a folder outside the repository.`,
    );
  }
}
