import { z } from "zod";
import { kmsKeyArnSchema } from "./account";

const KIND =
  "`aws-managed`: AWS's own keys, free of charge. `customer-managed`: each stack creates a KMS key with yearly rotation, billed per month. `existing-key`: your own key. A change replaces the databases and replication groups: choose before you deploy.";
const LINK = "https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-mgmt";

/** The KMS key that encrypts storage, secrets, logs, insights and alarm topics, unless a store's setting names another. */
export const encryptionSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("aws-managed").meta({ purpose: KIND, link: LINK }) }),
    z.strictObject({ kind: z.literal("customer-managed").meta({ purpose: KIND, link: LINK }) }),
    z.strictObject({
      kind: z.literal("existing-key").meta({ purpose: KIND, link: LINK }),
      kmsKeyArn: kmsKeyArnSchema.meta({
        purpose:
          "The key. Its policy must let CloudWatch Logs use it and, for alarms, CloudWatch and RDS.",
      }),
    }),
  ])
  .describe('the keys that encrypt the environment, such as { kind: "customer-managed" }');

export type EncryptionSettings = z.output<typeof encryptionSchema>;
