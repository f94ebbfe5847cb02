import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";

/** Installs a release of Node.js from the npm registry, such as 22: the folder of its binary. */
export async function nodeRelease(major: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), `node-${major}-`));
  const name = `node-${process.platform}-${process.arch}`;
  writeFileSync(join(folder, "package.json"), "{}");
  await execa("npm", ["install", "--no-audit", "--no-fund", `${name}@${major}`], { cwd: folder });
  return join(folder, "node_modules", name, "bin");
}
