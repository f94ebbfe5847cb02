import {
  type AttributeRule,
  changes,
  changesFrom,
  compareVersions,
  isMajorChange,
  isOn,
  lowers,
  removes,
  turnsOff,
  turnsOn,
} from "./attribute-rule";

const types = ["aws_db_instance"];
const NEW_GROUP =
  "a parameter group or security group that the same plan creates is reviewed separately";

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html */
const RULES: readonly Omit<AttributeRule, "types">[] = [
  {
    id: "public-access",
    attribute: "publicly_accessible",
    alsoNew: true,
    refuses: turnsOn("makes the instance publicly accessible"),
  },
  {
    id: "deletion-protection",
    attribute: "deletion_protection",
    refuses: turnsOff("turns deletion protection off: the next plan may delete the instance"),
  },
  {
    id: "final-snapshot",
    attribute: "skip_final_snapshot",
    refuses: turnsOn("skips the final snapshot: deleting the instance would lose its data"),
  },
  {
    id: "final-snapshot",
    attribute: "final_snapshot_identifier",
    unknownIsHarmless:
      "the ID of the snapshot comes from a terraform_data, which is reviewed separately",
    refuses: removes("removes the name of the final snapshot"),
  },
  {
    id: "automated-backups",
    attribute: "delete_automated_backups",
    refuses: turnsOn("lets the automated backups disappear together with the instance"),
  },
  {
    id: "backup-retention",
    attribute: "backup_retention_period",
    refuses: lowers("the backup retention in days", "deletes the older backups at once"),
  },
  {
    id: "storage-encryption",
    attribute: "storage_encrypted",
    refuses: turnsOff("stops encrypting the storage"),
  },
  {
    id: "encryption-key",
    attribute: "kms_key_id",
    refuses: changesFrom("changes the KMS key of the storage"),
  },
  {
    id: "certificate-authority",
    attribute: "ca_cert_identifier",
    refuses: changesFrom(
      "changes the certificate authority: clients that trust only the old one can no longer connect",
    ),
  },
  {
    id: "engine",
    attribute: "engine",
    refuses: changesFrom("changes the engine"),
  },
  {
    id: "engine-version",
    attribute: "engine_version",
    refuses: (before, after, change) => {
      if (before === undefined || after === undefined) {
        return undefined;
      }
      if (compareVersions(after, before) < 0) {
        return `downgrades the engine from ${before} to ${after}`;
      }
      return isMajorChange(before, after) && !isOn(change.after?.allow_major_version_upgrade)
        ? `upgrades the major version from ${before} to ${after} without allowMajorVersionUpgrade`
        : undefined;
    },
  },
  {
    id: "storage-size",
    attribute: "allocated_storage",
    refuses: lowers("the storage in GiB", "RDS refuses"),
  },
  {
    id: "multi-az",
    attribute: "multi_az",
    refuses: turnsOff("removes the standby in the second zone"),
  },
  {
    id: "rotate-password",
    attribute: "password_wo_version",
    refuses: changes(
      "rotates the master password: the application cannot log in again until its tasks restart",
    ),
  },
  {
    id: "rotate-password",
    attribute: "password",
    refuses: changes("changes the master password, and stores it in the state"),
  },
  {
    id: "rotate-password",
    attribute: "manage_master_user_password",
    refuses: changes("changes who keeps the master password, which sets a new one"),
  },
  {
    id: "iam-authentication",
    attribute: "iam_database_authentication_enabled",
    refuses: turnsOff("turns IAM authentication off: users that sign in with it are locked out"),
  },
  {
    id: "promote-replica",
    attribute: "replicate_source_db",
    refuses: removes("promotes the replica to a standalone instance, which cannot be undone"),
  },
  {
    id: "security-groups",
    attribute: "vpc_security_group_ids",
    unknownIsHarmless: NEW_GROUP,
    refuses: changes("changes the security groups, and so who may connect"),
  },
  {
    id: "blue-green",
    attribute: "blue_green_update",
    refuses: (_, after) =>
      (after as readonly { enabled?: boolean }[] | undefined)?.some(({ enabled }) => enabled)
        ? "turns blue/green updates on: every later change deletes the old instance without a final snapshot"
        : undefined,
  },
];

export const DATABASE_RULES: readonly AttributeRule[] = RULES.map((rule) => ({ ...rule, types }));

type Parameters = readonly { readonly name: string; readonly value: string }[];

function parameter(group: unknown, name: string): string | undefined {
  return (group as Parameters | undefined)?.find((one) => one.name === name)?.value;
}

/** RDS enforces TLS by default from PostgreSQL 15 on. */
const FIRST_FORCING_MAJOR = 15;

function forcesSsl(parameters: unknown, family: unknown): boolean {
  const value = parameter(parameters, "rds.force_ssl");
  const major = Number(/^postgres(\d+)$/.exec(String(family))?.[1] ?? 0);
  return value === undefined ? major >= FIRST_FORCING_MAJOR : value === "1";
}

export const PARAMETER_RULES: readonly AttributeRule[] = [
  {
    id: "force-ssl",
    types: ["aws_db_parameter_group"],
    attribute: "parameter",
    refuses: (before, after, change) =>
      forcesSsl(before, change.before?.family) && !forcesSsl(after, change.after?.family)
        ? "no longer enforces TLS (rds.force_ssl): passwords and data may cross the network unencrypted"
        : undefined,
  },
];
