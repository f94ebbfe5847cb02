import { Unknown } from "./expression";
import type { SynthesizedStack } from "./synthesized-stack";
import type { TerraformBlock } from "./terraform-block";

/** The result of a check of one block. */
export interface Outcome {
  /** `unknown`: only known after apply. It counts as violated. */
  readonly verdict: "holds" | "fails" | "unknown";
  /** The value in the JSON, as a person reads it. */
  readonly got: string;
}

/** One requirement for a block. */
export interface Check {
  /** The attribute, in Terraform's words. */
  readonly attribute: string;
  /** The requirement: "be true". */
  readonly must: string;
  readonly look: (block: TerraformBlock, stacks: readonly SynthesizedStack[]) => Outcome;
}

export function shown(value: unknown): string {
  if (value instanceof Unknown) {
    return value.expression;
  }
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** Evaluates a predicate on a known value. An unknown value never passes. */
export function judged(value: unknown, holds: (value: unknown) => boolean): Outcome {
  const unknown = [value].flat().find((item) => item instanceof Unknown);
  if (unknown !== undefined) {
    return { verdict: "unknown", got: shown(unknown) };
  }
  return { verdict: holds(value) ? "holds" : "fails", got: shown(value) };
}

/** The first failure, else the first unknown outcome. */
export function worst(outcomes: readonly Outcome[], otherwise: string): Outcome {
  return (
    outcomes.find(({ verdict }) => verdict === "fails") ??
    outcomes.find(({ verdict }) => verdict === "unknown") ?? { verdict: "holds", got: otherwise }
  );
}

/** Terraform reads "true" as true, and the bindings write some booleans as strings. */
function isBoolean(value: unknown, wanted: boolean): boolean {
  return value === wanted || value === String(wanted);
}

/** A check of the value of one attribute. */
export function checkOn(
  attribute: string,
  must: string,
  holds: (value: unknown) => boolean,
  read: (block: TerraformBlock) => unknown = (block) => block.value(attribute),
): Check {
  return { attribute, must, look: (block) => judged(read(block), holds) };
}

/** @param absent the default of Terraform or AWS if the attribute is absent. */
export function isTrue(attribute: string, absent = false): Check {
  return checkOn(attribute, "be true", (value = absent) => isBoolean(value, true));
}

export function isFalse(attribute: string, absent = false): Check {
  return checkOn(attribute, "be false", (value = absent) => isBoolean(value, false));
}

export function atLeast(attribute: string, least: number): Check {
  return checkOn(attribute, `be ${least} or more`, (value) => Number(value ?? 0) >= least);
}

export function isOneOf(attribute: string, allowed: readonly string[]): Check {
  return checkOn(attribute, `be ${allowed.map(shown).join(" or ")}`, (value) =>
    allowed.includes(String(value)),
  );
}

export function isNoneOf(attribute: string, refused: readonly string[]): Check {
  return checkOn(
    attribute,
    `be set, and not ${refused.map(shown).join(" or ")}`,
    (value) => value !== undefined && !refused.includes(String(value)),
  );
}

export function includesAll(attribute: string, wanted: readonly string[]): Check {
  return checkOn(
    attribute,
    `have ${wanted.map(shown).join(" and ")}`,
    (value) => wanted.every((item) => (value as unknown[]).includes(item)),
    (block) => block.list(attribute),
  );
}

/** A reference counts as set, whatever its value will be. */
export function isSet(attribute: string): Check {
  return {
    attribute,
    must: "be set",
    look: (block) => {
      const value = block.attributes[attribute];
      const empty = value === "" || (Array.isArray(value) && value.length === 0);
      return block.has(attribute) && !empty
        ? { verdict: "holds", got: shown(value) }
        : { verdict: "fails", got: shown(value ?? undefined) };
    },
  };
}

/** For values that must not be in the JSON. The outcome does not repeat the value. */
export function isAbsent(attribute: string): Check {
  return {
    attribute,
    must: "be absent",
    look: (block) =>
      block.has(attribute)
        ? { verdict: "fails", got: "a value" }
        : { verdict: "holds", got: "nothing" },
  };
}

/** Requires another block that belongs to this one, such as a bucket's policy, and checks it. */
export function companion(type: string, attribute: string, checks: readonly Check[] = []): Check {
  const musts = checks.map((check) => `${check.attribute} must ${check.must}`);
  return {
    attribute: type,
    must: ["exist for it", ...musts].join("; "),
    look: (block, stacks) => {
      const found = block.stack.ofType(type).filter((other) => belongs(other, attribute, block));
      return found.length === 0
        ? { verdict: "fails", got: "nothing" }
        : worst(
            found.flatMap((other) => checks.map(({ look }) => look(other, stacks))),
            found.map(({ address }) => address).join(", "),
          );
    },
  };
}

/** Checks every nested block, and requires at least one. */
export function inside(attribute: string, check: Check): Check {
  return {
    attribute: `${attribute}.${check.attribute}`,
    must: check.must,
    look: (block, stacks) => {
      const outcomes = block.blocks(attribute).map((inner) => check.look(inner, stacks));
      return (
        outcomes.find(({ verdict }) => verdict !== "holds") ??
        outcomes[0] ?? { verdict: "fails", got: "nothing" }
      );
    },
  };
}

/** By reference or by name. */
function belongs(other: TerraformBlock, attribute: string, block: TerraformBlock): boolean {
  const name = block.value(attribute);
  return (
    other.refersTo(attribute, block) ||
    (typeof name === "string" && other.value(attribute) === name)
  );
}

/** Whether something in the stacks provides what a block requires. */
export function isServed(
  attribute: string,
  must: string,
  serves: (block: TerraformBlock, stacks: readonly SynthesizedStack[]) => boolean,
): Check {
  return {
    attribute,
    must,
    look: (block, stacks) =>
      serves(block, stacks) ? { verdict: "holds", got: "one" } : { verdict: "fails", got: "none" },
  };
}
