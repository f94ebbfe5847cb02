import { z } from "zod";
import { text } from "../../validation/pattern-string";
import { fieldsRule, rule } from "../../validation/rule";
import { identifier, mixedCaseIdentifier } from "../aws/identifier";

const SNAPSHOT_ID = /(?:rds:|awsbackup:)?(?=[^:]{1,255}$)[a-zA-Z](?:-?[a-zA-Z0-9])*$/;
const SNAPSHOT_ARN = new RegExp(
  `^arn:(aws|aws-cn|aws-us-gov):rds:([a-z0-9-]+):[0-9]{12}:snapshot:${SNAPSHOT_ID.source}`,
);

/**
 * A snapshot of this account by its identifier (`rds:…` for automated ones, `awsbackup:…` for AWS Backup), or a shared one by
 * its ARN.
 */
const snapshotSchema = text({
  pattern: new RegExp(`^${SNAPSHOT_ID.source}|${SNAPSHOT_ARN.source}`),
  what: "the identifier or the full ARN of a DB snapshot",
  must: "must be the identifier or the full ARN of a DB snapshot",
  instead:
    'Use, for example, "news-api-db-final-1", or the ARN of a snapshot that is shared with you.',
});

const BACKUPS_ARN =
  /^arn:(aws|aws-cn|aws-us-gov):rds:([a-z0-9-]+):[0-9]{12}:auto-backup:ab-[a-z0-9]+$/;

/** The partition and the region of the ARN that a restore names; undefined if it names none. */
export function restoreOrigin(
  restore: RestoreSettings,
): { readonly partition: string; readonly region: string } | undefined {
  const arn =
    restore.kind === "snapshot" ? restore.snapshotIdentifier : (restore.automatedBackupsArn ?? "");
  const [, partition, region] = SNAPSHOT_ARN.exec(arn) ?? BACKUPS_ARN.exec(arn) ?? [];
  return partition && region ? { partition, region } : undefined;
}

const UTC_TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

const timeSchema = z
  .string()
  .check(
    rule<string>({
      holds: (time) => UTC_TIME.test(time) && isRealTime(time),
      must: "must be a time in UTC, YYYY-MM-DDThh:mm:ssZ",
      instead: 'Use, for example, "2026-05-31T09:45:00Z".',
    }),
  )
  .meta({ pattern: UTC_TIME.source })
  .describe('a time in UTC, such as "2026-05-31T09:45:00Z"');

/** Refuses February 30, which JavaScript would read as a day in March. */
function isRealTime(time: string): boolean {
  const read = new Date(time);
  return !Number.isNaN(read.getTime()) && read.toISOString() === time.replace("Z", ".000Z");
}

const SOURCES = ["sourceIdentifier", "sourceResourceId", "automatedBackupsArn"] as const;
type Sources = { readonly [Source in (typeof SOURCES)[number]]?: string | undefined };

function sourcesOf(restore: Sources): string[] {
  return SOURCES.filter((source) => restore[source] !== undefined);
}

const pointInTime = z
  .strictObject({
    kind: z.literal("point-in-time").meta({
      purpose:
        "`point-in-time`: restore from the automated backups of an instance. Exactly one of the sources is required.",
      link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html",
    }),
    sourceIdentifier: identifier(63, "the identifier of the instance to restore")
      .optional()
      .meta({ purpose: "The instance to restore, by its identifier." }),
    sourceResourceId: text({
      pattern: /^db-[A-Z0-9]{26}$/,
      what: "the resource ID of the instance to restore",
      must: 'must be "db-" followed by 26 uppercase letters and digits',
      instead: "Use the DbiResourceId that `aws rds describe-db-instances` shows.",
    })
      .optional()
      .meta({ purpose: "The instance to restore, by its resource ID, which survives a rename." }),
    automatedBackupsArn: text({
      pattern: BACKUPS_ARN,
      what: "the ARN of automated backups",
      must: "must be the full ARN of automated backups",
      instead: 'Use "arn:aws:rds:<region>:<account>:auto-backup:ab-…".',
    })
      .optional()
      .meta({
        purpose:
          "The retained automated backups of a deleted instance. The stacks retain them by default.",
        link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
      }),
    time: timeSchema
      .optional()
      .meta({ purpose: "The point in time.", absent: "the latest restorable time" }),
  })
  .check(
    fieldsRule<Sources>({
      fields: [...SOURCES],
      at: "",
      holds: (restore) => sourcesOf(restore).length === 1,
      must: `must have exactly one of ${SOURCES.join(", ")}`,
      got: sourcesOf,
      instead: "Set exactly one of them.",
    }),
  );

const snapshot = z.strictObject({
  kind: z.literal("snapshot").meta({
    purpose: "`snapshot`: restore from a DB snapshot.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html",
  }),
  snapshotIdentifier: snapshotSchema.meta({
    purpose:
      "The snapshot: an identifier in this account (`rds:…` for an automated one), or the ARN of a shared snapshot. The username and the encryption must match those of the source.",
  }),
});

/**
 * The source of a restore. `username` and encryption must match the source: otherwise the next plan replaces the
 * instance. Terraform does not send `dbName` to RDS. It must be a database of the source, because the
 * URL contains it. A later change of the source also replaces the instance.
 */
export const restoreSchema = z
  .discriminatedUnion("kind", [snapshot, pointInTime])
  .describe("the source of the restore: a snapshot or a point in time");

export type RestoreSettings = z.output<typeof restoreSchema>;

/** The identifier of a final snapshot is the prefix, a hyphen and a UUID, at most 255 characters. */
export const finalSnapshotPrefixSchema = mixedCaseIdentifier(
  255 - "-".length - 36,
  "the prefix of the final snapshot's identifier",
);
