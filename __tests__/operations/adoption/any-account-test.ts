import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import fc from "fast-check";
import { translateEnvironment } from "../../../operations/adoption/environment";
import { parseEnvironment } from "../../../settings/environment";
import { CacheStack } from "../../../stacks/cache-stack";
import { DatabaseStack } from "../../../stacks/database-stack";
import { INSTANCE_CLASSES, POSTGRES_VERSIONS, storages, tagsOf } from "../../instance-arbitraries";
import { synthesized } from "../../synthesized";
import { identifiers, windows } from "../../valid-environments";
import { CLUSTER, existingWith, GROUP, INSTANCE, OTHER_GROUP, ruleWith } from "./existing-account";

const NAMED = { app: "any", name: "live", stateBucket: "any-live-states" };

/** AWS reports a baseline for small gp3 volumes. */
const storage = storages.map((stored) =>
  stored.StorageType === "gp3" ? { Iops: 3000, StorageThroughput: 125, ...stored } : stored,
);

/** As many as AWS lets a person tag; some are reserved, some say something else on the other store. */
const tags = tagsOf("team", "cost center", "app", "stack", "aws:created");

const instances = fc
  .tuple(
    fc.record({
      DBInstanceIdentifier: identifiers(40),
      DBInstanceClass: fc.constantFrom(...INSTANCE_CLASSES),
      EngineVersion: fc.constantFrom(...POSTGRES_VERSIONS),
      EngineLifecycleSupport: fc.constantFrom(
        "open-source-rds-extended-support",
        "open-source-rds-extended-support-disabled",
      ),
      Endpoint: fc.record({ Port: fc.integer({ min: 1150, max: 6000 }) }),
      MultiAZ: fc.boolean(),
      AutoMinorVersionUpgrade: fc.boolean(),
      CopyTagsToSnapshot: fc.boolean(),
      DeletionProtection: fc.boolean(),
      StorageEncrypted: fc.boolean(),
      IAMDatabaseAuthenticationEnabled: fc.boolean(),
      BackupRetentionPeriod: fc.integer({ min: 0, max: 35 }),
      EnabledCloudwatchLogsExports: fc.subarray(["postgresql", "upgrade"]),
      TagList: tags,
    }),
    storage,
    windows,
  )
  .map(([own, stored, { daily, weekly }]) => ({
    ...INSTANCE,
    ...own,
    ...stored,
    PreferredBackupWindow: daily,
    PreferredMaintenanceWindow: weekly,
  }));

const clusters = fc
  .tuple(
    fc.record({
      CacheClusterId: identifiers(40),
      CacheNodeType: fc.constantFrom("cache.t3.micro", "cache.m7g.large"),
      EngineVersion: fc.constantFrom("6.2.6", "7.0.7", "7.1.0"),
      AutoMinorVersionUpgrade: fc.boolean(),
      SnapshotRetentionLimit: fc.integer({ min: 0, max: 35 }),
      CacheNodes: fc.integer({ min: 6001, max: 9000 }).map((Port) => [{ Endpoint: { Port } }]),
    }),
    windows,
  )
  .map(([own, { daily, weekly }]) => ({
    ...CLUSTER,
    ...own,
    SnapshotWindow: daily,
    PreferredMaintenanceWindow: weekly,
  }));

const sources = fc.uniqueArray(
  fc.constantFrom<Partial<SecurityGroupRule>>(
    { CidrIpv4: "172.31.0.0/16" },
    { CidrIpv4: "10.1.2.0/24", Description: "Office" },
    { CidrIpv4: "10.1.3.0/24", Description: "office!" },
    { CidrIpv4: "10.0.0.0/8" },
    { CidrIpv4: "0.0.0.0/0" },
    { CidrIpv6: "2001:db8::/56" },
    { PrefixListId: "pl-01234567" },
    { ReferencedGroupInfo: { GroupId: GROUP } },
    { ReferencedGroupInfo: { GroupId: OTHER_GROUP, UserId: "210987654321" } },
  ),
  { selector: (source) => JSON.stringify(source) },
);

