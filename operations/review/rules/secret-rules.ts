import { actionOf, type Change } from "../change";
import { type Finding, refused } from "../finding";

const VERSION = "secret_string_wo_version";

/** Values of secrets: a rotation writes them together with the database's password. */
export function secretValue(change: Change, all: readonly Change[]): Finding[] {
  const { type, address, importing, before, after } = change;
  if (type !== "aws_secretsmanager_secret_version") {
    return [];
  }
  if (importing) {
    return [
      refused(
        "import-secret",
        address,
        "Imports the value of a secret: the plan and the state would hold it in plain text. Import only the secret.",
      ),
    ];
  }
  const rotates = all.some(
    (one) =>
      one.type === "aws_db_instance" &&
      one.before?.password_wo_version !== one.after?.password_wo_version,
  );
  const isAlone = before && after && before[VERSION] !== after[VERSION] && !rotates;
  return isAlone
    ? [
        refused(
          "rotate-password",
          address,
          "Writes a new value of the secret, while the database keeps its password.",
        ),
      ]
    : [];
}

/** A data store that was deleted outside Terraform, and would be created again without its data. */
export function recreation(change: Change, drift: readonly Change[]): Finding[] {
  const gone = drift.some(
    (one) => one.address === change.address && one.actions.join() === "delete",
  );
  const holdsData =
    /^aws_(db_instance|elasticache_(cluster|replication_group)|s3_bucket|secretsmanager_secret|kms_key)$/;
  return gone && actionOf(change) === "create" && holdsData.test(change.type)
    ? [
        refused(
          "recreate",
          change.address,
          `The ${change.type} was deleted outside Terraform. The plan creates an empty one: restore it instead, if its data matters.`,
        ),
      ]
    : [];
}
