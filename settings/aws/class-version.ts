import { postgresVersion } from "./version";

/** The first minor version of each major version that supports a family. */
type FirstMinors = Readonly<Record<number, number>>;

const GRAVITON4_AND_SAPPHIRE_RAPIDS: FirstMinors = { 13: 11, 14: 9, 15: 4, 16: 1, 17: 1 };
const GRAVITON4_WITH_SSD: FirstMinors = { 13: 18, 14: 17, 15: 10, 16: 6, 17: 2, 18: 1 };
const SSD: FirstMinors = { 13: 7, 14: 5 };
const NETWORK_OPTIMIZED: FirstMinors = { 13: 7, 14: 3 };

/**
 * Families that need a later minor version than the first, which the table of offers does not contain.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html (November 2026)
 */
const FIRST_MINORS: Readonly<Record<string, FirstMinors>> = {
  m8g: GRAVITON4_AND_SAPPHIRE_RAPIDS,
  r8g: GRAVITON4_AND_SAPPHIRE_RAPIDS,
  m7i: GRAVITON4_AND_SAPPHIRE_RAPIDS,
  r7i: GRAVITON4_AND_SAPPHIRE_RAPIDS,
  m8gd: GRAVITON4_WITH_SSD,
  r8gd: GRAVITON4_WITH_SSD,
  m5d: SSD,
  r5d: SSD,
  m6gd: SSD,
  r6gd: SSD,
  m6id: SSD,
  r6id: SSD,
  m6idn: SSD,
  r6idn: SSD,
  x2iedn: SSD,
  m7g: { 13: 4, 14: 5 },
  r7g: { 13: 4, 14: 5 },
  m6i: { 13: 4 },
  r6i: { 13: 4 },
  m6in: NETWORK_OPTIMIZED,
  r6in: NETWORK_OPTIMIZED,
};

/**
 * The first version that supports a class, such as `14.17`, if the given version is older; otherwise undefined.
 */
export function tooOldFor(instanceClass: string, engineVersion: string): string | undefined {
  const { major, minor } = postgresVersion(engineVersion) ?? {};
  const [, family = ""] = instanceClass.split(".");
  const first = major === undefined ? undefined : FIRST_MINORS[family]?.[major];
  return first !== undefined && minor !== undefined && minor < first
    ? `${major}.${first}`
    : undefined;
}
