import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type App, TerraformStack } from "cdktf";
import { parse } from "jsonc-parser";
import { printable } from "../validation/printable";
import { CommandError } from "./command-error";
import { hclOf } from "./hcl/hcl";
import { nestedBlocks } from "./hcl/nested-blocks";

/** Committed by teams that pin the provider: every stack uses the same one. */
const LOCK_FILE = ".terraform.lock.hcl";

const JSON_FILE = "cdk.tf.json";
const HCL_FILE = "cdk.tf";
/** The file of an HCL stack that cdktf's CLI reads. */
const HCL_METADATA_FILE = "metadata.json";
const FORMS = [JSON_FILE, HCL_FILE, HCL_METADATA_FILE];
/** The folder in which `terraform init` stores its data. */
const TERRAFORM_FOLDER = ".terraform";
const MANIFEST = "manifest.json";

export interface SynthOptions {
  /** The output folder. @default - the folder of cdktf's CLI, otherwise `cdktf.out` */
  readonly outdir?: string;
  /** @default "json" */
  readonly form?: "json" | "hcl";
}

export interface Synthesized {
  readonly outdir: string;
  /** The IDs of the stacks. */
  readonly stacks: readonly string[];
}

/**
 * Writes the stacks of an app, and leaves exactly those in the output folder, each in one form only. The stacks are
 * written to a temporary folder beside it and moved when all of them are complete. A committed provider lock file is
 * copied beside each stack, because the output folder is not committed.
 * @param build builds the app for a folder.
 * @throws CommandError when the folder cannot be written, or when cdktf is to render HCL: cdktf 0.21 silently drops
 * ephemeral blocks, and so the master password.
 */
export function synthesize(
  build: (outdir: string) => App,
  { outdir = process.env.CDKTF_OUTDIR ?? "cdktf.out", form = "json" }: SynthOptions = {},
): Synthesized {
  try {
    const temporary = mkdtempSync(join(dirname(resolve(outdir)), ".synth-"));
    try {
      const stacks = write(build(temporary), form);
      publish(temporary, outdir, stacks);
      removeOthers(join(outdir, "stacks"), stacks);
      return { outdir, stacks };
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  } catch (error) {
    throw isUnwritable(error) ? unwritable(outdir, error) : error;
  }
}

/**
 * The JSON of each stack of an app, by the stack's ID. The output folder stays what was last synthesized for Terraform.
 * @param build builds the app for a folder.
 */
export function configurationsOf<Configuration>(
  build: (outdir: string) => App,
): ReadonlyMap<string, Configuration> {
  const outdir = mkdtempSync(join(tmpdir(), "synth-"));
  try {
    synthesize(build, { outdir });
    return configurationsIn(outdir);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The JSON of each stack in an output folder, by the stack's ID. */
export function configurationsIn<Configuration>(
  outdir: string,
): ReadonlyMap<string, Configuration> {
  const stacks = readdirSync(join(outdir, "stacks"));
  return new Map(
    stacks.map((id) => [
      id,
      JSON.parse(readFileSync(join(outdir, "stacks", id, JSON_FILE), "utf8")),
    ]),
  );
}

function write(app: App, form: "json" | "hcl"): string[] {
  if (app.hclOutput) {
    throw new CommandError(
      "SYNTH_HCL_OUTPUT is set, but this command needs JSON. Unset it, or run: npm run synth -- --hcl",
    );
  }
  app.synth();
  const stacks = app.node.children.filter(TerraformStack.isStack);
  for (const stack of stacks) {
    const path = join(app.outdir, "stacks", stack.node.id);
    if (existsSync(LOCK_FILE)) {
      copyFileSync(LOCK_FILE, join(path, LOCK_FILE));
    }
    if (form === "hcl") {
      convertToHcl(stack, path);
    }
  }
  if (form === "hcl") {
    const manifest = join(app.outdir, MANIFEST);
    writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll(JSON_FILE, HCL_FILE));
  }
  return stacks.map(({ node }) => node.id);
}

/** Moves complete files into place. Terraform's own files stay. */
function publish(temporary: string, outdir: string, stacks: readonly string[]): void {
  for (const stack of stacks) {
    const [from, to] = [temporary, outdir].map((folder) => join(folder, "stacks", stack));
    const files = readdirSync(from as string);
    mkdirSync(to as string, { recursive: true });
    for (const file of files) {
      renameSync(join(from as string, file), join(to as string, file));
    }
    // Terraform would read the other form too.
    remove(
      to as string,
      FORMS.filter((file) => !files.includes(file)),
    );
  }
  renameSync(join(temporary, MANIFEST), join(outdir, MANIFEST));
}

function remove(folder: string, files: readonly string[]): void {
  for (const file of files) {
    rmSync(join(folder, file), { recursive: true, force: true });
  }
}

/**
 * Removes the configuration of a stack that is no longer synthesized, so that nobody can apply it. Other files stay:
 * they may be a state. Links stay too: they may lead to other files.
 */
function removeOthers(folder: string, stacks: readonly string[]): void {
  const others = readdirSync(folder, { withFileTypes: true }).filter(
    (one) => one.isDirectory() && !stacks.includes(one.name),
  );
  for (const { name } of others) {
    const path = join(folder, name);
    const bucket = stateBucketIn(path);
    remove(path, [...FORMS, LOCK_FILE, TERRAFORM_FOLDER]);
    const kept = readdirSync(path);
    if (kept.length === 0) {
      rmSync(path, { recursive: true });
    }
    const rest =
      kept.length > 0
        ? ` Kept, because synth did not write it: ${kept.map((file) => printable(file)).join(", ")}.`
        : "";
    console.log(
      `Removed the configuration of ${path}: no environment has this stack any more.${rest} Any resources that it created still exist in AWS. To find them, run: npm run orphans${bucket ? ` -- --bucket ${bucket}` : ""}`,
    );
  }
}

/** The bucket with the state of a stack, from its configuration, which may be damaged; undefined if there is none. */
function stateBucketIn(path: string): string | undefined {
  const file = [JSON_FILE, HCL_METADATA_FILE]
    .map((name) => join(path, name))
    .find((one) => existsSync(one));
  return file && parse(readFileSync(file, "utf8"))?.terraform?.backend?.s3?.bucket;
}

const UNWRITABLE = ["EACCES", "EDQUOT", "EEXIST", "ENOSPC", "ENOTDIR", "EPERM", "EROFS"];

function isUnwritable(error: unknown): error is NodeJS.ErrnoException {
  return UNWRITABLE.includes((error as NodeJS.ErrnoException | null)?.code ?? "");
}

function unwritable(outdir: string, { message }: Error): CommandError {
  return new CommandError(
    `The stacks cannot be written to ${outdir}: ${message}. Free disk space or make the folder writable, then try again. Each existing stack is complete, either old or new.`,
  );
}

/** Replaces a stack's JSON with HCL, because Terraform would read both. */
function convertToHcl(stack: TerraformStack, path: string): void {
  const configuration = JSON.parse(readFileSync(join(path, JSON_FILE), "utf8"));
  const { "//": metadata, terraform } = configuration;
  writeFileSync(join(path, HCL_FILE), hclOf(configuration, nestedBlocks(stack)));
  writeFileSync(
    join(path, HCL_METADATA_FILE),
    JSON.stringify({ "//": metadata, terraform }, null, 2),
  );
  rmSync(join(path, JSON_FILE));
}
