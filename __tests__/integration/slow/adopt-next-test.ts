import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Emulator } from "../../../emulator/emulator";
import { translateEnvironment } from "../../../operations/adoption/environment";
import { nextSteps } from "../../../operations/adoption/next-steps";
import { readAccount } from "../../../operations/adoption/read-account";
import type { ExistingStores } from "../../../rehearsal/existing-stores";
import { withoutAws } from "../../../rehearsal/rehearsal";
import { Workspace } from "../../../rehearsal/workspace";
import type { WrittenCache, WrittenDatabase } from "../../../rehearsal/written-stores";
import type { StoreKind } from "../../../settings/data-stores";
import { type EnvironmentSettings, parseEnvironment } from "../../../settings/environment";
import { Terraform } from "../../../terraform/terraform";
import { describeWithTerraform } from "../describe-with-terraform";
import { create, type RandomStores } from "../random-stores";

const HOURS = 3_600_000;
jest.setTimeout(2 * HOURS);

/** With everything that a step is about. */
const STORES: RandomStores = {
  database: {
    DBInstanceIdentifier: "shop-db",
    DBInstanceClass: "db.t3.micro",
    EngineVersion: "15.4",
    MasterUsername: "shop",
    DBName: "shop",
    Port: 5432,
    MultiAZ: false,
    AutoMinorVersionUpgrade: true,
    CopyTagsToSnapshot: false,
    DeletionProtection: false,
    StorageEncrypted: false,
    EnableIAMDatabaseAuthentication: false,
    BackupRetentionPeriod: 0,
    EnableCloudwatchLogsExports: ["postgresql"],
    Tags: [{ Key: "team", Value: "shop" }],
    StorageType: "gp3",
    AllocatedStorage: 20,
    PreferredBackupWindow: "03:00-04:00",
    PreferredMaintenanceWindow: "sun:05:00-sun:06:00",
  },
  replicas: [],
  cache: {
    id: "shop-cache",
    isGroup: false,
    CacheNodeType: "cache.t3.micro",
    EngineVersion: "7.0",
    Port: 6379,
    nodes: 1,
    AutoMinorVersionUpgrade: true,
    SnapshotRetentionLimit: 1,
    Tags: [],
    SnapshotWindow: "03:00-04:00",
    PreferredMaintenanceWindow: "sun:05:00-sun:06:00",
  },
  toDatabase: [{ IpRanges: [{ CidrIp: "172.31.0.0/16" }] }],
  toCache: [{ IpRanges: [{ CidrIp: "172.31.0.0/16" }] }],
  isShared: true,
};

const LOG_GROUP = "/aws/rds/instance/shop-db/postgresql";
const NAMED = { app: "shop", name: "live", stateBucket: "shop-live-states" };

/** Steps that need a second database or cache. */
const MIGRATIONS = ["encryption", "extended support", "TLS and encryption"];

/** What a person edits for a step, as its `how` says. */
const EDITS: Readonly<Record<string, (store: WrittenDatabase & WrittenCache) => void>> = {
  import: (store) => {
    delete store.adopted;
  },
  tags: (store) => {
    delete store.kept?.tags;
  },
  "own security group": (store) => {
    delete store.kept?.securityGroupIds;
  },
  "deletion protection": (store) => {
    store.deletionProtection = true;
    delete store.reasons?.deletionProtection;
  },
  "final snapshot": (store) => {
    delete store.skipFinalSnapshot;
    delete store.reasons?.skipFinalSnapshot;
    delete store.deleteAutomatedBackups;
    delete store.reasons?.deleteAutomatedBackups;
  },
  backups: (store) => {
    store.backupRetentionDays = 7;
    delete store.reasons?.backupRetentionDays;
  },
  "tags of snapshots": (store) => {
    delete store.copyTagsToSnapshot;
  },
  rotation: (store) => {
    store.credentials = { kind: "secret" };
  },
  "own parameter group": (store) => {
    delete store.kept?.parameterGroupName;
  },
  "own log groups": (store) => {
    store.adopted = { "aws_cloudwatch_log_group.database_postgresql_log": LOG_GROUP };
    delete store.kept?.logGroups;
  },
  version: (store) => {
    delete store.kept?.engineVersion;
    if (store.identifier) {
      store.engineVersion = "15";
    } else {
      store.autoMinorVersionUpgrade = false;
    }
  },
};

