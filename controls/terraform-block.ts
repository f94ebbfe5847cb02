import { references } from "./expression";

type Attributes = Readonly<Record<string, unknown>>;

/** The parts of a stack that its blocks use. */
export interface EnclosingStack {
  readonly id: string;
  /** The reasons from the settings for what the stack lacks. */
  readonly reasons: Readonly<Record<string, string>>;
  resolve(value: unknown): unknown;
  readonly blocks: readonly TerraformBlock[];
  ofType(type: string): TerraformBlock[];
  at(address: string): TerraformBlock | undefined;
}

/** A resource, data source, nested block or other block of a stack's JSON. */
export class TerraformBlock {
  constructor(
    readonly stack: EnclosingStack,
    readonly type: string,
    /** As Terraform writes it: `aws_db_instance.database`. */
    readonly address: string,
    readonly attributes: Attributes,
  ) {}

  /** An attribute, with references inside the stack resolved. Lists are resolved item by item. */
  value(attribute: string): unknown {
    const value = this.attributes[attribute];
    return Array.isArray(value)
      ? value.map((item) => this.stack.resolve(item))
      : this.stack.resolve(value);
  }

  /** An attribute as a list; empty if absent. */
  list(attribute: string): unknown[] {
    return [this.value(attribute) ?? []].flat();
  }

  has(attribute: string): boolean {
    return (this.attributes[attribute] ?? undefined) !== undefined;
  }

  /** The nested blocks, written as a list or alone. */
  blocks(attribute: string): TerraformBlock[] {
    return [this.attributes[attribute] ?? []]
      .flat()
      .map(
        (inner) =>
          new TerraformBlock(
            this.stack,
            attribute,
            `${this.address}.${attribute}`,
            inner as Attributes,
          ),
      );
  }

  /** Whether an attribute refers to another block. */
  refersTo(attribute: string, other: TerraformBlock): boolean {
    return (
      other.stack === this.stack && references(this.attributes[attribute]).includes(other.address)
    );
  }

  /** The reasons from the settings for overridden defaults, of this block or of the whole stack. */
  get reasons(): Readonly<Record<string, string>> {
    const comment = this.attributes["//"] as { reasons?: Record<string, string> } | undefined;
    return { ...this.stack.reasons, ...comment?.reasons };
  }
}
