import { z } from "zod";
import { identifier, mixedCaseIdentifier } from "./identifier";
import { fieldsRule, rule } from "./rule";
import { text } from "./text";

const SNAPSHOT_ARN =
  /^arn:(aws|aws-cn|aws-us-gov):rds:[a-z0-9-]+:[0-9]{12}:snapshot:(rds:)?[a-zA-Z][a-zA-Z0-9-]{0,254}$/;

/** A snapshot of this account by its id (`rds:…` is an automatic one), a shared one by its ARN. */
const snapshotSchema = text({
  pattern: new RegExp(`^(rds:)?(?=[^:]{1,255}$)[a-zA-Z](-?[a-zA-Z0-9])*$|${SNAPSHOT_ARN.source}`),
  what: "a DB snapshot's id, or its full ARN",
  must: "must be a DB snapshot's id or its full ARN",
  instead:
    'Write for example "news-api-db-final-1", or the ARN of a snapshot that is shared with you.',
});

const UTC_TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

const timeSchema = z
  .string()
  .check(
    rule<string>({
      holds: (time) => UTC_TIME.test(time) && isRealTime(time),
      must: "must be a time in UTC, YYYY-MM-DDThh:mm:ssZ",
      instead: 'Write for example "2026-05-31T09:45:00Z".',
    }),
  )
  .meta({ pattern: UTC_TIME.source })
  .describe('a time in UTC, such as "2026-05-31T09:45:00Z"');

/** Refuses the thirtieth of February, which JavaScript would read as a day in March. */
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
    kind: z.literal("point-in-time"),
    sourceIdentifier: identifier(63, "the identifier of the instance to restore").optional(),
    sourceResourceId: text({
      pattern: /^db-[A-Z0-9]{26}$/,
      what: "the resource id of the instance to restore",
      must: 'must be "db-" and 26 capital letters and digits',
      instead: "Write the DbiResourceId that `aws rds describe-db-instances` shows.",
    }).optional(),
    /** What is left of an instance that was deleted: the stacks here keep its automated backups. */
    automatedBackupsArn: text({
      pattern: /^arn:(aws|aws-cn|aws-us-gov):rds:[a-z0-9-]+:[0-9]{12}:auto-backup:ab-[a-z0-9]+$/,
      what: "the ARN of automated backups",
      must: "must be the full ARN of automated backups",
      instead: 'Write "arn:aws:rds:<region>:<account>:auto-backup:ab-…".',
    }).optional(),
    /** @default - the latest time that can be restored */
    time: timeSchema.optional(),
  })
  .check(
    fieldsRule<Sources>({
      fields: [...SOURCES],
      at: "",
      holds: (restore) => sourcesOf(restore).length === 1,
      must: `must have exactly one of ${SOURCES.join(", ")}`,
      got: sourcesOf,
      instead: "Keep the one that names the instance.",
    }),
  );

const snapshot = z.strictObject({
  kind: z.literal("snapshot"),
  snapshotIdentifier: snapshotSchema,
});

/**
 * What a new instance starts from. `username` and encryption must be those of the source: others replace the instance.
 * `dbName` is not given to RDS then, and must be a database that the source has: it is in the URL. It is read once; a
 * change later replaces the instance too.
 */
export const restoreSchema = z
  .discriminatedUnion("kind", [snapshot, pointInTime])
  .describe("what the new instance starts from: a snapshot or a point in time");

export type RestoreSettings = z.output<typeof restoreSchema>;

/** A final snapshot's id is the prefix, a hyphen and a UUID, in at most 255 characters. */
export const finalSnapshotPrefixSchema = mixedCaseIdentifier(
  255 - "-".length - 36,
  "the start of the final snapshot's id",
);