describeWithTerraform("npm run adopt -- --next", () => {
  const folder = mkdtempSync(join(tmpdir(), "adopt-next-"));
  let emulator: Emulator;
  let stores: ExistingStores;

  beforeAll(async () => {
    emulator = await Emulator.start({ tls: folder });
    await emulator.createBucket(NAMED.stateBucket);
    stores = await create(STORES, emulator);
    const logs = new CloudWatchLogsClient(emulator.clientConfig);
    await logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  test.concurrent.each([
    [
      "database",
      [
        "import: ",
        "tags: update aws_db_instance.database, update aws_vpc_security_group_ingress_rule.database_from_vpc",
        "own security group: update aws_db_instance.database, create aws_security_group.database_access, replace aws_vpc_security_group_ingress_rule.database_from_vpc",
        "deletion protection: update aws_db_instance.database",
        "final snapshot: update aws_db_instance.database, create terraform_data.final_snapshot",
        "backups: update aws_db_instance.database",
        "tags of snapshots: update aws_db_instance.database",
        "URL in Secrets Manager: create aws_secretsmanager_secret.database_url, create aws_secretsmanager_secret_version.database_url, create terraform_data.database_url_shape",
        "rotation: update aws_db_instance.database, create aws_secretsmanager_secret.master_password, replace aws_secretsmanager_secret_version.database_url, create aws_secretsmanager_secret_version.master_password, replace terraform_data.database_url_shape, refused: rotate-password",
        "own parameter group: update aws_db_instance.database, create aws_db_parameter_group.database_parameters",
        "own log groups: update aws_cloudwatch_log_group.database_postgresql_log, refused: log-retention",
        "import: ",
        "version: update aws_db_instance.database",
      ],
    ],
    [
      "cache",
      [
        "import: ",
        "tags: update aws_elasticache_cluster.cache, update aws_vpc_security_group_ingress_rule.cache_from_vpc",
        "own security group: update aws_elasticache_cluster.cache, create aws_security_group.cache_access, replace aws_vpc_security_group_ingress_rule.cache_from_vpc",
        "final snapshot: update aws_elasticache_cluster.cache, create terraform_data.final_snapshot",
        "own parameter group: ",
        "version: update aws_elasticache_cluster.cache",
      ],
    ],
  ] as const)(
    "%s: each step is one plan, replaces and destroys no data store, and converges",
    async (kind, expected) => {
      const sought = { region: "us-east-1", [kind]: stores[kind] };
      const existing = await readAccount(sought, emulator.clientConfig);
      const { settings } = translateEnvironment(existing, NAMED);
      const terraform = await Terraform.find({ ...withoutAws(process.env), ...emulator.env });
      const workspace = new Workspace({
        folder: join(folder, kind),
        terraform,
        processes: new Set(),
      });
      workspace.write(settings);
      const [stack] = workspace.stacks(() => {});
      await stack?.init();
      await stack?.apply();
      const taken: string[] = [];
      for (let step = firstOf(settings); step !== undefined; step = firstOf(settings)) {
        await edit(settings, kind, step);
        const review = await stack?.review(workspace.write(settings));
        await stack?.apply();
        await stack?.expectNoChanges();
        const changes = review?.changes.map(({ action, address }) => `${action} ${address}`) ?? [];
        const findings = review?.findings.map(({ id }) => `refused: ${id}`) ?? [];
        taken.push(`${step}: ${[...changes, ...findings].join(", ")}`);
        process.stderr.write(`${taken.at(-1)}\n`);
        expect(stepsOf(settings)).not.toContain(step);
      }
      expect(taken).toEqual(expected);
    },
  );

  /** As the step's `how` says. */
  async function edit(settings: EnvironmentSettings, kind: StoreKind, step: string): Promise<void> {
    const { [kind]: store } = settings;
    if (step === "URL in Secrets Manager") {
      const secrets = new SecretsManagerClient(emulator.clientConfig);
      const command = { Name: "the-password", SecretString: "not-a-password" };
      const { ARN } = await secrets.send(new CreateSecretCommand(command));
      (store as WrittenDatabase).credentials = { kind: "existing", passwordSecretArn: ARN };
      return;
    }
    EDITS[step]?.(store as WrittenDatabase & WrittenCache);
  }
});

function stepsOf(settings: EnvironmentSettings): string[] {
  const steps = nextSteps(parseEnvironment(settings)).map(({ step }) => step);
  return steps.filter((step) => !MIGRATIONS.includes(step));
}

function firstOf(settings: EnvironmentSettings): string | undefined {
  return stepsOf(settings)[0];
}
