import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { freePort } from "../../operations/tunnel/session";
import type { Certificate } from "./certificate-authority";

/** Debian keeps the server's programs off the PATH. */
const DEBIAN = "/usr/lib/postgresql";

function program(name: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort() : [];
  const found = versions.map((version) => join(DEBIAN, version, "bin", name)).find(existsSync);
  return found ?? name;
}

/** PostgreSQL refuses to run as root; then it runs as the user that its Debian package makes. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const id = (flag: string) => Number(execa.sync("id", [flag, "postgres"]).stdout);
  return { uid: id("-u"), gid: id("-g") };
}

/** A PostgreSQL server on a free port of loopback, with TLS and its own CA; stop it when done. */
export class Postgres {
  private constructor(
    private readonly folder: string,
    private readonly user: { uid: number; gid: number } | undefined,
    readonly port: number,
    /** The password of the superuser `postgres`. */
    readonly password: string,
    private readonly more: readonly string[],
  ) {}

  /** The certificate that the server's own is signed with: itself. */
  get rootCertificate(): string {
    return join(this.folder, "server.crt");
  }

  /** @param more options of the server, such as `["-c", "wal_level=logical"]` */
  static async start(more: readonly string[] = []): Promise<Postgres> {
    const user = unprivileged();
    const folder = mkdtempSync(join(tmpdir(), "postgres-"));
    const server = new Postgres(folder, user, await freePort(), "initial", more);
    if (user) {
      chownSync(folder, user.uid, user.gid);
    }
    const data = join(folder, "data");
    writeFileSync(join(folder, "password"), server.password);
    await server.run(program("initdb"), [
      "-D",
      data,
      "-U",
      "postgres",
      "-A",
      "scram-sha-256",
      "--pwfile",
      join(folder, "password"),
    ]);
    await server.run("openssl", [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", join(folder, "server.key"), "-out", server.rootCertificate],
    ]);
    await server.control("start", "-w", "-l", join(folder, "log"), "-o", server.settings);
    return server;
  }

  /** Replaces the server's certificate, for connections that are opened from now on. */
  async present({ file, keyFile }: Certificate): Promise<void> {
    // The files keep their owner and mode, which PostgreSQL checks.
    writeFileSync(this.rootCertificate, readFileSync(file));
    writeFileSync(join(this.folder, "server.key"), readFileSync(keyFile));
    await this.control("reload");
  }

  /** Restarts the server as a standby that accepts no writes. */
  async becomeStandby(): Promise<void> {
    await this.control("stop", "-m", "fast", "-w");
    await this.run("touch", [join(this.folder, "data", "standby.signal")]);
    await this.control("start", "-w", "-l", join(this.folder, "log"), "-o", this.settings);
  }

  /** What the server has logged. */
  log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  async stop(): Promise<void> {
    await this.control("stop", "-m", "fast", "-w");
    rmSync(this.folder, { recursive: true });
  }

  private get settings(): string {
    return [
      ...["-p", String(this.port), "-h", "127.0.0.1", "-k", this.folder, "-c", "ssl=on"],
      ...["-c", `ssl_cert_file=${this.rootCertificate}`],
      ...["-c", `ssl_key_file=${join(this.folder, "server.key")}`, "-c", "fsync=off"],
      ...this.more,
    ].join(" ");
  }

  private control(...args: string[]): Promise<void> {
    return this.run(program("pg_ctl"), ["-D", join(this.folder, "data"), ...args]);
  }

  private async run(command: string, args: string[]): Promise<void> {
    await execa(command, args, {
      ...this.user,
      cwd: this.folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
}
