import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import type { AwsCli } from "./aws-cli";
import type { Via } from "./via";

const DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost";
/** The plugin tells Systems Manager that the session is over; then the AWS CLI ends, too. */
const ENDING: readonly (readonly [NodeJS.Signals, number])[] = [
  ["SIGINT", 3000],
  ["SIGTERM", 1000],
  ["SIGKILL", 1000],
];

export interface SessionProps {
  readonly via: Via;
  readonly cli: AwsCli;
  /** The host of the data store. */
  readonly host: string;
  readonly port: number;
  /** The port on loopback. */
  readonly localPort: number;
}

/** A session of AWS Systems Manager that forwards a port of loopback to a data store. Close it when done. */
export class Session {
  /** Resolves with what the session printed, when it has ended by itself or was closed. */
  readonly ended: Promise<string>;
  private isOver = false;
  private readonly onExit = () => this.signal("SIGKILL");

  private constructor(
    private readonly child: execa.ExecaChildProcess,
    readonly localPort: number,
  ) {
    this.ended = child.then(({ all = "" }) => {
      this.isOver = true;
      process.off("exit", this.onExit);
      return all;
    });
    process.on("exit", this.onExit);
  }

  /** Starts it in its own process group, which Ctrl-C does not reach. */
  static start({ via, cli, host, port, localPort }: SessionProps): Session {
    const parameters = { host: [host], portNumber: [`${port}`], localPortNumber: [`${localPort}`] };
    const args = [
      ...["ssm", "start-session", "--target", via.target, "--document-name", DOCUMENT],
      ...["--parameters", JSON.stringify(parameters), ...cli.args],
    ];
    const child = execa("aws", args, {
      env: cli.env,
      extendEnv: false,
      reject: false,
      all: true,
      stdin: "ignore",
      detached: true,
    });
    return new Session(child, localPort);
  }

  /** Ends it and everything that it started. */
  async close(): Promise<void> {
    for (const [signal, patienceMs] of ENDING) {
      if (this.isOver) {
        return;
      }
      this.signal(signal);
      await Promise.race([this.ended, sleep(patienceMs, undefined, { ref: false })]);
    }
  }

  /** To the AWS CLI and its plugin. */
  private signal(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined || this.isOver) {
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
        throw error;
      }
    }
  }
}

/** A port of loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
