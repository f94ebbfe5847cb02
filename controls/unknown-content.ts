import type { Check } from "./check";
import type { Control } from "./control";
import { KNOWN_ARGUMENTS } from "./known-arguments";
import { isObject, STACK } from "./synthesized-stack";

/** Blocks with a type and a name. */
const NAMED_BY_TYPE = { resource: "", data: "data.", ephemeral: "ephemeral." } as const;
const TERRAFORM = ["backend", "required_providers", "required_version"];
const PROVIDERS = { aws: "hashicorp/aws" };

type Json = Readonly<Record<string, unknown>>;

/** The dotted paths of all values in a block. Comments are skipped. */
function pathsIn(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => pathsIn(item, path));
  }
  if (!isObject(value)) {
    return value === null || path === "" ? [] : [path];
  }
  const inner = Object.entries(value).filter(([key]) => key !== "//");
  return inner.length === 0 && path !== ""
    ? [path]
    : inner.flatMap(([key, one]) => pathsIn(one, path === "" ? key : `${path}.${key}`));
}

/** An empty block, such as `dynamic: {}`, is known if a known argument starts with its path. */
function isKnown(known: string, path: string): boolean {
  return known.endsWith(".*")
    ? path === known.slice(0, -2) || path.startsWith(known.slice(0, -1))
    : path === known || known.startsWith(`${path}.`);
}

function unknownArguments(type: string, address: string, block: unknown): string[] {
  const known = KNOWN_ARGUMENTS[type]?.split(" ");
  if (known === undefined || !Object.hasOwn(KNOWN_ARGUMENTS, type)) {
    return [`${address} (a type that no control knows)`];
  }
  if (!isObject(block)) {
    return [`${address} (not one block)`];
  }
  return [...new Set(pathsIn(block))]
    .filter((path) => !known.some((one) => isKnown(one, path)))
    .map((path) => `${address}.${path}`);
}

function objectIn(
  json: unknown,
  path: string,
  inside: (key: string, value: unknown) => string[],
): string[] {
  if (json === undefined) {
    return [];
  }
  return isObject(json)
    ? Object.entries(json).flatMap(([key, value]) => inside(key, value))
    : [`${path} (not an object)`];
}

function blocksOf(kind: keyof typeof NAMED_BY_TYPE, json: unknown): string[] {
  return objectIn(json, kind, (name, blocks) => {
    const type = `${NAMED_BY_TYPE[kind]}${name}`;
    return objectIn(blocks, type, (block, value) =>
      unknownArguments(type, `${type}.${block}`, value),
    );
  });
}

function providersIn(json: unknown): string[] {
  return objectIn(json, "provider", (name, all) =>
    [all].flat().flatMap((one) => unknownArguments(`provider.${name}`, `provider.${name}`, one)),
  );
}

function sourcesIn(json: unknown): string[] {
  return objectIn(json, "terraform.required_providers", (name, provider) =>
    PROVIDERS[name as "aws"] === (provider as Json | null)?.source
      ? []
      : [`terraform.required_providers.${name}`],
  );
}

function settingsIn(json: unknown): string[] {
  return objectIn(json, "terraform", (key, value) => {
    if (!TERRAFORM.includes(key)) {
      return [`terraform.${key}`];
    }
    if (key === "required_providers") {
      return sourcesIn(value);
    }
    return key === "backend"
      ? objectIn(value, "terraform.backend", (kind, backend) =>
          unknownArguments(`terraform.backend.${kind}`, `terraform.backend.${kind}`, backend),
        )
      : [];
  });
}

/** The parts of a stack's JSON that no control evaluates, by address and path. */
function unknownIn(json: Json): string[] {
  return Object.entries(json).flatMap(([key, value]) => {
    switch (key) {
      case "//":
        return [];
      case "resource":
      case "data":
      case "ephemeral":
        return blocksOf(key, value);
      case "output":
        return objectIn(value, key, (name, one) =>
          unknownArguments("output", `output.${name}`, one),
        );
      case "provider":
        return providersIn(value);
      case "terraform":
        return settingsIn(value);
      default:
        return [key];
    }
  });
}

const everythingKnown: Check = {
  attribute: "the JSON",
  must: "contain only what controls/known-arguments.ts lists",
  look: ({ attributes }) => {
    const unknown = unknownIn(attributes);
    return unknown.length === 0
      ? { verdict: "holds", got: "nothing of the kind" }
      : { verdict: "unknown", got: unknown.join(", ") };
  },
};

/** Content that no other control evaluates. */
export const unknownContentControls: readonly Control[] = [
  {
    id: "MDS.19",
    also: [],
    demands: "A stack contains only what the controls know.",
    on: [{ type: STACK, checks: [everythingKnown] }],
  },
];
