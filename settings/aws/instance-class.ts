import { z } from "zod";
import { rule } from "../../validation/rule";
import { didYouMean, nearest } from "../../validation/suggestion";
import { cacheNodeOffer, cacheNodeTypes, dbClasses, dbClassOffer, type Offer } from "./offers";

interface InstanceClassProps {
  readonly prefix: "db" | "cache";
  readonly offer: (name: string) => Offer;
  /** Every class in the table of offers. */
  readonly known: () => string[];
  readonly service: string;
  readonly what: string;
  readonly examples: string;
}

/** A class that the service offers in some region, or that is newer than the table of offers. */
function instanceClass({ prefix, offer, known, service, what, examples }: InstanceClassProps) {
  return z
    .string()
    .check(
      rule<string>({
        holds: (name) => offer(name) !== "not offered",
        must: `must be ${prefix}.<family>.<size>, with a family and size that ${service} offers`,
        instead: (name) =>
          didYouMean(meant(name, prefix, known()), `Use, for example, ${examples}.`),
      }),
    )
    .meta({ pattern: `^${prefix}\\.[a-z]+[0-9]+[a-z]*\\.[0-9a-z-]+$` })
    .describe(what);
}

/** `t3.micro` and `cache.t3.micro` may have been meant for `db.t3.micro`. */
function meant(name: string, prefix: string, known: readonly string[]): string | undefined {
  const bare = (one: string) => one.replace(/^[a-z]+\.(?=.*\.)/i, "");
  const near = nearest(bare(name), known.map(bare));
  return near && `${prefix}.${near}`;
}

/** @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html */
export const dbInstanceClassSchema = instanceClass({
  prefix: "db",
  offer: dbClassOffer,
  known: dbClasses,
  service: "RDS for PostgreSQL",
  what: 'a DB instance class, such as "db.t4g.micro"',
  examples: '"db.t4g.micro" or "db.m7g.large"',
});

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html */
export const cacheNodeTypeSchema = instanceClass({
  prefix: "cache",
  offer: cacheNodeOffer,
  known: cacheNodeTypes,
  service: "ElastiCache",
  what: 'a cache node type, such as "cache.t4g.micro"',
  examples: '"cache.t4g.micro" or "cache.m7g.large"',
});

/** Whether a node type keeps part of its data on SSD, which requires data tiering. */
export function hasDataTiering(nodeType: string): boolean {
  return nodeType.startsWith("cache.r6gd.");
}
