import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type TerraformStack, Testing } from "cdktf";
import { cachesOf, databasesOf } from "../settings/data-stores";
import type { Environment } from "../settings/environment";
import { buildApp } from "../stacks/app";
import { CacheStack } from "../stacks/cache-stack";
import { DatabaseStack } from "../stacks/database-stack";
import { type Changes, environmentWith } from "./minimal-environment";

type Attributes = Record<string, unknown>;

/** The parts of a stack's Terraform JSON that tests look at. */
export interface SynthesizedStack {
  readonly json: string;
  readonly resource: Record<string, Record<string, Attributes>>;
  readonly data: Record<string, Record<string, Attributes>>;
  readonly ephemeral: Record<string, Record<string, Attributes>>;
  readonly output: Record<string, { value: unknown; sensitive?: boolean }>;
  readonly provider: { aws: Attributes[] };
  readonly terraform: Attributes & { backend: Record<string, Attributes> };
  /** `aws_db_instance.database` and so on, sorted. */
  readonly addresses: string[];
}

/** Parses a synthesized stack, and leaves out the metadata that cdktf adds. */
export function parsed(json: string): SynthesizedStack {
  const {
    resource = {},
    data = {},
    ephemeral = {},
    ...rest
  } = JSON.parse(json, (key, value) => (key === "//" ? undefined : value));
  const addresses = Object.entries(resource as Record<string, object>).flatMap(([type, named]) =>
    Object.keys(named).map((name) => `${type}.${name}`),
  );
  return { ...rest, json, resource, data, ephemeral, addresses: addresses.sort() };
}

export type StackClass = typeof DatabaseStack | typeof CacheStack;

/** The stack of an environment's first database, or of its first cache. */
export function stackOf(
  Stack: StackClass,
  environment: Environment,
  { app = new App({ stackTraces: false }), id = "stack" } = {},
): TerraformStack {
  const [database] = databasesOf(environment);
  const [cache] = cachesOf(environment);
  if (Stack === DatabaseStack && database) {
    return new DatabaseStack(app, id, { environment, store: database });
  }
  if (Stack === CacheStack && cache) {
    return new CacheStack(app, id, { environment, store: cache });
  }
  throw new Error(`The environment has no data store for ${Stack.name}.`);
}

/** Synthesizes one stack of the minimal environment with some settings changed, validations included. */
export function synthesized(Stack: StackClass, changes: Changes = {}): SynthesizedStack {
  const app = Testing.stubVersion(new App({ stackTraces: false }));
  return parsed(Testing.synth(stackOf(Stack, environmentWith(changes), { app }), true));
}

/** Synthesizes every stack of the environments, as `npm run synth` does: stack id → what Terraform reads. */
export function synthesizedApp(
  environments: readonly Environment[],
): Record<string, SynthesizedStack> {
  const folder = mkdtempSync(join(tmpdir(), "synthesized-"));
  try {
    buildApp(environments, folder).synth();
    const { stacks } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    return Object.fromEntries(
      Object.keys(stacks).map((id) => [
        id,
        parsed(readFileSync(join(folder, "stacks", id, "cdk.tf.json"), "utf8")),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
