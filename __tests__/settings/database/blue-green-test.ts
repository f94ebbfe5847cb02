import { problemsWith } from "../../minimal-environment";

const REASON = "the upgrade to PostgreSQL 16, with a snapshot by hand";
const NO_BACKUPS = "a scratch database that is rebuilt every night";

/** The problems of a minimal environment with blueGreenUpdate and more settings of its database. */
function blueGreen(more: Record<string, unknown> = {}): string[] {
  const settings = {
    blueGreenUpdate: true,
    applyImmediately: true,
    "reasons.blueGreenUpdate": REASON,
    ...more,
  };
  return problemsWith(
    Object.fromEntries(Object.entries(settings).map(([key, value]) => [`database.${key}`, value])),
  ).map((problem) => problem.replace(/^database\./, ""));
}

test.each([
  {},
  { identifier: "a".repeat(60) },
  { backupRetentionDays: 1 },
  { allowMajorVersionUpgrade: true, parameters: { "rds.logical_replication": "1" } },
  { preventDestroy: true },
])("a blue/green update is compatible with %j", (more) => {
  expect(blueGreen(more)).toEqual([]);
});

test.each<[Record<string, unknown>, string]>([
  [
    { "reasons.blueGreenUpdate": undefined },
    "blueGreenUpdate: requires a reason, because it deletes the old instance and its automated backups after each change, without a final snapshot, even if it is protected; got: true. Set it to false, or give the reason in `reasons.blueGreenUpdate`.",
  ],
  [
    { blueGreenUpdate: false },
    `reasons.blueGreenUpdate: must be absent while blueGreenUpdate has a safe value; got: "${REASON}". Remove the reason.`,
  ],
  [
    { identifier: "a".repeat(61) },
    `identifier: must have at most 60 characters with blueGreenUpdate: the deployment has the same name; got: "${"a".repeat(61)}". Set blueGreenUpdate: false.`,
  ],
  [
    { applyImmediately: false },
    "applyImmediately: must be true with blueGreenUpdate, which does not wait for the maintenance window; got: false. Set applyImmediately: true.",
  ],
  [
    { backupRetentionDays: 0, "reasons.backupRetentionDays": NO_BACKUPS },
    "blueGreenUpdate: must be false without automated backups, which RDS needs to create the copy; got: true. Set backupRetentionDays to 1 or more, or blueGreenUpdate: false.",
  ],
  [
    { readReplicas: { reports: {} } },
    "blueGreenUpdate: must be false with readReplicas: Terraform would lose them in the switchover; got: true. Set blueGreenUpdate: false, or first remove the replicas in a separate apply.",
  ],
  [
    { credentials: { kind: "rds-managed" } },
    'blueGreenUpdate: must be false with credentials of kind "rds-managed", which blue/green deployments do not support; got: true. Set blueGreenUpdate: false, or use credentials of kind "secret".',
  ],
  [
    { allowMajorVersionUpgrade: true },
    'parameters: must set rds.logical_replication to "1" with blueGreenUpdate and allowMajorVersionUpgrade: RDS copies the data to the new major version by logical replication; got: {}. Set it, apply, and reboot the instance before the upgrade.',
  ],
  [
    { allowMajorVersionUpgrade: true, parameters: { "rds.logical_replication": "0" } },
    'parameters: must set rds.logical_replication to "1" with blueGreenUpdate and allowMajorVersionUpgrade: RDS copies the data to the new major version by logical replication; got: {"rds.logical_replication":"0"}. Set it, apply, and reboot the instance before the upgrade.',
  ],
])("a blue/green update does not go with %j", (more, message) => {
  expect(blueGreen(more)).toEqual([message]);
});

test("without a blue/green update, none of these rules apply", () => {
  const off = { blueGreenUpdate: false, "reasons.blueGreenUpdate": undefined };
  expect(blueGreen({ ...off, identifier: "a".repeat(63) })).toEqual([]);
  expect(blueGreen({ ...off, readReplicas: { reports: {} } })).toEqual([]);
  expect(blueGreen({ ...off, credentials: { kind: "rds-managed" } })).toEqual([]);
  expect(blueGreen({ ...off, allowMajorVersionUpgrade: true })).toEqual([]);
});
