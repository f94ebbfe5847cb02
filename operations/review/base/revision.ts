import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import execa from "execa";
import { CommandError } from "../../../cli/command-error";
import { configurationsIn } from "../../../cli/synth";
import type { Configuration } from "./configuration-changes";

/** Stack → its synthesized JSON. */
export type Configurations = ReadonlyMap<string, Configuration>;

/**
 * Synthesizes another revision of the project in a temporary folder, with the packages that are installed here.
 * @throws CommandError for a revision that git does not know, and for one that does not synthesize.
 */
export async function synthesizeRevision(root: string, revision: string): Promise<Configurations> {
  const git = (...args: string[]) => execa("git", ["-C", root, ...args], { reject: false });
  const found = await git(
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${revision}^{commit}`,
  );
  if (found.exitCode !== 0) {
    throw new CommandError(
      `git does not know the revision "${revision}". Fetch it first: git fetch origin ${revision}`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "review-base-"));
  try {
    await checkOut(root, found.stdout.trim(), folder);
    return await synthesizeIn(folder, revision);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By way of a file, because an archive may be larger than a pipe's buffer. */
async function checkOut(root: string, commit: string, folder: string): Promise<void> {
  const archive = join(folder, "revision.tar");
  // The project may be a folder of a larger repository.
  const { stdout: prefix } = await execa("git", ["-C", root, "rev-parse", "--show-prefix"]);
  const tree = prefix ? `${commit}:${prefix.replace(/\/$/, "")}` : commit;
  await execa("git", ["-C", root, "archive", "--format=tar", `--output=${archive}`, tree]);
  mkdirSync(join(folder, "project"));
  await execa("tar", ["-xf", archive, "-C", join(folder, "project")]);
  symlinkSync(resolve(root, "node_modules"), join(folder, "project", "node_modules"));
}

async function synthesizeIn(folder: string, revision: string): Promise<Configurations> {
  const outdir = join(folder, "out");
  mkdirSync(outdir);
  const { exitCode, all } = await execa(process.execPath, ["--import", "tsx", "main.ts"], {
    cwd: join(folder, "project"),
    env: { CDKTF_OUTDIR: outdir, FORCE_COLOR: "0" },
    all: true,
    reject: false,
  });
  if (exitCode !== 0) {
    throw new CommandError(
      `The revision ${revision} does not synthesize with the packages that are installed here:\n${all}`,
    );
  }
  return configurationsIn(outdir);
}
