import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { json, text } from "node:stream/consumers";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CommandError } from "../cli/command-error";
import { pythonWithMoto } from "./python";

/** moto with extensions that close the gaps that affect the stacks. */
const EMULATOR = resolve(__dirname, "emulator.py");
/** A start takes seconds, or minutes under load. Only a hanging process takes longer. */
const START_SECONDS = 300;
/** A copy answers in a second, or in some more under load: how long to wait, at one attempt after another. */
const ANSWER_SECONDS = [15, 30, 60, 120, 240];
const REGION = "us-east-1";

export interface EmulatorProps {
  /** @default - the first Python that has moto */
  readonly python?: string;
  /**
   * A folder for the certificate; with one, the emulator speaks TLS, and can be copied.
   * @default - plain HTTP
   */
  readonly tls?: string;
  /** @default "us-east-1" */
  readonly region?: string;
  /** @default - a free one */
  readonly port?: number;
  /** More environment variables, such as moto's own options. @default - none */
  readonly env?: Readonly<Record<string, string>>;
}

/** A recorded request to AWS: an IAM action on a resource. */
export interface EmulatedCall {
  /** The name of the role whose credentials signed the request; null for the emulator's own keys. */
  readonly role: string | null;
  /** `rds:CreateDBInstance` */
  readonly action: string;
  /** An ARN; `*` for actions without resource-level permissions. */
  readonly resource: string;
  readonly refused: boolean;
}

/** An AWS emulator on a free port of loopback, with an empty account. Stop it when done. It ends with this process. */
export class Emulator {
  private constructor(
    readonly endpoint: string,
    private readonly props: EmulatorProps,
    private readonly end: () => Promise<void>,
  ) {}

  /** @throws Error with its output when it does not start in time. */
  static async start(props: EmulatorProps = {}): Promise<Emulator> {
    const tls = props.tls ? ["--tls", props.tls] : [];
    const python = props.python ?? (await pythonWithMoto()) ?? "python3";
    const child = spawn(
      python,
      [EMULATOR, "-H", "127.0.0.1", "-p", `${props.port ?? 0}`, "--until-stdin-closes", ...tls],
      { stdio: "pipe", env: { ...process.env, ...props.env } },
    );
    const endpoint = await endpointOf(child);
    return new Emulator(endpoint, props, async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }
    });
  }

  /** The environment variables that point the AWS provider, the S3 backend, the AWS SDK and the AWS CLI at the emulator. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: "emulated",
      AWS_SECRET_ACCESS_KEY: "emulated",
      AWS_REGION: this.props.region ?? REGION,
      // The AWS CLI reads the region only from this variable.
      AWS_DEFAULT_REGION: this.props.region ?? REGION,
      // The AWS SDK for JavaScript does not read AWS_CA_BUNDLE; Node.js reads this at its start.
      ...(this.certificate
        ? { AWS_CA_BUNDLE: this.certificate, NODE_EXTRA_CA_CERTS: this.certificate }
        : {}),
    };
  }

  /** The file of the certificate that clients must trust. */
  get certificate(): string | undefined {
    return this.props.tls && join(this.props.tls, "certificate.pem");
  }

  /** The configuration that points a client of the AWS SDK at the emulator. */
  get clientConfig() {
    const ca = this.certificate && readFileSync(this.certificate);
    return {
      endpoint: this.endpoint,
      region: this.props.region ?? REGION,
      credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
      ...(ca ? { requestHandler: { httpsAgent: { ca } } } : {}),
    };
  }

  /** Creates an empty bucket, for tests that do not deploy the state-bucket stack. */
  async createBucket(Bucket: string): Promise<void> {
    const s3 = new S3Client({ ...this.clientConfig, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket }));
  }

  /**
   * A copy of the account in another process. Changes to the copy do not affect this one. Requires TLS.
   *
   * The copy is a fork, which may inherit a lock of OpenSSL that another thread holds at that moment. Nobody unlocks it, so
   * the copy never answers, and another one takes its place.
   */
  async copy(): Promise<Emulator> {
    for (const seconds of ANSWER_SECONDS) {
      const { endpoint, pid } = await this.ask<{ endpoint: string; pid: number }>("copy");
      const copy = new Emulator(endpoint, this.props, async () => killIfThere(pid));
      if (await copy.answers(seconds)) {
        return copy;
      }
      await copy.stop();
    }
    throw new CommandError(
      `${ANSWER_SECONDS.length} copies of the emulated account did not answer. Is the machine overloaded? Run the command again.`,
    );
  }

  private async answers(seconds: number): Promise<boolean> {
    try {
      await this.ask("calls", AbortSignal.timeout(seconds * 1000));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ABORT_ERR") {
        return false;
      }
      throw error;
    }
  }

  /** The requests so far, without duplicates. A copy includes those of its original. */
  async calls(): Promise<readonly EmulatedCall[]> {
    return this.ask("calls");
  }

  /** From here on, a role may do only what its policies allow. The emulator's own keys may do everything. */
  async enforcePolicies(): Promise<void> {
    await this.ask("enforce");
  }

  private async ask<Answer>(what: string, signal?: AbortSignal): Promise<Answer> {
    const ca = this.certificate && readFileSync(this.certificate);
    const url = `${this.endpoint}/emulator/${what}`;
    const asked = request(url, { method: "POST", ca, ...(signal ? { signal } : {}) }).end();
    const [answer] = await once(asked, "response");
    if (answer.statusCode !== 200) {
      throw new Error(`The emulator did not answer /emulator/${what}: ${await text(answer)}`);
    }
    return (await json(answer)) as Answer;
  }

  async stop(): Promise<void> {
    await this.end();
  }
}

/** Ctrl-C also reaches a copy, which then ends by itself. A copy has nothing to save. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}

/** The emulator prints its endpoint as soon as it listens. */
async function endpointOf(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  child.stderr?.on("data", (chunk) => said.push(String(chunk)));
  const endpoint = new Promise<string>((resolve, reject) => {
    const failed = (why: string) => {
      clearTimeout(timeout);
      child.kill("SIGKILL");
      reject(new CommandError(`The emulator did not start (${why}): ${said.join("").trim()}`));
    };
    const timeout = setTimeout(() => failed("it took too long"), START_SECONDS * 1000);
    child.once("error", ({ message }) => failed(message));
    child.once("exit", (code) => failed(`exit code ${code}`));
    createInterface(child.stdout as NodeJS.ReadableStream).once("line", (line) => {
      clearTimeout(timeout);
      child.removeAllListeners("exit");
      resolve(line);
    });
  });
  try {
    return await endpoint;
  } finally {
    // Nobody reads its log from here on. It must not fill the pipe.
    child.stderr?.removeAllListeners("data").resume();
  }
}
