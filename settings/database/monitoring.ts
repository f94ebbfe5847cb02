import { z } from "zod";
import { fieldsRule, rule } from "../../validation/rule";
import { kmsKeyArnSchema, roleArnSchema } from "../account";

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html (0 turns monitoring off) */
export const monitoringIntervalSchema = z
  .literal([1, 5, 10, 15, 30, 60])
  .describe("an interval in seconds that RDS accepts");

/** Metrics of the operating system every few seconds, which CloudWatch bills. */
export const enhancedMonitoringSchema = z
  .strictObject({
    intervalSeconds: monitoringIntervalSchema.meta({
      purpose: "The interval between two measurements.",
    }),
    roleArn: roleArnSchema.optional().meta({
      purpose:
        "The role with which RDS writes to CloudWatch Logs. It must trust monitoring.rds.amazonaws.com.",
      absent: "a role that the stack creates, for this database and its replicas only",
    }),
  })
  .describe("the settings of enhanced monitoring, such as { intervalSeconds: 60 }");

const DAYS_PER_MONTH = 31;
const MAX_MONTHS = 23;
const TWO_YEARS_DAYS = 731;
/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.html: advanced keeps 15 months. */
const ADVANCED_DAYS = 15 * DAYS_PER_MONTH;
export const FREE_INSIGHTS_DAYS = 7;

export const insightsRetentionSchema = z
  .number()
  .check(
    rule<number>({
      holds: (days) =>
        days === FREE_INSIGHTS_DAYS ||
        days === TWO_YEARS_DAYS ||
        (Number.isSafeInteger(days / DAYS_PER_MONTH) &&
          days >= DAYS_PER_MONTH &&
          days <= MAX_MONTHS * DAYS_PER_MONTH),
      must: `must be ${FREE_INSIGHTS_DAYS}, ${TWO_YEARS_DAYS}, or a multiple of ${DAYS_PER_MONTH} up to ${MAX_MONTHS * DAYS_PER_MONTH}`,
      instead: (days) => `Use ${nearestRetention(days)}.`,
    }),
  )
  .meta({ type: "integer", minimum: FREE_INSIGHTS_DAYS, maximum: TWO_YEARS_DAYS })
  .describe("the number of days that Performance Insights data is kept (7 are free)");

function nearestRetention(days: number): number {
  const months = Math.min(Math.max(Math.round(days / DAYS_PER_MONTH), 0), MAX_MONTHS);
  return months > 0 ? months * DAYS_PER_MONTH : FREE_INSIGHTS_DAYS;
}

/** Performance Insights: the database load by wait event and query. */
export const performanceInsightsSchema = z
  .strictObject({
    retentionDays: insightsRetentionSchema
      .default(FREE_INSIGHTS_DAYS)
      .meta({ purpose: "How long the data is kept: 7 days are free." }),
    mode: z.enum(["standard", "advanced"]).default("standard").meta({
      purpose:
        "`standard`, or `advanced`, which is billed per vCPU and includes 15 months of retention.",
      link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.html",
    }),
    kmsKeyArn: kmsKeyArnSchema.optional().meta({
      purpose: "The KMS key that encrypts the data.",
      absent: "the AWS managed key `aws/rds`",
    }),
  })
  .check(
    fieldsRule<{ readonly mode: string; readonly retentionDays: number }>({
      fields: ["retentionDays", "mode"],
      holds: ({ mode, retentionDays }) => mode === "standard" || retentionDays >= ADVANCED_DAYS,
      must: `must be at least ${ADVANCED_DAYS} in advanced mode`,
      instead: `Use ${ADVANCED_DAYS}, or mode "standard".`,
    }),
  )
  .describe(
    "the settings of Performance Insights ({} keeps the data for seven days, free of charge)",
  );
