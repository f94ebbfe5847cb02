import { accountIn, isOwnAccount } from "./account";
import { type Check, shown } from "./check";
import type { Control } from "./control";
import { references } from "./expression";
import type { TerraformBlock } from "./terraform-block";

/** Attributes that name a key, a role or the source of a restore or replica, by type. Principals, and topics in alarms, have other controls. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  aws_db_instance: [
    ...["kms_key_id", "performance_insights_kms_key_id", "monitoring_role_arn"],
    ...["master_user_secret_kms_key_id", "snapshot_identifier", "replicate_source_db"],
  ],
  aws_elasticache_replication_group: ["kms_key_id"],
  aws_secretsmanager_secret: ["kms_key_id"],
  aws_cloudwatch_log_group: ["kms_key_id"],
  aws_sns_topic: ["kms_master_key_id"],
};

/** A name without an account belongs to the provider's account. */
const ARN = /^arn:[^:]*:[^:]*:[^:]*:[^:]*:/;

function isOfItsAccount(block: TerraformBlock, value: string): boolean {
  const [address] = references(value);
  if (address !== undefined) {
    return block.stack.at(address) !== undefined;
  }
  return !ARN.test(value) || isOwnAccount(block, accountIn(value));
}

function namesItsAccount(attribute: string): Check {
  return {
    attribute,
    must: "belong to the provider's account",
    look: (block) => {
      const value = block.attributes[attribute] ?? undefined;
      if (value === undefined) {
        return { verdict: "holds", got: "nothing" };
      }
      if (isOfItsAccount(block, String(value))) {
        return { verdict: "holds", got: shown(value) };
      }
      const isUnknown = references(value).length > 0;
      return { verdict: isUnknown ? "unknown" : "fails", got: shown(value) };
    },
  };
}

function providerNamesItsAccount({ stack }: TerraformBlock): boolean {
  return stack
    .ofType("provider.aws")
    .some((provider) => provider.list("allowed_account_ids").length > 0);
}

/** Keys, roles and data from other accounts. */
export const foreignAccountControls: readonly Control[] = [
  {
    id: "MDS.29",
    also: [],
    demands: "Keys, roles, snapshots and replication sources belong to the data store's account.",
    on: Object.entries(NAMED).map(([type, attributes]) => ({
      type,
      only: { says: "whose provider names its account", takes: providerNamesItsAccount },
      checks: attributes.map(namesItsAccount),
    })),
  },
];
