import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";

/** A server's certificate and key, as PEM files. */
export interface Certificate {
  readonly file: string;
  readonly keyFile: string;
}

/** A certificate authority that lives as long as a test. */
export class CertificateAuthority {
  private constructor(private readonly folder: string) {}

  static async create(): Promise<CertificateAuthority> {
    const authority = new CertificateAuthority(mkdtempSync(join(tmpdir(), "ca-")));
    await authority.openssl("req", "-x509", ...authority.newKey("ca", "test CA"), "-days", "2");
    return authority;
  }

  /** What clients trust. */
  get file(): string {
    return join(this.folder, "ca.pem");
  }

  /**
   * Signs a certificate for a server.
   * @param name the DNS name in it
   * @param days how long it is valid; a negative number makes one that has expired
   */
  async sign(name: string, days = 2): Promise<Certificate> {
    const id = `${name}${days}`;
    const [key, request, file] = ["key", "csr", "crt"].map((end) => this.path(`${id}.${end}`));
    writeFileSync(this.path(`${id}.ext`), `subjectAltName=DNS:${name}`);
    await this.openssl("req", ...this.newKey(id, name, "csr"));
    await this.openssl(
      ...["x509", "-req", "-in", String(request), "-CA", this.file, "-CAkey", this.path("ca.key")],
      ...["-CAcreateserial", "-days", String(days), "-extfile", this.path(`${id}.ext`)],
      ...["-out", String(file)],
    );
    return { file: String(file), keyFile: String(key) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private newKey(id: string, name: string, end = "pem"): string[] {
    return [
      ...["-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${name}`],
      ...["-keyout", this.path(`${id}.key`), "-out", this.path(`${id}.${end}`)],
    ];
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  private async openssl(...args: string[]): Promise<void> {
    await execa("openssl", args);
  }
}
