import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { CommandError } from "../cli/command-error";
import { run } from "../cli/run";
import { Emulator } from "../emulator/emulator";
import { findPython } from "../emulator/python";

const OUTPUT = "rehearsal.out";
const FILE = "emulator.sh";

/** For some services, such as RDS, the AWS CLI ignores AWS_ENDPOINT_URL. */
const AWS_CLI = `aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }`;

/** Shell lines that point Terraform, the AWS CLI and the AWS SDK at the emulator, without any of the user's AWS settings. */
function exportLines({ env }: Emulator): string {
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
  return `${["unset AWS_PROFILE AWS_SESSION_TOKEN", ...lines, AWS_CLI].join("\n")}\n`;
}

function told(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.once(signal, () => resolve());
    }
  });
}

/** Runs until it is stopped, and leaves nothing behind. */
async function emulator({ port }: { readonly port?: number }): Promise<number> {
  const file = join(OUTPUT, FILE);
  if (existsSync(file)) {
    throw new CommandError(
      `${file} exists: another emulator uses it, or was killed. Stop that emulator with Ctrl-C, or remove the file.`,
    );
  }
  const { python } = await findPython(OUTPUT, console.error);
  const tls = mkdtempSync(join(tmpdir(), "emulator-"));
  try {
    const running = await Emulator.start({ python, tls, port });
    try {
      mkdirSync(OUTPUT, { recursive: true });
      writeFileSync(file, exportLines(running));
      console.log(`An empty AWS account is at ${running.endpoint}. In another terminal, in this folder:

  source ${relative(".", file)}

Then use npm, terraform and aws in that terminal as with a real account. Ctrl-C here deletes the account. Afterwards,
close that terminal, and remove terraform.state-bucket-*.tfstate if you deployed a state bucket.`);
      await told();
    } finally {
      await running.stop();
    }
  } finally {
    rmSync(tls, { recursive: true });
    rmSync(file, { force: true });
  }
  return 0;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError("Use a port from 1 to 65535.");
  }
  return port;
}

const program = new Command("npm run emulator --")
  .description("Runs an AWS emulator on this machine until Ctrl-C: an empty account to deploy to.")
  .option("--port <port>", "the port on loopback to listen on (default: a free port)", portOf)
  .addHelpText("after", "\nExit codes: 0 after Ctrl-C; 1 when it cannot start.")
  .action((options: { port?: number }) => run(() => emulator(options)));

program.parseAsync();
