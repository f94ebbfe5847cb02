import { Command, InvalidArgumentError } from "commander";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { openTunnels, type TunnelOptions } from "../operations/tunnel/tunnel";
import { parseEnvironments } from "../settings/environment";

/** Options after `--` belong to the program. */
const separator = process.argv.indexOf("--");
const command = separator < 0 ? [] : process.argv.splice(separator).slice(1);

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError("Use a port from 1 to 65535.");
  }
  return port;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 600)) {
    throw new InvalidArgumentError("Use a number of seconds greater than 0 and at most 600.");
  }
  return seconds;
}

const program = new Command("npm run tunnel --")
  .description(
    "Opens a local port to each data store in the VPC through AWS Systems Manager, then waits for Ctrl-C or runs a program.",
  )
  .argument("<environment>", "its name, such as dev")
  .argument("[store]", "the name of the data store (default: all of the environment)")
  .usage("[options] <environment> [store] [-- program arguments…]")
  .option(
    "--via <name>",
    "an instance (i-…), or an ECS task with ECS Exec (CLUSTER/TASK-ID[/CONTAINER]), instead of the bastion",
  )
  .option("--port <port>", "the local port, for one data store (default: a free port)", portOf)
  .option("--ca <file>", "the CA bundle of RDS (default: global-bundle.pem in this folder)")
  .option(
    "--timeout <seconds>",
    "the time limit for a data store to answer (default: 30)",
    secondsOf,
  )
  .option("--reveal", "print the password in the URL")
  .addHelpText(
    "after",
    "\nExit codes: that of the program; 0 after Ctrl-C; 1 when a tunnel cannot be opened, or ends.",
  )
  .action((name: string, store: string | undefined, options: TunnelOptions) =>
    run(() =>
      openTunnels(named(parseEnvironments(readEnvironments()), name), store, command, options),
    ),
  );

program.parseAsync();
