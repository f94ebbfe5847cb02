import { z } from "zod";
import { wholeNumber } from "../../validation/number";

/** Nothing is above 100. */
const percent = { from: 1, to: 99, unit: "per cent" };

// Where no other source is named, the defaults are AWS's own recommendations:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html

/** Without a default: in the thresholds of one store. */
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
    absent: "a tenth of allocatedStorageGib, where storage autoscaling acts too",
  }),
  freeableMemoryPercent: wholeNumber(percent).meta({
    purpose:
      "Alarm below this share of the class's memory. AWS recommends 25, but PostgreSQL keeps small classes below that all the time.",
    absent: ENVIRONMENTS,
  }),
  connectionsPercent: wholeNumber(percent).meta({
    purpose:
      "Alarm above this share of the maximum number of connections, which is an estimate. AWS's 90 to 95 would leave no time to react.",
    absent: ENVIRONMENTS,
  }),
  replicaLagSeconds: wholeNumber({ from: 1, to: 86_400, unit: "seconds" }).meta({
    purpose: "Alarm above this lag of a read replica.",
    absent: ENVIRONMENTS,
  }),
  usedTransactionIdsMillions: wholeNumber({ from: 201, to: 2000, unit: "millions" }).meta({
    purpose:
      "Alarm above this number of unfrozen transaction IDs. Autovacuum works against it from 200 million; near 2100 million PostgreSQL stops writing.",
    absent: ENVIRONMENTS,
  }),
};

/** When the alarms of an environment's databases go off. */
export const databaseThresholdsSchema = z.strictObject({
  cpuPercent: thresholds.cpuPercent.default(90),
  cpuCredits: thresholds.cpuCredits.optional(),
  freeStorageGib: thresholds.freeStorageGib.optional(),
  freeableMemoryPercent: thresholds.freeableMemoryPercent.default(10),
  connectionsPercent: thresholds.connectionsPercent.default(80),
  replicaLagSeconds: thresholds.replicaLagSeconds.default(60),
  usedTransactionIdsMillions: thresholds.usedTransactionIdsMillions.default(1000),
});

/** What one database sets differently. */
export const ownDatabaseThresholdsSchema = z
  .strictObject(thresholds)
  .partial()
  .describe("the thresholds that differ from the environment's alarms.database");

export type DatabaseThresholds = z.output<typeof databaseThresholdsSchema>;
