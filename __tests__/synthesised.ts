import { App, type TerraformStack, Testing } from "cdktf";
import type { Environment } from "../settings/environment";
import { type Changes, environmentWith } from "./minimal-environment";

type Attributes = Record<string, unknown>;

/** The parts of a stack's Terraform JSON that tests look at. */
export interface SynthesisedStack {
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

/** Parses a synthesised stack, and leaves out the metadata that cdktf adds. */
export function parsed(json: string): SynthesisedStack {
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

type StackClass = new (app: App, id: string, environment: Environment) => TerraformStack;

/** Synthesises one stack of the minimal environment with some settings changed, validations included. */
export function synthesised(Stack: StackClass, changes: Changes = {}): SynthesisedStack {
  const stack = new Stack(
    Testing.stubVersion(new App({ stackTraces: false })),
    "stack",
    environmentWith(changes),
  );
  return parsed(Testing.synth(stack, true));
}
