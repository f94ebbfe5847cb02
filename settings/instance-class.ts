import { z } from "zod";
import { rule } from "./rule";
import { didYouMean, nearest } from "./suggestion";

interface InstanceClassProps {
  readonly prefix: "db" | "cache";
  readonly families: readonly string[];
  readonly sizes: readonly string[];
  readonly service: string;
  readonly what: string;
  readonly examples: string;
}

function instanceClass({ prefix, families, sizes, service, what, examples }: InstanceClassProps) {
  const pattern = new RegExp(`^${prefix}\\.(${families.join("|")})\\.(${sizes.join("|")})$`);
  const known = families.flatMap((family) => sizes.map((size) => `${family}.${size}`));
  return z
    .string()
    .check(
      rule<string>({
        holds: (name) => pattern.test(name),
        must: `must be ${prefix}.<family>.<size> of a family that ${service} has`,
        instead: (name) => didYouMean(meant(name, prefix, known), `Write for example ${examples}.`),
      }),
    )
    .meta({ pattern: pattern.source })
    .describe(what);
}

/** `t3.micro` and `cache.t3.micro` may have been meant for `db.t3.micro`. */
function meant(name: string, prefix: string, known: readonly string[]): string | undefined {
  const near = nearest(name.replace(/^[a-z]+\./i, ""), known);
  return near && `${prefix}.${near}`;
}

/**
 * Families for PostgreSQL 13 and later, to which t2, m4 and r4 do not go.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
 */
export const dbInstanceClassSchema = instanceClass({
  prefix: "db",
  families: (
    "t4g t3 m5 m5d m6g m6gd m6i m6id m6idn m6in m7g m7i m8g m8gd " +
    "r5 r5b r5d r6g r6gd r6i r6id r6idn r6in r7g r7i r8g r8gd c6gd x2g x2idn x2iedn z1d"
  ).split(" "),
  sizes:
    "micro small medium large xlarge 2xlarge 4xlarge 8xlarge 10xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge".split(
      " ",
    ),
  service: "RDS for PostgreSQL",
  what: 'a DB instance class, such as "db.t4g.micro"',
  examples: '"db.t4g.micro" or "db.m7g.large"',
});

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html */
export const cacheNodeTypeSchema = instanceClass({
  prefix: "cache",
  families: "t4g t3 t2 m4 m5 m6g m7g r4 r5 r6g r6gd r7g c7gn".split(" "),
  sizes:
    "micro small medium large xlarge 2xlarge 4xlarge 8xlarge 10xlarge 12xlarge 16xlarge 24xlarge".split(
      " ",
    ),
  service: "ElastiCache",
  what: 'a cache node type, such as "cache.t4g.micro"',
  examples: '"cache.t4g.micro" or "cache.m7g.large"',
});

/** Whether a node type keeps part of its data on SSD, which must then be asked for. */
export function hasDataTiering(nodeType: string): boolean {
  return nodeType.startsWith("cache.r6gd.");
}
