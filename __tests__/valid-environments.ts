import fc from "fast-check";
import { dbClasses, dbClassOfferIn } from "../settings/aws/offers";
import type { EnvironmentSettings } from "../settings/environment";

// Generators of valid settings, written from AWS's rules and not from the schema that they test.

const REASON = "generated to try every way, with a reason";
const REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"] as const;
const PARTITIONS = {
  "us-east-1": "aws",
  "eu-west-1": "aws",
  "cn-north-1": "aws-cn",
  "us-gov-west-1": "aws-us-gov",
};
const ACCOUNT = "123456789012";
type Region = (typeof REGIONS)[number];

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
const WORD_CHARACTERS = [...LETTERS, ..."0123456789"];

/** A letter, then groups of letters and digits between single hyphens. */
export function identifiers(maximumLength: number): fc.Arbitrary<string> {
  const groups = fc.array(
    fc.string({ unit: fc.constantFrom(...WORD_CHARACTERS), minLength: 1, maxLength: 20 }),
    { minLength: 1, maxLength: 4 },
  );
  return fc
    .tuple(fc.constantFrom(...LETTERS), groups)
    .map(([first, words]) => `${first}${words.join("-")}`.slice(0, maximumLength))
    .map((name) => name.replace(/-$/, ""));
}

function hexadecimal(length: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(..."0123456789abcdef"),
    minLength: length,
    maxLength: length,
  });
}

const resourceIds = (prefix: string) =>
  fc
    .constantFrom(8, 17)
    .chain(hexadecimal)
    .map((id) => `${prefix}-${id}`);

