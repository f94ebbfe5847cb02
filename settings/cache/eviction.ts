import { z } from "zod";
import { fieldsRule } from "../../validation/rule";

const POLICY = "maxmemory-policy";

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html#ParameterGroups.Redis */
const POLICIES = {
  cache: "allkeys-lru",
  queue: "noeviction",
} as const;

/** `cache` evicts the least recently used keys, with or without a TTL; `queue` evicts nothing and refuses writes. */
export const evictionSchema = z.enum(["cache", "queue"]);

interface Fields {
  readonly eviction?: keyof typeof POLICIES | undefined;
  readonly parameters: Readonly<Record<string, string>>;
}

export const evictionRules = [
  fieldsRule<Fields>({
    fields: ["eviction", "parameters"],
    holds: ({ eviction, parameters: { [POLICY]: policy } }) =>
      eviction === undefined || policy === undefined || policy === POLICIES[eviction],
    must: ({ eviction, parameters }) =>
      `must agree with parameters: it means ${POLICY} "${eviction && POLICIES[eviction]}", and parameters set "${parameters[POLICY]}"`,
    instead: "Remove one of them.",
  }),
];

/** The parameters of a cache, with its eviction policy among them. */
export function withEviction({ eviction, parameters }: Fields): Record<string, string> {
  return eviction ? { [POLICY]: POLICIES[eviction], ...parameters } : { ...parameters };
}
