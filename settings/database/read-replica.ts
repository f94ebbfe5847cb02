import { z } from "zod";
import { fieldsRule, rule } from "../../validation/rule";
import { dbInstanceClassSchema } from "../aws/instance-class";
import { replicaIdentifier } from "../names";
import { insightsRetentionSchema, monitoringIntervalSchema } from "./monitoring";

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html */
const MOST_REPLICAS = 15;

const replicaSchema = z
  .strictObject({
    instanceClass: dbInstanceClassSchema
      .optional()
      .meta({ purpose: "The instance class of the replica.", absent: "that of the instance" }),
    availabilityZone: z
      .string()
      .describe('a zone of the region, such as "us-east-1a"')
      .optional()
      .meta({ purpose: "The zone of the replica.", absent: "AWS chooses the zone" }),
    multiAz: z
      .boolean()
      .default(false)
      .meta({ purpose: "Whether the replica has a standby in a second availability zone." }),
    deletionProtection: z.boolean().optional().meta({
      purpose:
        "AWS refuses to delete the replica while this is on. To remove the replica, first set deletionProtection: false for it and apply.",
      absent: "that of the instance",
    }),
    monitoringIntervalSeconds: monitoringIntervalSchema
      .optional()
      .meta({ purpose: "The interval of enhanced monitoring.", absent: "that of the instance" }),
    performanceInsightsRetentionDays: insightsRetentionSchema.optional().meta({
      purpose: "How long Performance Insights data is kept.",
      absent: "7 days if the instance has performanceInsights, otherwise off",
    }),
  })
  .check(
    fieldsRule<{ readonly availabilityZone?: string | undefined; readonly multiAz: boolean }>({
      fields: ["availabilityZone", "multiAz"],
      holds: ({ availabilityZone, multiAz }) => availabilityZone === undefined || !multiAz,
      must: "must be absent when multiAz is true",
      instead: "Remove it, or set multiAz: false.",
    }),
  );

/** A replica's name becomes part of its address, and with hyphens part of its identifier. */
const REPLICA_NAME = /^[a-z](_?[a-z0-9])*$/;
const replicaNameSchema = z
  .string()
  .check(
    rule<string>({
      holds: (name) => REPLICA_NAME.test(name),
      must: "must have a name of lowercase letters, digits and single underscores, start with a letter and not end with an underscore: it becomes part of the replica's Terraform address",
      instead: "Rename the replica.",
    }),
  )
  .meta({ pattern: REPLICA_NAME.source });

/**
 * Read replicas of the instance, as name: settings. Each is billed as an instance, and shares the instance's clients,
 * parameters and storage type. A replica is a copy for reads, not a backup: it repeats every mistake immediately. It
 * has no URL; its address is in the output `database_replica_addresses`.
 */
export const readReplicasSchema = z
  .record(replicaNameSchema, replicaSchema)
  .check(
    rule<Record<string, unknown>>({
      holds: (replicas) => Object.keys(replicas).length <= MOST_REPLICAS,
      must: `must have at most ${MOST_REPLICAS} replicas`,
      instead: "Remove replicas.",
    }),
  )
  .describe("read replicas, as name: settings ({} for one like the instance)");

export type ReadReplicas = z.output<typeof readReplicasSchema>;
export type ReadReplicaSettings = ReadReplicas[string];

interface Fields {
  readonly identifier: string;
  readonly readReplicas: ReadReplicas;
  readonly backupRetentionDays: number;
  readonly credentials: { readonly kind: string };
}

const LONGEST_IDENTIFIER = 63;

function tooLong({ identifier, readReplicas }: Fields): string[] {
  return Object.keys(readReplicas)
    .map((name) => replicaIdentifier(identifier, name))
    .filter((replica) => replica.length > LONGEST_IDENTIFIER);
}

/** The rules for a database with replicas. */
export const readReplicaRules = [
  fieldsRule<Fields>({
    fields: ["readReplicas", "identifier"],
    holds: (settings) => tooLong(settings).length === 0,
    must: `must have names that give the replicas identifiers of at most ${LONGEST_IDENTIFIER} characters`,
    got: tooLong,
    instead: "Shorten the replica's name or the database's identifier.",
  }),
  fieldsRule<Fields>({
    fields: ["readReplicas", "backupRetentionDays"],
    holds: ({ readReplicas, backupRetentionDays }) =>
      backupRetentionDays > 0 || Object.keys(readReplicas).length === 0,
    must: "must be empty without automated backups, which RDS needs to create replicas",
    got: ({ readReplicas }) => Object.keys(readReplicas),
    instead: "Set backupRetentionDays to 1 or more, or remove the replicas.",
  }),
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations
  fieldsRule<Fields>({
    fields: ["readReplicas", "credentials"],
    holds: ({ readReplicas, credentials }) =>
      credentials.kind !== "rds-managed" || Object.keys(readReplicas).length === 0,
    must: 'must be empty with credentials of kind "rds-managed": RDS creates no replica of such an instance',
    got: ({ readReplicas }) => Object.keys(readReplicas),
    instead: 'Use credentials of kind "secret", or remove the replicas.',
  }),
];
