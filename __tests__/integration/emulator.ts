import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import execa from "execa";

/** moto, which answers as AWS does, with the gaps closed that the stacks meet. */
const EMULATOR = resolve(__dirname, "..", "..", "commands", "emulator.py");
const START_SECONDS = 60;

/** The Python that `moto_server` on the PATH was installed with; a shim of pyenv does not say. */
function pythonOfMotoServer(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const script = folders.map((folder) => join(folder, "moto_server")).find(existsSync);
  const [, python] = (script && /^#!(\S*python\S*)/.exec(readFileSync(script, "utf8"))) || [];
  return python ? [python] : [];
}

/** A Python that has moto, or undefined. */
export async function pythonWithMoto(): Promise<string | undefined> {
  for (const python of ["python3", "python", ...pythonOfMotoServer()]) {
    const { failed } = await execa(python, ["-c", "import moto.server"], { reject: false });
    if (!failed) {
      return python;
    }
  }
  return undefined;
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
    const python = (await pythonWithMoto()) ?? "python3";
    const child = spawn(python, [EMULATOR, "-H", "127.0.0.1", "-p", String(port)], {
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
    throw new Error(`The emulator did not start: ${said.join("")}`);
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

  /** What points a client of the AWS SDK at the emulator. */
  get clientConfig() {
    const credentials = { accessKeyId: "emulated", secretAccessKey: "emulated" };
    return { endpoint: this.endpoint, region: "us-east-1", credentials };
  }

  /** Makes an empty bucket, as somebody would who has no state-bucket stack. */
  async createBucket(Bucket: string): Promise<void> {
    const s3 = new S3Client({ ...this.clientConfig, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket }));
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
