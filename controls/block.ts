import type { SynthesisedStack } from "./synthesised-stack";

/** What only an apply knows: the expression that stands in the JSON instead. It never counts as right. */
export class Unknown {
  constructor(readonly expression: string) {}
}

/** Whether a value is one of some, or may turn out to be when it is known. */
export function mayBe(value: unknown, ...some: readonly unknown[]): boolean {
  return value instanceof Unknown || some.includes(value);
}

const ADDRESS = /\b(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*/g;
const EXPRESSION = /\$\{[^}]*\}/g;

/** The addresses that a value refers to, however deep: `aws_kms_key.alarms` for `${aws_kms_key.alarms.arn}`. */
export function references(value: unknown): string[] {
  return stringsIn(value)
    .flatMap((text) => text.match(EXPRESSION) ?? [])
    .flatMap((expression) => expression.match(ADDRESS) ?? []);
}

/** Every text in a value, however deep. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

type Attributes = Readonly<Record<string, unknown>>;

/** A resource, a data source or another block of a stack's JSON, or a block inside one, with its attributes. */
export class Block {
  constructor(
    readonly stack: SynthesisedStack,
    readonly type: string,
    /** As Terraform writes it: `aws_db_instance.database`. */
    readonly address: string,
    readonly attributes: Attributes,
  ) {}

  /** An attribute, references followed inside the stack. Lists are resolved item by item. */
  value(attribute: string): unknown {
    const value = this.attributes[attribute];
    return Array.isArray(value)
      ? value.map((item) => this.stack.resolve(item))
      : this.stack.resolve(value);
  }

  /** An attribute as a list; nothing is an empty one. */
  list(attribute: string): unknown[] {
    return [this.value(attribute) ?? []].flat();
  }

  has(attribute: string): boolean {
    return (this.attributes[attribute] ?? undefined) !== undefined;
  }

  /** The blocks inside, written as a list or alone. */
  blocks(attribute: string): Block[] {
    return [this.attributes[attribute] ?? []]
      .flat()
      .map(
        (inner) =>
          new Block(this.stack, attribute, `${this.address}.${attribute}`, inner as Attributes),
      );
  }

  /** Whether an attribute refers to another block. */
  refersTo(attribute: string, other: Block): boolean {
    return (
      other.stack === this.stack && references(this.attributes[attribute]).includes(other.address)
    );
  }

  /** The reasons that the settings give for what is weaker than its default, here or in the whole stack. */
  get reasons(): Readonly<Record<string, string>> {
    const comment = this.attributes["//"] as { reasons?: Record<string, string> } | undefined;
    return { ...this.stack.reasons, ...comment?.reasons };
  }
}
