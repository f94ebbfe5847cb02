import { Unknown } from "./expression";
import { TerraformBlock } from "./terraform-block";

type Named = Record<string, Record<string, unknown>>;

/** The parts of a stack's `cdk.tf.json` that controls read. */
export interface StackJson {
  /** Ignored by Terraform: reasons from the settings for what the stack lacks. */
  readonly "//"?: { readonly reasons?: Readonly<Record<string, string>> };
  readonly resource?: Record<string, Named>;
  readonly data?: Record<string, Named>;
  readonly ephemeral?: Record<string, Named>;
  readonly output?: Named;
  readonly provider?: Record<string, Record<string, unknown>[]>;
  readonly terraform?: { readonly backend?: Named };
}

/** The block type that stands for a whole stack. */
export const STACK = "stack";

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const REFERENCE = /^((?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)\.([a-z0-9_]+)$/;
const TEMPLATE = /\$\{([^{}]*)\}/g;
/** Longer chains of references are circular. */
const LONGEST_CHAIN = 10;

/** A synthesized stack: the JSON that Terraform reads. */
export class SynthesizedStack {
  readonly blocks: readonly TerraformBlock[];
  readonly reasons: Readonly<Record<string, string>>;
  private readonly whole: readonly TerraformBlock[];

  constructor(
    readonly id: string,
    json: StackJson,
  ) {
    this.reasons = json["//"]?.reasons ?? {};
    this.whole =
      Object.keys(json).length === 0 ? [] : [this.block(STACK, STACK, json as Named[string])];
    const { resource = {}, data = {}, ephemeral = {}, output = {}, provider = {} } = json;
    this.blocks = [
      ...this.named(resource, ""),
      ...this.named(data, "data."),
      ...this.named(ephemeral, "ephemeral."),
      ...Object.entries(output).map(([name, of]) => this.block("output", `output.${name}`, of)),
      ...Object.entries(provider).flatMap(([name, all]) =>
        [all].flat().map((of) => this.block(`provider.${name}`, `provider.${name}`, of)),
      ),
      ...Object.entries(json.terraform?.backend ?? {}).map(([kind, of]) =>
        this.block(`terraform.backend.${kind}`, `terraform.backend.${kind}`, of),
      ),
    ];
  }

  /** The blocks of a type; the type `stack` is the whole JSON. */
  ofType(type: string): TerraformBlock[] {
    return (type === STACK ? this.whole : this.blocks).filter((block) => block.type === type);
  }

  at(address: string): TerraformBlock | undefined {
    return this.blocks.find((block) => block.address === address);
  }

  /** A value with its references resolved; `Unknown` if it is known only after apply. */
  resolve(value: unknown, chain = 0): unknown {
    if (typeof value !== "string" || !value.includes("${")) {
      return value ?? undefined;
    }
    const parts = [...value.matchAll(TEMPLATE)].map(([text, expression = ""]) => ({
      text,
      value: this.referred(expression, chain),
    }));
    const [only] = parts;
    if (only?.text === value && !(only.value instanceof Unknown)) {
      return only.value;
    }
    const text = parts.reduce(
      (known, part) =>
        typeof part.value === "object" ? known : known.replace(part.text, () => String(part.value)),
      value,
    );
    return text.includes("${") ? new Unknown(value) : text;
  }

  private referred(expression: string, chain: number): unknown {
    const [, address = "", attribute = ""] = REFERENCE.exec(expression) ?? [];
    const value = this.at(address)?.attributes[attribute];
    return (value ?? undefined) === undefined || chain > LONGEST_CHAIN
      ? new Unknown(expression)
      : this.resolve(value, chain + 1);
  }

  private named(types: Record<string, Named>, prefix: string): TerraformBlock[] {
    return Object.entries(types).flatMap(([type, named]) =>
      Object.entries(named ?? {}).map(([name, of]) =>
        this.block(`${prefix}${type}`, `${prefix}${type}.${name}`, of),
      ),
    );
  }

  private block(
    type: string,
    address: string,
    attributes: Record<string, unknown>,
  ): TerraformBlock {
    return new TerraformBlock(this, type, address, isObject(attributes) ? attributes : {});
  }
}