const accounts = fc
  .tuple(instances, clusters, sources, sources, tags)
  .map(([instance, cluster, ofDatabase, ofCache, cacheTags]) => {
    const rules = (port: number, all: readonly Partial<SecurityGroupRule>[]) =>
      all.map((source, index) =>
        ruleWith({
          ...source,
          SecurityGroupRuleId: `sgr-${port}-${index}`,
          FromPort: port,
          ToPort: port,
        }),
      );
    return existingWith({
      database: { instance, replicas: [] },
      cache: { cluster, tags: cacheTags },
      rules: [
        ...rules(instance.Endpoint.Port, ofDatabase),
        ...rules(cluster.CacheNodes[0]?.Endpoint.Port ?? 0, ofCache),
      ],
    });
  });

const isExpressible = ({ CidrIpv4 }: SecurityGroupRule) => CidrIpv4 !== "0.0.0.0/0";

/** The IDs that both stores import. */
function importedBy(settings: unknown): string[] {
  const { databases, caches } = parseEnvironment(settings);
  return [databases.database, caches.cache].flatMap((store) => Object.values(store?.adopted ?? {}));
}

test("any account of this kind gives a valid environment, and every rule is imported or listed", () => {
  fc.assert(
    fc.property(accounts, (existing) => {
      const { settings, refusals, remarks } = translateEnvironment(existing, NAMED);
      expect(refusals).toEqual([]);
      const ids = (rules: readonly SecurityGroupRule[]) =>
        rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId).sort();
      const imported = importedBy(settings);
      expect(imported.filter((id) => id.startsWith("sgr-")).sort()).toEqual(
        ids(existing.rules.filter(isExpressible)),
      );
      const listed = remarks.map(({ found }) => found).join("\n");
      for (const id of ids(existing.rules.filter((rule) => !isExpressible(rule)))) {
        expect(listed).toContain(`The rule ${id} of`);
      }
    }),
    { numRuns: 100 },
  );
});

test("the stacks of such an environment are what exists, and create nothing", () => {
  fc.assert(
    fc.property(accounts, (existing) => {
      const { settings } = translateEnvironment(existing, NAMED);
      const database = synthesized(DatabaseStack, settings as never);
      const cache = synthesized(CacheStack, settings as never);
      const { instance } = existing.database ?? {};
      expect(database.resource.aws_db_instance?.database).toMatchObject({
        identifier: instance?.DBInstanceIdentifier,
        instance_class: instance?.DBInstanceClass,
        engine_version: instance?.EngineVersion,
        engine_lifecycle_support: instance?.EngineLifecycleSupport,
        port: instance?.Endpoint?.Port,
        multi_az: instance?.MultiAZ,
        auto_minor_version_upgrade: instance?.AutoMinorVersionUpgrade,
        copy_tags_to_snapshot: instance?.CopyTagsToSnapshot,
        deletion_protection: instance?.DeletionProtection,
        storage_encrypted: instance?.StorageEncrypted,
        storage_type: instance?.StorageType,
        allocated_storage: instance?.AllocatedStorage,
        backup_retention_period: instance?.BackupRetentionPeriod,
        backup_window: instance?.PreferredBackupWindow,
        maintenance_window: instance?.PreferredMaintenanceWindow,
        skip_final_snapshot: true,
        delete_automated_backups: true,
        lifecycle: { prevent_destroy: true },
      });
      const { cluster } = existing.cache ?? {};
      expect(cache.resource.aws_elasticache_cluster?.cache).toMatchObject({
        cluster_id: cluster?.CacheClusterId,
        node_type: cluster?.CacheNodeType,
        engine_version: cluster?.EngineVersion?.slice(0, 3),
        auto_minor_version_upgrade: String(cluster?.AutoMinorVersionUpgrade),
        snapshot_retention_limit: cluster?.SnapshotRetentionLimit,
        maintenance_window: cluster?.PreferredMaintenanceWindow,
      });
      const addresses = [...database.addresses, ...cache.addresses];
      expect(addresses).toHaveLength(importedBy(settings).length);
    }),
    { numRuns: 10 },
  );
});
