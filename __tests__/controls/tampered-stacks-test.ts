import { App, Testing } from "cdktf";
import { readEnvironments } from "../../cli/environment-files";
import { CATALOGUE } from "../../controls/catalogue";
import { evaluate, type WaiverContext } from "../../controls/evaluation";
import { STACK, type StackJson, SynthesizedStack } from "../../controls/synthesized-stack";
import { parseEnvironments } from "../../settings/environment";
import type { PipelineSettings } from "../../settings/pipeline";
import { PermissionsStack } from "../../stacks/permissions-stack";
import { environmentWith } from "../minimal-environment";
import { hardenedStacks, stacksOf } from "./hardened-stacks";
import { HARMLESS, TAMPERED, type Tampering } from "./tampered-stacks";

interface Base {
  readonly stacks: readonly SynthesizedStack[];
  readonly waiverContext: WaiverContext;
}

function shipped(name: string): Base {
  const environment = parseEnvironments(readEnvironments()).find((one) => one.name === name);
  if (environment === undefined) {
    throw new Error(`There is no environment ${name}.`);
  }
  return { stacks: stacksOf(environment), waiverContext: environment };
}

/** The roles of a pipeline, with the provider in the same stack. */
function pipelined(): Base {
  const environment = environmentWith({
    account: "123456789012",
    "pipeline.github": { repository: "acme/news-api", oidcProvider: "created-here" },
  });
  const pipeline = environment.pipeline as PipelineSettings;
  const stack = new PermissionsStack(new App(), "permissions", { environment, pipeline });
  const json = JSON.parse(Testing.synth(stack));
  return { stacks: [new SynthesizedStack("permissions", json)], waiverContext: environment };
}

const BASES: Readonly<Record<Tampering["environment"], Base>> = {
  dev: shipped("dev"),
  prod: shipped("prod"),
  pipeline: pipelined(),
  hardened: { stacks: hardenedStacks(), waiverContext: { waivers: {}, production: true } },
};

function jsonOf(stack: SynthesizedStack): Record<string, unknown> {
  return structuredClone(stack.ofType(STACK)[0]?.attributes ?? {}) as Record<string, unknown>;
}

/** The violated or unknown findings, one line each. */
function findingsIn(stacks: readonly SynthesizedStack[], waiverContext: WaiverContext): string[] {
  return evaluate(CATALOGUE, stacks, waiverContext)
    .filter(({ status }) => status === "violated")
    .flatMap(({ control, findings }) =>
      findings.map(({ address, attribute, got }) => `${control.id} ${address} ${attribute} ${got}`),
    );
}

type Container = Record<string, unknown>;

function change(json: Container, keys: readonly string[], value: unknown): void {
  const [key = "", ...rest] = keys;
  if (rest.length > 0) {
    json[key] ??= {};
    change(json[key] as Container, rest, value);
  } else if (key === "+") {
    (json as unknown as unknown[]).push(value);
  } else if (value === undefined && Array.isArray(json)) {
    json.splice(Number(key), 1);
  } else if (value === undefined) {
    delete json[key];
  } else {
    json[key] = value;
  }
}

function tampered({ environment, path, value }: Tampering): string[] {
  const { stacks, waiverContext } = BASES[environment];
  const [name = "", ...keys] = path.split(".");
  const changed = stacks.map((stack) => {
    const json = jsonOf(stack);
    if (stack.id === name) {
      change(json, keys, structuredClone(value));
      expect(json).not.toEqual(jsonOf(stack));
    }
    return new SynthesizedStack(stack.id, json as StackJson);
  });
  return findingsIn(changed, waiverContext);
}

const labelled = <T extends Tampering>(all: readonly T[]) =>
  all.map(
    (one) => [one.environment, one.path, JSON.stringify(one.value)?.slice(0, 80), one] as const,
  );

test.each(["dev", "prod", "pipeline"] as const)(
  "%s as synthesized is neither violated nor unknown",
  (name) => {
    expect(findingsIn(BASES[name].stacks, BASES[name].waiverContext)).toEqual([]);
  },
);

test("more than 150 ways to tamper are tested", () => {
  expect(TAMPERED.length).toBeGreaterThan(150);
});

/** The findings that tampering adds. The tests of single controls cover the findings of the hardened stacks themselves. */
function addedBy(one: Tampering): string[] {
  const { stacks, waiverContext } = BASES[one.environment];
  const known = new Set(findingsIn(stacks, waiverContext));
  return tampered(one).filter((finding) => !known.has(finding));
}

test.each(labelled(TAMPERED))("%s: %s = %s is violated or unknown", (_env, _path, _value, one) => {
  expect(addedBy(one).length).toBeGreaterThan(0);
});

test.each(labelled(HARMLESS))("%s: %s = %s is harmless", (_env, _path, _value, one) => {
  expect(addedBy(one)).toEqual([]);
});
