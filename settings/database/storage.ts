import { z } from "zod";
import { wholeNumber } from "../../validation/number";
import { fieldsRule } from "../../validation/rule";
import { kmsKeyArnSchema } from "../account";

const STORAGE_TYPES = ["gp3", "gp2", "io1", "io2"] as const;
const PROVISIONED = ["io1", "io2"];
const MAX_STORAGE_GIB = 65536;
const MIN_PROVISIONED_GIB = 100;
/** Below this size, AWS accepts neither iops nor throughput for gp3. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage */
const GP3_STRIPED_GIB = 400;
/** The maximum IOPS per GiB. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#USER_PIOPS */
const MAX_IOPS_PER_GIB: Readonly<Record<string, number>> = { io1: 50, io2: 1000 };
const MIN_IOPS_PER_GIB = 0.5;
/** Of the storage types with provisioned IOPS, whatever their size. */
const [MIN_IOPS, MAX_IOPS] = [1000, 256_000];
const MIN_AUTOSCALING_FACTOR = 1.1;

/** The storage settings of a database. Storage never shrinks: Terraform plans it, but AWS refuses. */
export const storageFields = {
  allocatedStorageGib: wholeNumber({ from: 20, to: MAX_STORAGE_GIB, unit: "GiB" }).meta({
    purpose: "The storage to allocate. It can grow online and never shrinks.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html",
  }),
  maxAllocatedStorageGib: wholeNumber({ from: 22, to: MAX_STORAGE_GIB, unit: "GiB" })
    .optional()
    .meta({
      purpose:
        "The size up to which RDS grows the storage automatically. At least 10 % above allocatedStorageGib.",
      absent: "no automatic growth",
      link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html",
    }),
  storageType: z.enum(STORAGE_TYPES).default("gp3").meta({
    purpose: "The type of the EBS storage.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html",
  }),
  iops: wholeNumber({ from: MIN_IOPS, to: MAX_IOPS, unit: "IOPS" }).optional().meta({
    purpose: "Provisioned IOPS: required for io1 and io2, and allowed for gp3 from 400 GiB.",
    absent: "the baseline of the storage type",
  }),
  storageThroughputMibps: wholeNumber({ from: 500, to: 4000, unit: "MiB/s" }).optional().meta({
    purpose: "Throughput of gp3 from 400 GiB; at most a quarter of iops.",
    absent: "the baseline of the storage type",
  }),
  storageEncrypted: z.boolean().default(true).meta({
    purpose:
      "Whether storage, backups and snapshots are encrypted. A change replaces the instance.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
  }),
  kmsKeyArn: kmsKeyArnSchema.optional().meta({
    purpose: "The KMS key that encrypts the storage. A change replaces the instance.",
    absent: "the AWS managed key `aws/rds`",
  }),
};

type Fields = z.output<z.ZodObject<typeof storageFields>>;

