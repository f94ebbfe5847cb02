import { Block, Unknown } from "./block";

type Named = Record<string, Record<string, unknown>>;

/** The parts of a stack's `cdk.tf.json` that controls look at. */
export interface StackJson {
  /** Not Terraform's: reasons that the settings give for what is not in the stack. */
  readonly "//"?: { readonly reasons?: Readonly<Record<string, string>> };
  readonly resource?: Record<string, Named>;
  readonly data?: Record<string, Named>;
  readonly ephemeral?: Record<string, Named>;
  readonly output?: Named;
  readonly provider?: Record<string, Record<string, unknown>[]>;
  readonly terraform?: { readonly backend?: Named };
}

const REFERENCE = /^((?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)\.([a-z0-9_]+)$/;
const TEMPLATE = /\$\{([^{}]*)\}/g;
/** No chain of references in a stack is longer; a circle is. */
const LONGEST_CHAIN = 10;

/** A stack as it was synthesised: what Terraform will read, before anybody plans it. */
export class SynthesisedStack {
  readonly blocks: readonly Block[];
  readonly reasons: Readonly<Record<string, string>>;

  constructor(
    readonly id: string,
    json: StackJson,
  ) {
    this.reasons = json["//"]?.reasons ?? {};
    const { resource = {}, data = {}, ephemeral = {}, output = {}, provider = {} } = json;
    this.blocks = [
      ...this.named(resource, ""),
      ...this.named(data, "data."),
      ...this.named(ephemeral, "ephemeral."),
      ...Object.entries(output).map(([name, of]) => this.block("output", `output.${name}`, of)),
      ...Object.entries(provider).flatMap(([name, all]) =>
        all.map((of) => this.block(`provider.${name}`, `provider.${name}`, of)),
      ),
      ...Object.entries(json.terraform?.backend ?? {}).map(([kind, of]) =>
        this.block(`terraform.backend.${kind}`, `terraform.backend.${kind}`, of),
      ),
    ];
  }

  ofType(type: string): Block[] {
    return this.blocks.filter((block) => block.type === type);
  }

  at(address: string): Block | undefined {
    return this.blocks.find((block) => block.address === address);
  }

  /** A value with its references followed; `Unknown` where only an apply can. */
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

  private named(types: Record<string, Named>, prefix: string): Block[] {
    return Object.entries(types).flatMap(([type, named]) =>
      Object.entries(named).map(([name, of]) =>
        this.block(`${prefix}${type}`, `${prefix}${type}.${name}`, of),
      ),
    );
  }

  private block(type: string, address: string, attributes: Record<string, unknown>): Block {
    return new Block(this, type, address, attributes);
  }
}
