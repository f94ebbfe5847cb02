import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { freePort } from "../../operations/tunnel/session";
import type { Certificate } from "./certificate-authority";

const START_MS = 120_000;

/** A Redis server on a free port of loopback; stop it when done. */
export class Redis {
  private constructor(
    private readonly folder: string,
    private readonly server: execa.ExecaChildProcess,
    readonly port: number,
  ) {}

  /**
   * @param settings more of the server's options, such as `["--requirepass", "secret"]`
   * @param certificate makes it speak TLS, and nothing else
   */
  static async start(settings: readonly string[] = [], certificate?: Certificate): Promise<Redis> {
    const folder = mkdtempSync(`${tmpdir()}/redis-`);
    const port = await freePort();
    const ports = certificate
      ? [
          ...["--port", "0", "--tls-port", String(port), "--tls-auth-clients", "no"],
          ...["--tls-cert-file", certificate.file, "--tls-key-file", certificate.keyFile],
          ...["--tls-ca-cert-file", certificate.file],
        ]
      : ["--port", String(port)];
    const server = execa("redis-server", [
      ...[...ports, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"],
      ...settings,
    ]);
    server.catch(() => undefined);
    const redis = new Redis(folder, server, port);
    await redis.untilItListens();
    return redis;
  }

  async stop(): Promise<void> {
    this.server.kill();
    await this.server.catch(() => undefined);
    rmSync(this.folder, { recursive: true });
  }

  private async untilItListens(): Promise<void> {
    const end = Date.now() + START_MS;
    while (!(await listens(this.port))) {
      if (Date.now() > end || this.server.exitCode !== null) {
        throw new Error(
          "redis-server did not start. Is it installed? apt-get install redis-server",
        );
      }
      await sleep(50);
    }
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