export const storageRules = [
  fieldsRule<Fields>({
    fields: ["allocatedStorageGib", "storageType"],
    holds: ({ storageType, allocatedStorageGib }) =>
      !PROVISIONED.includes(storageType) || allocatedStorageGib >= MIN_PROVISIONED_GIB,
    must: ({ storageType }) => `must be at least ${MIN_PROVISIONED_GIB} GiB for ${storageType}`,
    instead: `Use ${MIN_PROVISIONED_GIB} or more, or use gp3.`,
  }),
  fieldsRule<Fields>({
    fields: ["maxAllocatedStorageGib", "allocatedStorageGib"],
    holds: ({ maxAllocatedStorageGib: maximum, allocatedStorageGib: now }) =>
      maximum === undefined || maximum >= leastMaximum(now),
    must: "must be at least 10 % above allocatedStorageGib",
    instead: ({ allocatedStorageGib }) => {
      const least = leastMaximum(allocatedStorageGib);
      return least > MAX_STORAGE_GIB ? "Remove it." : `Use ${least} or more, or remove it.`;
    },
  }),
  ...(["iops", "storageThroughputMibps"] as const).map((setting) =>
    fieldsRule<Fields>({
      fields: [setting, "storageType", "allocatedStorageGib"],
      holds: (settings) =>
        settings[setting] === undefined ||
        settings.storageType !== "gp3" ||
        settings.allocatedStorageGib >= GP3_STRIPED_GIB,
      must: `must be absent for gp3 below ${GP3_STRIPED_GIB} GiB`,
      instead: `Remove it, or allocate ${GP3_STRIPED_GIB} GiB or more.`,
    }),
  ),
  fieldsRule<Fields>({
    fields: ["iops", "storageType", "allocatedStorageGib"],
    holds: ({ iops, storageType, allocatedStorageGib }) =>
      iops === undefined ||
      storageType !== "gp3" ||
      allocatedStorageGib < GP3_STRIPED_GIB ||
      (iops >= 12_000 && iops <= 64_000),
    must: `must be from 12000 to 64000 for gp3 with ${GP3_STRIPED_GIB} GiB or more`,
    instead: "Use a number in that range, or remove it to use 12000.",
  }),
  fieldsRule<Fields>({
    fields: ["storageThroughputMibps", "iops", "storageType"],
    holds: ({ storageThroughputMibps, iops = 12_000, storageType }) =>
      storageThroughputMibps === undefined ||
      storageType !== "gp3" ||
      storageThroughputMibps / iops <= 0.25,
    must: "must be at most a quarter of iops (12000 by default)",
    instead: "Lower it, or raise iops.",
  }),
  fieldsRule<Fields>({
    fields: ["iops", "storageType"],
    holds: ({ iops, storageType }) => iops === undefined || storageType !== "gp2",
    must: "must be absent for gp2, whose IOPS depend on its size",
    instead: "Remove it, or use gp3.",
  }),
  fieldsRule<Fields>({
    fields: ["storageThroughputMibps", "storageType"],
    holds: ({ storageThroughputMibps, storageType }) =>
      storageThroughputMibps === undefined || storageType === "gp3",
    must: "must be absent for every storage type except gp3",
    instead: "Remove it, or use gp3.",
  }),
  fieldsRule<Fields>({
    fields: ["iops", "storageType"],
    holds: ({ iops, storageType }) => iops !== undefined || !PROVISIONED.includes(storageType),
    must: ({ storageType }) => `must be set for ${storageType}`,
    instead: "Set the IOPS to provision, or use gp3.",
  }),
  fieldsRule<Fields>({
    fields: ["iops", "storageType", "allocatedStorageGib"],
    holds: ({ iops, storageType, allocatedStorageGib }) => {
      const perGib = (iops ?? 0) / allocatedStorageGib;
      const most = MAX_IOPS_PER_GIB[storageType];
      return iops === undefined || !most || (perGib >= MIN_IOPS_PER_GIB && perGib <= most);
    },
    must: ({ storageType }) =>
      `must be ${MIN_IOPS_PER_GIB} to ${MAX_IOPS_PER_GIB[storageType]} IOPS per GiB of ${storageType}`,
    instead: ({ storageType, allocatedStorageGib: gib }) => {
      const least = Math.max(MIN_IOPS, Math.ceil(gib * MIN_IOPS_PER_GIB));
      const most = Math.min(MAX_IOPS, gib * (MAX_IOPS_PER_GIB[storageType] ?? 0));
      return `Use ${least} to ${most}.`;
    },
  }),
  fieldsRule<Fields>({
    fields: ["kmsKeyArn", "storageEncrypted"],
    holds: ({ kmsKeyArn, storageEncrypted }) => kmsKeyArn === undefined || storageEncrypted,
    must: "must be absent when storageEncrypted is false",
    instead: "Remove it, or encrypt the storage.",
  }),
];

function leastMaximum(allocatedGib: number): number {
  return Math.ceil(Number((allocatedGib * MIN_AUTOSCALING_FACTOR).toFixed(3)));
}
