import type { Parts } from "./rule";
import { show } from "./rule";

/** A problem with the structure of the settings. */
export interface StructureProblem {
  readonly keys: readonly string[];
  readonly parts: Parts;
  /** Whether validation must stop. */
  readonly isFatal?: true;
}

/** No setting is nested deeper than six levels. */
const DEEPEST = 32;
/** No setting takes more than 4096 characters. */
const LONGEST = 4096;
/** Settings written by people have a few hundred values. */
const MOST_VALUES = 100_000;

interface Place {
  readonly keys: readonly string[];
  readonly value: unknown;
}

/**
 * Finds content that no setting may have: expressions of Terraform or cdktf, the one key that JavaScript drops from an
 * object, and anything too deep, too long or too large for settings. Settings may be hostile: `${file("…")}` reads
 * files on the machine that plans.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates
 */
export function structureProblems(settings: unknown): StructureProblem[] {
  const problems: StructureProblem[] = [];
  const places: Place[] = [{ keys: [], value: settings }];
  for (let visited = 0; places.length > 0; visited++) {
    const { keys, value } = places.pop() as Place;
    if (visited > MOST_VALUES) {
      return [{ keys: [], parts: TOO_MANY, isFatal: true }];
    }
    problems.push(...problemsOf(keys, value));
    if (typeof value === "object" && value !== null && keys.length < DEEPEST) {
      places.push(...children(keys, value));
    }
  }
  return problems;
}

const TOO_MANY: Parts = {
  must: `must not have more than ${MOST_VALUES} values`,
  instead: "Check that the file holds one environment.",
};

function children(keys: readonly string[], value: object): Place[] {
  return Object.entries(value)
    .filter(([key]) => !isUnusable(key))
    .map(([key, inner]) => ({ keys: [...keys, key], value: inner }))
    .reverse();
}

function problemsOf(keys: readonly string[], value: unknown): StructureProblem[] {
  if (typeof value === "string") {
    return problemsOfText(keys, value);
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  if (keys.length >= DEEPEST) {
    const must = `must not be nested more than ${DEEPEST} levels deep`;
    const instead = "Check that the file holds one environment.";
    return [{ keys: keys.slice(0, 1), parts: { must, instead }, isFatal: true }];
  }
  return Object.keys(value)
    .filter(isUnusable)
    .map((key) => ({ keys: [...keys, key], parts: UNUSABLE }));
}

const UNUSABLE: Parts = {
  must: `must not be a name: it is __proto__, has more than ${LONGEST} characters, or contains \${, %{ or TfToken[`,
  instead: "Rename it.",
};

function problemsOfText(keys: readonly string[], text: string): StructureProblem[] {
  if (text.length > LONGEST) {
    const must = `must not be longer than ${LONGEST} characters`;
    return [{ keys, parts: { must, got: show(text), instead: "Shorten it." }, isFatal: true }];
  }
  if (isTemplate(text)) {
    const must = "must not contain ${ or %{, which Terraform would evaluate";
    return [{ keys, parts: { must, got: show(text), instead: "Remove it." } }];
  }
  if (isToken(text)) {
    const must = "must not contain TfToken[, which cdktf would evaluate";
    return [{ keys, parts: { must, got: show(text), instead: "Remove it." } }];
  }
  return [];
}

function isUnusable(key: string): boolean {
  return key === "__proto__" || key.length > LONGEST || isTemplate(key) || isToken(key);
}

function isTemplate(text: string): boolean {
  return text.includes("${") || text.includes("%{");
}

/** cdktf's markers for values that are resolved at synth: `${TfToken[…]}`, `#{TfToken[…]}` and the like. */
function isToken(text: string): boolean {
  return text.includes("TfToken[");
}
