import { z } from "zod";
import { wholeNumber } from "../../validation/number";

/** Outside these limits, an alarm always or never fires. */
const percent = { from: 1, to: 99, unit: "percent" };

// Unless another source is named, the defaults are AWS's recommendations:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html

/** The default of a threshold of one store. */
const ENVIRONMENTS = "the environment's `alarms.database`";

const thresholds = {
  cpuPercent: wholeNumber(percent).meta({
    purpose: "Alarm above this CPU utilization.",
    absent: ENVIRONMENTS,
  }),
  cpuCredits: wholeNumber({ from: 1, to: 4608, unit: "credits" }).meta({
    purpose: "Alarm below this CPU credit balance. Only for burstable classes.",
    absent: "what the class earns in an hour",
  }),
  freeStorageGib: wholeNumber({ from: 1, to: 65_536, unit: "GiB" }).meta({
    purpose: "Alarm below this free storage.",
    absent: "a tenth of allocatedStorageGib, where storage autoscaling starts too",
  }),
  freeableMemoryPercent: wholeNumber(percent).meta({
    purpose:
      "Alarm below this share of the class's memory. AWS recommends 25, but PostgreSQL keeps small classes below that permanently.",
    absent: ENVIRONMENTS,
  }),
  connectionsPercent: wholeNumber(percent).meta({
    purpose:
      "Alarm above this share of the estimated maximum number of connections. AWS's 90 to 95 would leave no time to react.",
    absent: ENVIRONMENTS,
  }),
  replicaLagSeconds: wholeNumber({ from: 1, to: 86_400, unit: "seconds" }).meta({
    purpose: "Alarm above this lag of a read replica.",
    absent: ENVIRONMENTS,
  }),
  usedTransactionIdsMillions: wholeNumber({ from: 201, to: 2000, unit: "millions" }).meta({
    purpose:
      "Alarm above this number of unfrozen transaction IDs. Autovacuum reduces it from 200 million; near 2100 million PostgreSQL stops accepting writes.",
    absent: ENVIRONMENTS,
  }),
};

/** The alarm thresholds of an environment's databases. */
export const databaseThresholdsSchema = z.strictObject({
  cpuPercent: thresholds.cpuPercent.default(90),
  cpuCredits: thresholds.cpuCredits.optional(),
  freeStorageGib: thresholds.freeStorageGib.optional(),
  freeableMemoryPercent: thresholds.freeableMemoryPercent.default(10),
  connectionsPercent: thresholds.connectionsPercent.default(80),
  replicaLagSeconds: thresholds.replicaLagSeconds.default(60),
  usedTransactionIdsMillions: thresholds.usedTransactionIdsMillions.default(1000),
});

/** The thresholds that one database overrides. */
export const ownDatabaseThresholdsSchema = z
  .strictObject(thresholds)
  .partial()
  .describe("the thresholds that differ from the environment's alarms.database");

export type DatabaseThresholds = z.output<typeof databaseThresholdsSchema>;
