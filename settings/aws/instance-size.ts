// The capacities behind percentage thresholds, from the tables of
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html (vCPUs, memory),
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html (burstable nodes) and
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html (credits of the larger)

/** The processor of an RDS or ElastiCache class. */
export interface Processor {
  readonly vcpus: number;
  /**
   * CPU credits that a burstable class earns in an hour.
   * @default - none, or AWS does not publish them
   */
  readonly cpuCreditsPerHour?: number;
}

/** In families that are not burstable, a size has the same number of vCPUs: four times the number in its name. */
function vcpusOf(size: string): number | undefined {
  const [, multiple] = /^([0-9]*)xlarge$/.exec(size) ?? [];
  return multiple === undefined ? SMALL_VCPUS[size] : 4 * Number(multiple || 1);
}

const SMALL_VCPUS: Readonly<Record<string, number>> = { medium: 1, large: 2 };

/** By the letter of the family, or by its whole name if the letter is ambiguous. */
const GIB_PER_VCPU: Readonly<Record<string, number>> = {
  c: 2,
  m: 4,
  r: 8,
  z: 8,
  x: 16,
  x2idn: 16,
  x2iedn: 32,
};

const BURSTABLE: Readonly<Record<string, Processor & { readonly memoryGib: number }>> = {
  micro: { vcpus: 2, cpuCreditsPerHour: 12, memoryGib: 1 },
  small: { vcpus: 2, cpuCreditsPerHour: 24, memoryGib: 2 },
  medium: { vcpus: 2, cpuCreditsPerHour: 24, memoryGib: 4 },
  large: { vcpus: 2, cpuCreditsPerHour: 36, memoryGib: 8 },
  xlarge: { vcpus: 4, cpuCreditsPerHour: 96, memoryGib: 16 },
  "2xlarge": { vcpus: 8, cpuCreditsPerHour: 192, memoryGib: 32 },
};

/** ElastiCache still has t2, but publishes no credits for it. */
const T2_VCPUS: Readonly<Record<string, number>> = { micro: 1, small: 1, medium: 2 };

/** The processor of `db.m7g.large` or `cache.t4g.micro`; undefined if the family does not have the size. */
export function processorOf(instanceClass: string): Processor | undefined {
  const [, family = "", size = ""] = instanceClass.split(".");
  if (family.startsWith("t") && family !== "t2") {
    return BURSTABLE[size];
  }
  const vcpus = family === "t2" ? T2_VCPUS[size] : vcpusOf(size);
  return vcpus ? { vcpus } : undefined;
}

/** The memory of an RDS class; undefined if the family does not have the size. */
export function memoryGibOf(dbInstanceClass: string): number | undefined {
  const [, family = "", size = ""] = dbInstanceClass.split(".");
  if (family.startsWith("t")) {
    return BURSTABLE[size]?.memoryGib;
  }
  const gibPerVcpu = GIB_PER_VCPU[family] ?? GIB_PER_VCPU[family.charAt(0)];
  const vcpus = vcpusOf(size);
  return vcpus && gibPerVcpu ? vcpus * gibPerVcpu : undefined;
}