const two = (value: number) => String(value).padStart(2, "0");
const time = (minute: number) => `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** A daily and a weekly window, at the touching end or after a gap, both at least an hour long. */
export const windows = fc
  .record({
    start: fc.nat(1439),
    length: fc.integer({ min: 60, max: 300 }),
    gap: fc.integer({ min: 0, max: 300 }),
    maintenance: fc.integer({ min: 60, max: 300 }),
    day: fc.nat(6),
  })
  .map(({ start, length, gap, maintenance, day }) => {
    const begin = start + length + gap;
    const end = begin + maintenance;
    const name = (minute: number) => DAYS[(day + Math.floor(minute / 1440)) % 7];
    return {
      daily: `${time(start)}-${time(start + length)}`,
      weekly: `${name(begin)}:${time(begin)}-${name(end)}:${time(end)}`,
    };
  });

const kmsKey = (region: Region) =>
  hexadecimal(32).map((id) => `arn:${PARTITIONS[region]}:kms:${region}:${ACCOUNT}:key/mrk-${id}`);

const optional = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: undefined });

const storage = fc.oneof(
  fc.record({ allocatedStorageGib: fc.integer({ min: 20, max: 399 }) }),
  fc
    .record({
      allocatedStorageGib: fc.integer({ min: 400, max: 65536 }),
      iops: fc.integer({ min: 12_000, max: 64_000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ share, ...rest }) => ({
      ...rest,
      storageThroughputMibps: 500 + Math.floor(share * (Math.min(4000, rest.iops / 4) - 500)),
    })),
  fc.record({
    storageType: fc.constant("gp2" as const),
    allocatedStorageGib: fc.integer({ min: 20, max: 65536 }),
  }),
  fc
    .record({
      storageType: fc.constant("io1" as const),
      allocatedStorageGib: fc.integer({ min: 100, max: 500 }),
    })
    .chain((fixed) =>
      fc
        .integer({ min: 1000, max: fixed.allocatedStorageGib * 50 })
        .map((iops) => ({ ...fixed, iops })),
    ),
);

const growth = (allocated: number) =>
  allocated > 50_000
    ? fc.constant(undefined)
    : optional(fc.integer({ min: Math.ceil((allocated * 11) / 10) + 1, max: 65536 }));

const engine = fc.oneof(
  fc.record({ engineVersion: fc.constantFrom("13", "14", "15", "16", "17", "18") }),
  fc.record({
    engineVersion: fc.constantFrom("13.20", "15.10", "15.17", "15.20", "18.1"),
    autoMinorVersionUpgrade: fc.constant(false),
  }),
);

/** A class that RDS for PostgreSQL offers there with every version of it. */
const classIn = (region: Region) =>
  fc.constantFrom(
    ...dbClasses().filter((one) => dbClassOfferIn(region, one) === "offered" && !/8gd\./.test(one)),
  );

const placement = (region: Region) =>
  fc.oneof(
    fc.record({ multiAz: fc.boolean() }),
    fc.record({
      multiAz: fc.constant(false),
      availabilityZone: fc.constantFrom("a", "b").map((zone) => `${region}${zone}`),
    }),
  );

const weakness = fc.oneof(
  fc.record({ backupRetentionDays: fc.integer({ min: 1, max: 35 }) }),
  fc.constant({ backupRetentionDays: 0, reasons: { backupRetentionDays: REASON } }),
  fc.constant({ skipFinalSnapshot: true, reasons: { skipFinalSnapshot: REASON } }),
  fc.constant({ deletionProtection: false, reasons: { deletionProtection: REASON } }),
  fc.constant({ parameters: { "rds.force_ssl": "0" }, reasons: { forceSsl: REASON } }),
  fc.record({
    parameters: fc.record(
      {
        work_mem: fc.constantFrom("64", "65536"),
        max_connections: fc.constantFrom("1", "200"),
        "pgaudit.log": fc.constant("ddl, write"),
        shared_buffers: fc.constantFrom("16", "{DBInstanceClassMemory/32768}"),
        autovacuum: fc.constant("1"),
        synchronous_commit: fc.constant("local"),
      },
      { requiredKeys: [] },
    ),
    finalSnapshotPrefix: optional(identifiers(218)),
  }),
);

const restores = fc.oneof(
  fc.record({ kind: fc.constant("snapshot" as const), snapshotIdentifier: identifiers(255) }),
  fc.record({
    kind: fc.constant("point-in-time" as const),
    sourceResourceId: fc.constant(`db-${"A1".repeat(13)}`),
    time: optional(fc.constantFrom("2026-05-31T09:45:00Z", "2028-02-29T00:00:00Z")),
  }),
);

const observation = (region: Region) =>
  fc
    .record({
      iamAuthentication: fc.boolean(),
      applyImmediately: fc.boolean(),
      allowMajorVersionUpgrade: fc.boolean(),
      restoreFrom: optional(restores),
      enhancedMonitoring: optional(
        fc.record({
          intervalSeconds: fc.constantFrom(1, 5, 10, 15, 30, 60),
          roleArn: optional(
            fc.constant(`arn:${PARTITIONS[region]}:iam::${ACCOUNT}:role/monitoring`),
          ),
        }),
      ),
      performanceInsights: optional(
        fc.oneof(
          fc.record({ retentionDays: fc.constantFrom(7, 31, 713, 731), kmsKeyArn: kmsKey(region) }),
          fc.constant({ retentionDays: 465, mode: "advanced" as const }),
        ),
      ),
      subnetGroupName: optional(identifiers(255).filter((name) => name !== "default")),
      securityGroupName: optional(identifiers(255).filter((name) => !name.startsWith("sg-"))),
      parameterGroupPrefix: optional(identifiers(200)),
    })
    // A major upgrade must not wait.
    .map((some) => ({
      ...some,
      applyImmediately: some.applyImmediately || some.allowMajorVersionUpgrade,
    }));

const replicaNames = fc.constantFrom("a", "reports", "for_reports_2", "r1");

/** Replicas, or a blue/green update, which do not go together; neither without backups. */
const copies = (region: Region) =>
  fc.oneof(
    fc.constant({}),
    fc.record({
      readReplicas: fc.dictionary(
        replicaNames,
        fc
          .record({
            instanceClass: optional(classIn(region)),
            placed: fc.boolean(),
            multiAz: fc.boolean(),
            deletionProtection: optional(fc.boolean()),
            monitoringIntervalSeconds: optional(fc.constantFrom(1, 60)),
            performanceInsightsRetentionDays: optional(fc.constantFrom(7, 62)),
          })
          .map(({ placed, ...replica }) =>
            placed ? { ...replica, multiAz: false, availabilityZone: `${region}b` } : replica,
          ),
      ),
    }),
    fc.constant({ blueGreenUpdate: true, applyImmediately: true, blueGreenReason: REASON }),
  );

const databases = (region: Region) =>
  fc
    .tuple(
      fc.record({
        identifier: identifiers(63),
        instanceClass: classIn(region),
        preventDestroy: fc.boolean(),
        username: fc.constantFrom("newsadmin", "postgres", "a23456789012345_", "N_1"),
        dbName: optional(fc.constantFrom("newsdb", "n", `a${"_".repeat(62)}`)),
        port: fc.integer({ min: 1150, max: 65535 }),
        kmsKeyArn: optional(kmsKey(region)),
        logExports: fc
          .subarray(["postgresql", "upgrade", "iam-db-auth-error"] as const)
          .map((logs) => [...logs]),
        caCertificateIdentifier: fc.constantFrom("rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"),
      }),
      storage.chain((chosen) =>
        growth(chosen.allocatedStorageGib).map((maxAllocatedStorageGib) => ({
          ...chosen,
          maxAllocatedStorageGib,
        })),
      ),
      engine,
      placement(region),
      weakness,
      observation(region),
      copies(region),
      optional(windows),
    )
    .map(([fixed, ...parts]) => {
      const chosen = parts.pop() as { daily: string; weekly: string } | undefined;
      return withCopies(
        Object.assign({}, fixed, ...parts, {
          backupWindow: chosen?.daily,
          maintenanceWindow: chosen?.weekly,
        }),
      );
    });

interface WithCopies {
  readonly identifier: string;
  readonly backupRetentionDays?: number;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly readReplicas?: Readonly<Record<string, { readonly deletionProtection?: boolean }>>;
  readonly blueGreenUpdate?: boolean;
  readonly blueGreenReason?: string;
  readonly reasons?: object;
}

/** A database without the copies that RDS would not make of it, and with what the others need. */
function withCopies({ blueGreenReason, readReplicas, ...database }: WithCopies) {
  if (database.backupRetentionDays === 0 || !(readReplicas || blueGreenReason)) {
    return { ...database, blueGreenUpdate: undefined };
  }
  const unprotected = Object.values(readReplicas ?? {}).some(
    ({ deletionProtection }) => deletionProtection === false,
  );
  return {
    ...database,
    identifier: database.identifier.slice(0, 40).replace(/-$/, ""),
    readReplicas,
    ...(unprotected ? { reasons: { ...database.reasons, deletionProtection: REASON } } : {}),
    ...(blueGreenReason
      ? {
          parameters: { ...database.parameters, "rds.logical_replication": "1" },
          reasons: { ...database.reasons, blueGreenUpdate: blueGreenReason },
        }
      : {}),
  };
}

const cacheCommon = fc
  .tuple(
    fc.record({
      nodeType: fc.constantFrom("cache.t3.micro", "cache.m7g.large", "cache.c7gn.16xlarge"),
      port: fc.integer({ min: 1, max: 65535 }),
      preventDestroy: fc.boolean(),
      snapshotName: optional(identifiers(255)),
      applyImmediately: fc.boolean(),
    }),
    fc.oneof(
      fc.constant({ engineVersion: "6.x" }),
      fc.record({
        engineVersion: fc.constantFrom("6.0", "6.2", "7.0", "7.1"),
        autoMinorVersionUpgrade: fc.constant(false),
      }),
    ),
    fc.oneof(
      fc.record({
        parameters: fc.dictionary(
          fc.constantFrom("maxmemory-policy", "timeout"),
          fc.constantFrom("allkeys-lru", "20"),
        ),
      }),
      fc.record({
        eviction: fc.constantFrom("cache" as const, "queue" as const),
        parameters: fc.dictionary(fc.constant("timeout"), fc.constant("20")),
      }),
    ),
    fc.record({
      logExports: fc.subarray(["slow-log", "engine-log"] as const).map((logs) => [...logs]),
      logRetentionDays: fc.constantFrom(1, 30, 3653),
    }),
    optional(
      fc.tuple(windows, fc.integer({ min: 0, max: 35 })).map(([{ daily, weekly }, days]) => ({
        snapshotWindow: daily,
        maintenanceWindow: weekly,
        snapshotRetentionDays: days,
      })),
    ),
  )
  .map((parts) => Object.assign({}, ...parts))
  // Redis 6.0 delivers no engine log.
  .map((cache) => ({
    ...cache,
    logExports: cache.engineVersion === "6.0" ? ["slow-log"] : cache.logExports,
  }));

const engines = fc.oneof(
  fc.constant({}),
  fc.record({
    engine: fc.constant("valkey" as const),
    engineVersion: fc.constantFrom("7.2", "8.0", "8.1", "8.2", "9.0", "9.1"),
    autoMinorVersionUpgrade: fc.constant(false),
  }),
);

const clusters = (region: Region) =>
  fc.tuple(cacheCommon, identifiers(50), fc.boolean()).map(([common, clusterId, placed]) => ({
    kind: "cluster" as const,
    clusterId,
    ...common,
    availabilityZone: placed ? `${region}a` : undefined,
  }));

const replicationGroups = (region: Region) =>
  fc
    .tuple(
      fc.tuple(cacheCommon, engines).map(([common, engine]) => ({ ...common, ...engine })),
      identifiers(40),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
      fc.boolean(),
      optional(kmsKey(region)),
      optional(identifiers(40)),
      fc.boolean(),
    )
    .map(([common, replicationGroupId, nodes, spread, placed, kmsKeyArn, userGroupId, mixed]) => ({
      kind: "replication-group" as const,
      replicationGroupId,
      ...common,
      nodes,
      multiAz: nodes > 1 && spread,
      availabilityZones: placed
        ? Array.from({ length: nodes }, (_, index) => `${region}${"ab"[index % 2]}`)
        : undefined,
      kmsKeyArn,
      userGroupId,
      ...(mixed && !common.engineVersion.startsWith("6")
        ? {
            transitEncryptionMode: "preferred" as const,
            reasons: { transitEncryptionMode: REASON },
          }
        : {}),
    }));

const sources = fc.oneof(
  fc.constant({ vpcCidr: true as const }),
  fc.record({ securityGroupId: resourceIds("sg") }),
  fc.record({ prefixListId: resourceIds("pl") }),
  fc.constantFrom(
    { cidrIpv4: "10.0.0.0/16" },
    { cidrIpv4: "192.0.2.7/32" },
    { cidrIpv4: "10.0.0.0/8", reason: REASON },
    { cidrIpv6: "2001:db8::/32" },
    { cidrIpv6: "2001:db8::1/128" },
  ),
);

const clients = fc
  .dictionary(
    fc
      .tuple(identifiers(40), fc.boolean())
      .map(([name, underscores]) => (underscores ? name.replaceAll("-", "_") : name)),
    fc.tuple(sources, optional(fc.nat(7))).map(([source, choice]) => ({ ...source, choice })),
    { maxKeys: 5 },
  )
  .map((named) => {
    // Two clients with one source would have one rule between them, which AWS refuses.
    const texts = Object.values(named).map(({ choice: _, ...source }) => JSON.stringify(source));
    const slugs = Object.keys(named).map((name) => name.replaceAll("-", "_"));
    return Object.fromEntries(
      Object.entries(named).filter(
        (_, index) =>
          texts.indexOf(texts[index] ?? "") === index &&
          slugs.indexOf(slugs[index] ?? "") === index,
      ),
    );
  });

const networks = fc.record({
  vpcId: fc.oneof(fc.constant("default"), resourceIds("vpc")),
  subnetIds: fc.oneof(
    fc.constant("all" as const),
    fc.uniqueArray(resourceIds("subnet"), { minLength: 2, maxLength: 4 }),
  ),
});

const percent = fc.integer({ min: 1, max: 99 });

const alarms = (region: Region) =>
  fc.oneof(
    fc.record({
      topicArn: fc.constant(`arn:${PARTITIONS[region]}:sns:${region}:${ACCOUNT}:on-call`),
    }),
    fc.record({
      emails: fc.subarray(["ops@example.com", "on-call+Db@news.example.org"]),
      kmsKeyArn: optional(kmsKey(region)),
      database: fc.record({
        cpuPercent: percent,
        freeStorageGib: optional(fc.integer({ min: 1, max: 19 })),
        freeableMemoryPercent: percent,
        connectionsPercent: percent,
        replicaLagSeconds: fc.integer({ min: 1, max: 86400 }),
        usedTransactionIdsMillions: fc.integer({ min: 201, max: 2000 }),
      }),
      cache: fc.record({
        cpuPercent: percent,
        memoryPercent: percent,
        evictionsPerMinute: fc.nat(1_000_000),
        connections: fc.integer({ min: 1, max: 65000 }),
        replicationLagSeconds: fc.integer({ min: 1, max: 86400 }),
      }),
    }),
  );

interface Stores {
  readonly databases: Readonly<Record<string, { readonly parameters?: Record<string, string> }>>;
  readonly caches: Readonly<Record<string, object>>;
}

/** Alarms are a share of max_connections, which must then be a number; production without them says why. */
function withAlarmsOrReason<Settings extends Stores & { alarms?: unknown }>({
  alarms: chosen,
  ...settings
}: Settings) {
  const most = Object.values(settings.databases).map(
    ({ parameters }) => parameters?.max_connections ?? "1",
  );
  return chosen && most.every((one) => /^[0-9]+$/.test(one))
    ? { ...settings, alarms: chosen }
    : { ...settings, reasons: { alarms: REASON } };
}

/** Each store by a name: their ids differ, and names that must be unique follow the stack's. */
function named<Store extends object>(
  names: readonly string[],
  stores: readonly Store[],
): Record<string, Store> {
  const ids = ["identifier", "clusterId", "replicationGroupId"];
  const unique = ["subnetGroupName", "securityGroupName", "parameterGroupPrefix"];
  return Object.fromEntries(
    stores.map((store, index) => {
      const name = names[index] ?? `store-${index}`;
      const settings = Object.entries(store)
        .filter(([key]) => stores.length === 1 || !unique.includes(key))
        .map(([key, value]) => [key, ids.includes(key) ? asIdOf(name, value) : value]);
      return [name, Object.fromEntries(settings)];
    }),
  );
}

function asIdOf(name: string, id: string): string {
  return `${name}-${id}`.slice(0, 40).replace(/-$/, "");
}

/** Clients of all stores, or of some; the last one has no store of its own where there is one less. */
function withStores<Settings extends Stores & { clients: Record<string, { choice?: number }> }>({
  clients: chosen,
  ...settings
}: Settings) {
  const names = [...Object.keys(settings.databases), ...Object.keys(settings.caches)];
  const of = ({ choice, ...source }: { choice?: number | undefined }) => ({
    ...source,
    stores: choice === undefined ? undefined : names.slice(0, 1 + (choice % names.length)),
  });
  const entries = Object.entries(chosen).map(([name, client]) => [name, of(client)]);
  return { ...settings, clients: Object.fromEntries(entries) };
}

/** As an operator would write it: the name of the kind is left out. */
function withShorthands({ databases: all, caches, ...settings }: Stores) {
  const { database, ...databases } = all;
  const { cache, ...others } = caches;
  return { ...settings, database, cache, databases, caches: others };
}

const tags = fc.dictionary(
  fc.constantFrom("team", "Straße 1", "cost-centre", "a.b:c/d=e+f-g@h"),
  fc.constantFrom("", "news", "4711", "a b"),
);

type Range = readonly [least: number, most: number];

/** Databases and caches by name; names without a kind are told apart by their number. */
function storesOf(region: Region, [fewest, most]: Range, [least, largest]: Range) {
  const cache = fc.oneof(clusters(region), replicationGroups(region));
  return fc
    .record({
      databases: fc.array(databases(region), { minLength: fewest, maxLength: most }),
      caches: fc.array(cache, { minLength: least, maxLength: largest }),
    })
    .map((stores) => ({
      databases: named(["database", "orders", "reports-2"], stores.databases),
      caches: named(["cache", "sessions", "hot-keys"], stores.caches),
    }));
}

/** Environments that AWS would take. */
const bastion = fc.record({
  route: fc.constantFrom("nat" as const, "public-ip" as const, "vpc-endpoints" as const),
  subnetId: optional(resourceIds("subnet")),
  instanceType: optional(fc.constantFrom("t4g.nano" as const, "t4g.small" as const)),
});

export const validEnvironments: fc.Arbitrary<EnvironmentSettings> = fc
  .constantFrom(...REGIONS)
  .chain((region) =>
    fc.record({
      app: identifiers(30).filter((app) => !/^(sg-|aws|ssm)/.test(app)),
      name: identifiers(20),
      production: fc.boolean(),
      region: fc.constant(region),
      account: optional(fc.constant(ACCOUNT)),
      stateBucket: fc.record({
        name: identifiers(40).map((name) => `news-${name}`),
        kmsKeyArn: optional(kmsKey(region)),
      }),
      network: networks,
      clients,
      stores: fc.oneof(
        { weight: 2, arbitrary: storesOf(region, [1, 1], [1, 1]) },
        storesOf(region, [1, 3], [0, 2]),
        storesOf(region, [0, 0], [1, 3]),
      ),
      alarms: optional(alarms(region)),
      bastion: optional(bastion),
      tags,
    }),
  )
  .map(({ stores, ...settings }) => ({ ...settings, ...stores }))
  .map(withAlarmsOrReason)
  .map(withStores)
  .map(withShorthands)
  .map((settings) => JSON.parse(JSON.stringify(settings)));
