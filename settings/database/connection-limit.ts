import { memoryGibOf } from "../aws/instance-size";

const MAX_CONNECTIONS = "max_connections";
const BYTES_PER_GIB = 1024 ** 3;

// LEAST({DBInstanceClassMemory/9531392}, 5000):
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
const BYTES_PER_CONNECTION = 9_531_392;
const MOST_CONNECTIONS = 5000;

/**
 * DBInstanceClassMemory is the class's memory minus the share of the operating system and RDS. AWS does not publish it.
 * According to known limits (2 GiB: 198 connections, 4: 413, 8: 856, 15.25: 1660), the share is 5 %, or a quarter of a
 * GiB on small instances.
 * @see https://gist.github.com/guizmaii/1cacffef793c2ba9645083c3e18b3d8c
 */
function classMemoryGib(memoryGib: number): number {
  return memoryGib - Math.max(0.25, memoryGib * 0.05);
}

/** Whether the parameters set max_connections to a formula that only RDS can evaluate. */
export function usesFormula(parameters: Readonly<Record<string, string>>): boolean {
  const value = parameters[MAX_CONNECTIONS];
  return value !== undefined && !/^[0-9]+$/.test(value);
}

interface Limited {
  readonly instanceClass: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The maximum number of connections: the value in the parameters, or an estimate of RDS's default for the class. */
export function connectionLimit({ instanceClass, parameters }: Limited): number {
  const said = parameters[MAX_CONNECTIONS];
  if (said !== undefined) {
    return Number(said);
  }
  const bytes = classMemoryGib(memoryGibOf(instanceClass) ?? 0) * BYTES_PER_GIB;
  return Math.min(Math.floor(bytes / BYTES_PER_CONNECTION), MOST_CONNECTIONS);
}
