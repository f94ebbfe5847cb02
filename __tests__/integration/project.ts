import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import execa from "execa";

const ROOT = resolve(__dirname, "..", "..");
const SOURCES = [
  ...["main.ts", "cdktf.json", "package.json", "tsconfig.json"],
  ...["environments", "settings", "validation", "stacks", "constructs", "controls"],
  ...["cli", "commands", "documentation", "emulator", "rehearsal", "operations", "terraform"],
];

/** Every stack of the environments that the project ships, in the order of main.ts. */
export const STACKS = [
  "state-bucket-news-api-dev-terraform-state",
  "state-bucket-news-api-prod-terraform-state",
  "news-api-dev-database",
  "news-api-dev-cache",
  "news-api-prod-database",
  "news-api-prod-cache",
];

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of the project in a folder of its own, for tests that change it or let it write. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "project-"));

  constructor() {
    for (const source of SOURCES) {
      cpSync(join(ROOT, source), join(this.folder, source), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Runs a command line there, as a person would type it. */
  async run(line: string, env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    const { exitCode, stdout, stderr } = await execa("bash", ["-c", line], {
      cwd: this.folder,
      env: { FORCE_COLOR: "0", npm_config_loglevel: "error", ...env },
      reject: false,
    });
    return { exitCode, stdout, stderr };
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  read(...parts: string[]): string {
    return readFileSync(this.path(...parts), "utf8");
  }

  /** Every file below a folder with its text. */
  files(folder: string): Record<string, string> {
    const entries = readdirSync(this.path(folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return Object.fromEntries(
      files.map((file) => {
        const path = join(file.parentPath, file.name);
        return [path.slice(this.folder.length + 1), readFileSync(path, "utf8")];
      }),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
