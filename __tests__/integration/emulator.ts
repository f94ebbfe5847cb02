import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";

/** moto, which answers as AWS does: https://docs.getmoto.org/en/latest/docs/server_mode.html */
export const EMULATOR_COMMAND = "moto_server";
const START_SECONDS = 60;

export async function onPath(command: string): Promise<boolean> {
  const { failed } = await execa(command, ["--help"], { reject: false });
  return !failed;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** An AWS emulator on a free port of loopback, with an empty memory; stop it when done. */
export class Emulator {
  private constructor(
    private readonly child: ChildProcess,
    readonly endpoint: string,
  ) {}

  /**
   * @param env more environment variables, such as moto's own options.
   * @throws Error when it does not answer in time, with what it said.
   */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<Emulator> {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const child = spawn(EMULATOR_COMMAND, ["-H", "127.0.0.1", "-p", String(port)], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env },
    });
    const said: string[] = [];
    child.stderr?.on("data", (chunk) => said.push(String(chunk)));
    for (let second = 0; second < START_SECONDS * 10 && child.exitCode === null; second++) {
      if (await answers(endpoint)) {
        return new Emulator(child, endpoint);
      }
      await sleep(100);
    }
    child.kill("SIGKILL");
    throw new Error(`${EMULATOR_COMMAND} did not start: ${said.join("")}`);
  }

  /** What points the AWS provider, the S3 backend and the AWS SDK at the emulator. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: "emulated",
      AWS_SECRET_ACCESS_KEY: "emulated",
      AWS_REGION: "us-east-1",
    };
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await ended;
  }
}

/** False as long as nothing listens. */
function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/moto-api/`).then(
    ({ ok }) => ok,
    () => false,
  );
}
