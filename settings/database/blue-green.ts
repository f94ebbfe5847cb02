import { fieldsRule } from "../../validation/rule";
import type { ReadReplicas } from "./read-replica";

// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-considerations.html and
// https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/db_instance#low-downtime-updates

/** The provider names the deployment after the instance. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateBlueGreenDeployment.html */
const LONGEST_DEPLOYMENT = 60;
const LOGICAL_REPLICATION = "rds.logical_replication";

interface Fields {
  readonly blueGreenUpdate: boolean;
  readonly identifier: string;
  readonly applyImmediately: boolean;
  readonly allowMajorVersionUpgrade: boolean;
  readonly backupRetentionDays: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly readReplicas: ReadReplicas;
  readonly credentials: { readonly kind: string };
}

/** Settings that are incompatible with a blue/green update. */
export const blueGreenRules = [
  fieldsRule<Fields>({
    fields: ["identifier", "blueGreenUpdate"],
    holds: ({ identifier, blueGreenUpdate }) =>
      !blueGreenUpdate || identifier.length <= LONGEST_DEPLOYMENT,
    must: `must have at most ${LONGEST_DEPLOYMENT} characters with blueGreenUpdate: the deployment has the same name`,
    instead: "Set blueGreenUpdate: false.",
  }),
  fieldsRule<Fields>({
    fields: ["applyImmediately", "blueGreenUpdate"],
    holds: ({ applyImmediately, blueGreenUpdate }) => !blueGreenUpdate || applyImmediately,
    must: "must be true with blueGreenUpdate, which does not wait for the maintenance window",
    instead: "Set applyImmediately: true.",
  }),
  fieldsRule<Fields>({
    fields: ["blueGreenUpdate", "backupRetentionDays"],
    holds: ({ blueGreenUpdate, backupRetentionDays }) =>
      !blueGreenUpdate || backupRetentionDays > 0,
    must: "must be false without automated backups, which RDS needs to create the copy",
    instead: "Set backupRetentionDays to 1 or more, or blueGreenUpdate: false.",
  }),
  fieldsRule<Fields>({
    fields: ["blueGreenUpdate", "readReplicas"],
    holds: ({ blueGreenUpdate, readReplicas }) =>
      !blueGreenUpdate || Object.keys(readReplicas).length === 0,
    must: "must be false with readReplicas: Terraform would lose them in the switchover",
    instead: "Set blueGreenUpdate: false, or first remove the replicas in a separate apply.",
  }),
  fieldsRule<Fields>({
    fields: ["blueGreenUpdate", "credentials"],
    holds: ({ blueGreenUpdate, credentials }) =>
      !blueGreenUpdate || credentials.kind !== "rds-managed",
    must: 'must be false with credentials of kind "rds-managed", which blue/green deployments do not support',
    instead: 'Set blueGreenUpdate: false, or use credentials of kind "secret".',
  }),
  fieldsRule<Fields>({
    fields: ["parameters", "blueGreenUpdate", "allowMajorVersionUpgrade"],
    holds: ({ parameters, blueGreenUpdate, allowMajorVersionUpgrade }) =>
      !blueGreenUpdate || !allowMajorVersionUpgrade || parameters[LOGICAL_REPLICATION] === "1",
    must: `must set ${LOGICAL_REPLICATION} to "1" with blueGreenUpdate and allowMajorVersionUpgrade: RDS copies the data to the new major version by logical replication`,
    instead: "Set it, apply, and reboot the instance before the upgrade.",
  }),
];
