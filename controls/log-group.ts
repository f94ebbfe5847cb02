import { atLeast, type Check, isSet } from "./check";
import type { Control, Demand } from "./control";

const groups = (...checks: Check[]): Demand[] => [{ type: "aws_cloudwatch_log_group", checks }];

/** Log retention and encryption. */
export const logGroupControls: readonly Control[] = [
  {
    id: "CKV_AWS_66",
    also: [],
    demands: "Logs have a retention period.",
    on: groups(atLeast("retention_in_days", 1)),
  },
  {
    id: "CloudWatch.16",
    also: ["CKV_AWS_338"],
    demands: "Logs are kept for at least a year.",
    production: true,
    on: groups(atLeast("retention_in_days", 365)),
  },
  {
    id: "CKV_AWS_158",
    also: ["AVD-AWS-0017"],
    demands: "Logs are encrypted with a customer managed key.",
    production: true,
    on: groups(isSet("kms_key_id")),
  },
];
