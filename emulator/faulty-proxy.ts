import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, request as requestByTls } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Emulator } from "./emulator";

export interface FaultyProxyProps {
  readonly emulator: Pick<Emulator, "endpoint">;
  /** Where certificate.pem and key.pem are, where the emulator speaks TLS: the proxy speaks as it does. */
  readonly folder: string;
  /** Percentage of calls that fail, at random: two thirds with throttling (503), one third with an error (500). */
  readonly faultPercent: number;
  /** Calls after which the credentials count as expired (403). @default - never */
  readonly expireAfterCalls?: number;
  /** Seed of the random numbers: the same seed causes the same faults. @default 1 */
  readonly seed?: number;
}

/** An error response of AWS. */
interface Fault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const THROTTLED: Fault = { status: 503, code: "ThrottlingException", message: "Rate exceeded" };
/** S3 has its own error code. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const SLOW_DOWN: Fault = {
  status: 503,
  code: "SlowDown",
  message: "Please reduce your request rate.",
};
const BROKEN: Fault = {
  status: 500,
  code: "InternalError",
  message: "We encountered an internal error. Please try again.",
};
const EXPIRED: Fault = {
  status: 403,
  code: "ExpiredToken",
  message: "The security token included in the request is expired",
};

/**
 * A proxy on loopback between Terraform and the emulator. It fails a share of the calls with throttling or server errors,
 * before they reach the emulator. Stop it when done.
 */
export class FaultyProxy {
  calls = 0;
  faults = 0;
  private readonly random: () => number;
  private readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  private readonly server: Server;
  private expireAt: number;

  private constructor(private readonly props: FaultyProxyProps) {
    const read = (name: string) => readFileSync(join(props.folder, name));
    this.tls = props.emulator.endpoint.startsWith("https:")
      ? { cert: read("certificate.pem"), key: read("key.pem") }
      : undefined;
    this.server = this.tls ? createTlsServer(this.tls) : createServer();
    this.server.on("request", (asked, answer) => this.answer(asked, answer));
    this.random = randomNumbers(props.seed ?? 1);
    this.expireAt = props.expireAfterCalls ?? Number.POSITIVE_INFINITY;
  }

  static async start(props: FaultyProxyProps): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(props);
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    return proxy;
  }

  get endpoint(): string {
    const { port } = this.server.address() as AddressInfo;
    return `${this.tls ? "https" : "http"}://127.0.0.1:${port}`;
  }

  /** From now on, every call's credentials have expired. */
  expireCredentials(): void {
    this.expireAt = this.calls;
  }

  /** The credentials are valid again. */
  renewCredentials(): void {
    this.expireAt = Number.POSITIVE_INFINITY;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private answer(asked: IncomingMessage, answer: ServerResponse): void {
    this.calls += 1;
    const fault = this.faultOf(asked);
    if (fault) {
      this.faults += 1;
      asked.resume();
      refuse(asked, answer, fault);
    } else {
      this.forward(asked, answer);
    }
  }

  private faultOf(asked: IncomingMessage): Fault | undefined {
    if (this.calls > this.expireAt) {
      return EXPIRED;
    }
    if (this.random() * 100 >= this.props.faultPercent) {
      return undefined;
    }
    const throttled = formatOf(asked) === "s3" ? SLOW_DOWN : THROTTLED;
    return this.random() < 2 / 3 ? throttled : BROKEN;
  }

  private forward(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, url, headers } = asked;
    const target = `${this.props.emulator.endpoint}${url}`;
    const ask = this.tls ? requestByTls : request;
    const forwarded = ask(target, { method, headers, ca: this.tls?.cert }, (received) => {
      answer.writeHead(received.statusCode ?? 502, received.headers);
      received.pipe(answer);
    });
    // The caller sees a broken connection, as it would without the proxy.
    forwarded.on("error", () => answer.destroy());
    asked.on("aborted", () => forwarded.destroy());
    asked.pipe(forwarded);
  }
}

type Format = "s3" | "query" | "ec2" | "json";

/** The response format of a service, by the service in the signature and the body's type. */
function formatOf({ headers }: IncomingMessage): Format {
  const [, service] = /\/([a-z0-9-]+)\/aws4_request/.exec(headers.authorization ?? "") ?? [];
  if (service === "s3" || service === "ec2") {
    return service;
  }
  return headers["content-type"]?.startsWith("application/x-www-form-urlencoded")
    ? "query"
    : "json";
}

const BODIES: Readonly<Record<Format, (fault: Fault) => string>> = {
  s3: ({ code, message }) => `<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  query: ({ code, message }) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>0</RequestId></ErrorResponse>`,
  ec2: ({ code, message }) =>
    `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>0</RequestID></Response>`,
  json: ({ code, message }) => JSON.stringify({ __type: code, message }),
};

function refuse(asked: IncomingMessage, answer: ServerResponse, fault: Fault): void {
  const format = formatOf(asked);
  const type = format === "json" ? "application/x-amz-json-1.1" : "text/xml";
  answer.writeHead(fault.status, { "Content-Type": type, "x-amzn-ErrorType": fault.code });
  answer.end(BODIES[format](fault));
}

/** Random numbers from 0 to 1, reproducible by seed: a linear congruential generator. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
