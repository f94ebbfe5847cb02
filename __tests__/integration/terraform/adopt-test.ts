import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import execa from "execa";
import { Emulator } from "../../../emulator/emulator";
import { findPython } from "../../../emulator/python";
import { MINIMAL } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(900_000);

const SCRIPT = resolve(__dirname, "..", "..", "..", "rehearsal", "baseline.sh");
/** What Terraform may ask AWS while it imports. */
const READS = /:(Describe|List|Get|Head)|^s3:|^sts:/;

/** The resources that a plan names, by what it does to them. */
interface Planned {
  readonly imported: string[];
  readonly created: string[];
  readonly other: string[];
}

/** An account in which something exists, and a project without environments. */
class Account {
  readonly project = new Project();

  private constructor(
    readonly emulator: Emulator,
    private readonly certificates: string,
  ) {
    for (const shipped of ["dev.ts", "prod.ts"]) {
      rmSync(this.project.path("environments", shipped));
    }
  }

  static async start(): Promise<Account> {
    const tls = mkdtempSync(join(tmpdir(), "adopt-"));
    return new Account(await Emulator.start({ tls }), tls);
  }

  async stop(): Promise<void> {
    await this.emulator.stop();
    this.project.remove();
    rmSync(this.certificates, { recursive: true });
  }

  /** An npm script, as a person types it; it must succeed. */
  async run(line: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.tryRun(line);
    expect({ line, exitCode, said: exitCode === 0 ? "" : `${stdout}\n${stderr}` }).toEqual({
      line,
      exitCode: 0,
      said: "",
    });
    return stdout;
  }

  tryRun(line: string) {
    return this.project.run(`npm run --silent ${line}`, this.emulator.env);
  }

  async plan(stack: string): Promise<Planned> {
    await this.run(`plan -- ${stack} -no-color -out=saved.plan`);
    const { stdout } = await this.project.run(
      `terraform -chdir=cdktf.out/stacks/${stack} show -json saved.plan`,
      this.emulator.env,
    );
    const changes: { address: string; mode: string; change: Change }[] =
      JSON.parse(stdout).resource_changes ?? [];
    const managed = changes.filter(({ mode }) => mode === "managed");
    const named = (takes: (change: Change) => boolean) =>
      managed.filter(({ change }) => takes(change)).map(({ address }) => address);
    const isNothing = ({ actions }: Change) => actions.join() === "no-op";
    const isCreated = ({ actions }: Change) => actions.join() === "create";
    return {
      imported: named((change) => change.importing !== undefined && isNothing(change)),
      created: named(isCreated),
      other: managed
        .filter(({ change }) => !isNothing(change) && !isCreated(change))
        .map((one) => `${one.address} ${one.change.actions} ${differing(one.change)}`),
    };
  }

  /** The environment without its imports, as a person edits it once the state has them. */
  removeAdopted(name: string): void {
    const file = this.project.path("environments", `${name}.ts`);
    const source = readFileSync(file, "utf8");
    const edited = source.replaceAll(/\n *\/\/ Remove it[^\n]*\n *adopted: \{[^}]*\},/g, "");
    expect(edited).not.toContain("adopted");
    writeFileSync(file, edited);
  }

  /** Replaces some text in an environment everywhere. */
  edit(name: string, text: string, by: string): void {
    const file = this.project.path("environments", `${name}.ts`);
    const source = readFileSync(file, "utf8");
    expect(source).toContain(text);
    writeFileSync(file, source.replaceAll(text, by));
  }

  /** Everything that AWS says of the data stores and of the rules. */
  async described(): Promise<unknown> {
    const { clientConfig } = this.emulator;
    const cache = new ElastiCacheClient(clientConfig);
    const [databases, clusters, groups, rules] = await Promise.all([
      new RDSClient(clientConfig).send(new DescribeDBInstancesCommand({})),
      cache.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true })),
      cache.send(new DescribeReplicationGroupsCommand({})),
      new EC2Client(clientConfig).send(new DescribeSecurityGroupRulesCommand({})),
    ]);
    return [
      // The time moves on by itself.
      databases.DBInstances?.map(({ LatestRestorableTime: _, ...instance }) => instance),
      clusters.CacheClusters,
      groups.ReplicationGroups,
      rules.SecurityGroupRules,
    ];
  }

  /** The calls that change something, but for the states. */
  async writes(): Promise<string[]> {
    const calls = await this.emulator.calls();
    return calls.map(({ action }) => action).filter((action) => !READS.test(action));
  }
}

interface Change {
  readonly actions: readonly string[];
  readonly importing?: object;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly after_unknown?: object;
}

/** What a change is about, for whoever reads a failure. */
function differing({ before, after, after_unknown }: Change): string {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]),
  );
  const known = names.map(
    (name) => `${name}: ${JSON.stringify(before?.[name])} → ${JSON.stringify(after?.[name])}`,
  );
  return [...known, `unknown: ${JSON.stringify(after_unknown)}`].join("; ");
}

/** A password with characters that a URL has to escape. */
const PASSWORD = "by:hand!#1";

const NOTHING: Planned = { imported: [], created: [], other: [] };

describeWithTerraform("npm run adopt", () => {
  let account: Account;

  beforeEach(async () => {
    account = await Account.start();
  });

  afterEach(() => account.stop());

  /** The chapter's commands, literally. */
  async function baseline(): Promise<void> {
    const { aws } = await findPython(join(tmpdir(), "adopt"), () => {});
    const call = 'aws() { command "$AWS" --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }';
    await execa("bash", ["-eu", "-o", "pipefail", "-c", `${call}; . "${SCRIPT}"`], {
      env: { ...account.emulator.env, AWS: aws, AWS_PAGER: "" },
    });
  }

  test("what the chapter makes: imports, and no call that changes anything", async () => {
    await baseline();
    await account.emulator.createBucket("news-api-live-terraform-state");
    const before = await account.described();
    const writes = await account.writes();
    const said = await account.run("adopt -- live --database news-api-db --cache news-api-cache");
    expect(said).toContain("news-api-live-database: 2 to import");
    expect(said).toContain("news-api-live-cache: 2 to import");
    expect(await account.plan("news-api-live-database")).toEqual({
      ...NOTHING,
      imported: [
        "aws_db_instance.database",
        "aws_vpc_security_group_ingress_rule.database_from_vpc",
      ],
    });
    expect(await account.plan("news-api-live-cache")).toEqual({
      ...NOTHING,
      imported: [
        "aws_elasticache_cluster.cache",
        "aws_vpc_security_group_ingress_rule.cache_from_vpc",
      ],
    });
    await account.run("review -- news-api-live-database news-api-live-cache");
    await account.run("deploy -- news-api-live-database news-api-live-cache --auto-approve");
    expect(await account.described()).toEqual(before);
    expect(await account.writes()).toEqual(writes);
    for (const stack of ["news-api-live-database", "news-api-live-cache"]) {
      expect(await account.plan(stack)).toEqual(NOTHING);
    }
    account.removeAdopted("live");
    for (const stack of ["news-api-live-database", "news-api-live-cache"]) {
      expect(await account.plan(stack)).toEqual(NOTHING);
    }
    expect(await account.run("adopt -- live --next")).toContain("encryption");
    const secrets = new SecretsManagerClient(account.emulator.clientConfig);
    const { ARN } = await secrets.send(
      new CreateSecretCommand({ Name: "by-hand", SecretString: JSON.stringify({ key: PASSWORD }) }),
    );
    account.edit(
      "live",
      'kind: "existing",',
      `kind: "existing", passwordSecretArn: "${ARN}", passwordKey: "key",`,
    );
    expect(await account.plan("news-api-live-database")).toEqual({
      ...NOTHING,
      created: [
        "aws_secretsmanager_secret.database_url",
        "aws_secretsmanager_secret_version.database_url",
        "terraform_data.database_url_shape",
      ],
    });
    await account.run("deploy -- news-api-live-database --auto-approve");
    const { SecretList: [stored] = [] } = await secrets.send(
      new ListSecretsCommand({ Filters: [{ Key: "name", Values: ["news-api/live/database/"] }] }),
    );
    const url = await secrets.send(new GetSecretValueCommand({ SecretId: stored?.ARN }));
    expect(url.SecretString).toMatch(
      /^postgresql:\/\/newsadmin:by%3Ahand%21%231@news-api-db\..*:5432\/postgres\?sslmode=require$/,
    );
    expect(await account.plan("news-api-live-database")).toEqual(NOTHING);
    const { stdout: state } = await account.project.run(
      "terraform -chdir=cdktf.out/stacks/news-api-live-database state pull",
      account.emulator.env,
    );
    expect(state).toContain("aws_secretsmanager_secret_version");
    expect(state).not.toMatch(/by.hand!/);
    account.edit("live", "tags: true,", "");
    const { created, imported, other } = await account.plan("news-api-live-database");
    expect({ created, imported }).toEqual({ created: [], imported: [] });
    for (const change of other) {
      expect(change).toMatch(
        /^(aws_db_instance|aws_secretsmanager_secret|aws_vpc_security_group_ingress_rule)\.\w+ update (apply_immediately: null → false; )?(tags(_all)?: [^;]*; )+unknown: \{[^}]*\}$/,
      );
    }
    expect(other).toHaveLength(3);
  });

  test("an instance with everything of its own, and a replication group with TLS", async () => {
    await ownEverything(account.emulator);
    await account.emulator.createBucket("shop-live-terraform-state");
    const before = await account.described();
    const writes = await account.writes();
    await account.run("adopt -- live --database shop-db --cache shop-cache");
    expect(await account.plan("shop-live-database")).toEqual({
      ...NOTHING,
      imported: [
        "aws_db_instance.database",
        "aws_db_instance.database_replica_reports",
        "aws_vpc_security_group_ingress_rule.database_from_api",
        "aws_vpc_security_group_ingress_rule.database_from_the_office",
      ],
    });
    expect(await account.plan("shop-live-cache")).toEqual({
      ...NOTHING,
      imported: [
        "aws_elasticache_replication_group.cache",
        "aws_vpc_security_group_ingress_rule.cache_from_api",
      ],
    });
    await account.run("review -- shop-live-database shop-live-cache");
    await account.run("deploy -- shop-live-database shop-live-cache --auto-approve");
    expect(await account.described()).toEqual(before);
    expect(await account.writes()).toEqual(writes);
    account.removeAdopted("live");
    for (const stack of ["shop-live-database", "shop-live-cache"]) {
      expect(await account.plan(stack)).toEqual(NOTHING);
    }
  });

  test("a lost state is rebuilt from the account by imports alone, but for secret versions", async () => {
    const settings = {
      app: "shop",
      name: "lost",
      production: false,
      region: "us-east-1",
      stateBucket: { name: "shop-lost-states" },
      network: { vpcId: "default", subnetIds: "all" },
      clients: { vpc: { vpcCidr: true } },
      database: { ...MINIMAL.database, preventDestroy: true },
    };
    const write = (adopted?: object) =>
      writeFileSync(
        account.project.path("environments", "lost.json"),
        JSON.stringify({ ...settings, database: { ...settings.database, adopted } }),
      );
    write();
    await account.emulator.createBucket("shop-lost-states");
    await account.run("deploy -- shop-lost-database --auto-approve");
    const { stdout } = await account.project.run(
      "terraform -chdir=cdktf.out/stacks/shop-lost-database show -json",
      account.emulator.env,
    );
    const resources: { address: string; mode: string; values: { id: string } }[] =
      JSON.parse(stdout).values.root_module.resources;
    const ids = resources
      .filter(({ mode, address }) => mode === "managed" && address.startsWith("aws_"))
      .filter(({ address }) => !address.startsWith("aws_secretsmanager_secret_version."))
      .map(({ address, values }) => [address, values.id] as const);
    expect(ids).toHaveLength(9);
    const s3 = new S3Client({ ...account.emulator.clientConfig, forcePathStyle: true });
    await s3.send(
      new DeleteObjectCommand({ Bucket: "shop-lost-states", Key: "shop/lost/database.tfstate" }),
    );
    const before = await account.described();
    write(Object.fromEntries(ids));
    const { created, imported, other } = await account.plan("shop-lost-database");
    expect(created).toEqual([
      "aws_secretsmanager_secret_version.database_url",
      "aws_secretsmanager_secret_version.master_password",
      "terraform_data.database_url_shape",
      "terraform_data.final_snapshot",
    ]);
    expect([...imported, ...other.map((one) => one.split(" ")[0])].sort()).toEqual(
      ids.map(([address]) => address).sort(),
    );
    for (const change of other) {
      expect(change).toMatch(/^\S+ update /);
    }
    await account.run("deploy -- shop-lost-database --auto-approve");
    expect(await account.described()).toEqual(before);
    expect(await account.plan("shop-lost-database")).toEqual(NOTHING);
    write();
    expect(await account.plan("shop-lost-database")).toEqual(NOTHING);
  });

  test("what cannot be adopted is listed at once, and nothing is written", async () => {
    await unadoptable(account.emulator);
    const missing = await account.tryRun("adopt -- live --database no-db --cache no-cache");
    expect({ exitCode: missing.exitCode, stderr: missing.stderr.split("\n").at(-1) }).toEqual({
      exitCode: 1,
      stderr:
        "There is not a DB instance no-db, nor a cache no-cache in us-east-1 of account 123456789012. Correct the name, or name the region with --region.",
    });
    const refused = await account.tryRun("adopt -- live --database odd-db --cache odd-cache");
    expect(refused.exitCode).toBe(1);
    for (const found of [
      "It has a public address.",
      "It has no TLS.",
      "It is not encrypted at rest.",
      "database.engineVersion",
    ]) {
      expect(refused.stderr).toContain(found);
    }
    const bare = await account.tryRun("adopt -- live");
    expect({ exitCode: bare.exitCode, stderr: bare.stderr }).toEqual({
      exitCode: 1,
      stderr: "Name what to adopt: --database ID, --cache ID or both.",
    });
    expect(readdirSync(account.project.path("environments"))).toEqual([]);
  });
});

async function ownEverything(emulator: Emulator): Promise<void> {
  const { clientConfig } = emulator;
  const ec2 = new EC2Client(clientConfig);
  const rds = new RDSClient(clientConfig);
  const cache = new ElastiCacheClient(clientConfig);
  const kms = new KMSClient(clientConfig);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const SubnetIds = Subnets.slice(0, 3).map(({ SubnetId = "" }) => SubnetId);
  const VpcId = Subnets[0]?.VpcId;
  const newGroup = async (GroupName: string) =>
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName })))
      .GroupId ?? "";
  const [api, stores, extra] = [
    await newGroup("api"),
    await newGroup("stores"),
    await newGroup("extra"),
  ];
  const allow = (port: number, source: object) =>
    ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: stores,
        IpPermissions: [{ IpProtocol: "tcp", FromPort: port, ToPort: port, ...source }],
      }),
    );
  await allow(5433, { UserIdGroupPairs: [{ GroupId: api }] });
  await allow(5433, { IpRanges: [{ CidrIp: "10.1.2.0/24", Description: "The office" }] });
  await allow(6380, { UserIdGroupPairs: [{ GroupId: api }] });
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
  await rds.send(
    new CreateDBSubnetGroupCommand({
      DBSubnetGroupName: "own-subnets",
      DBSubnetGroupDescription: "own",
      SubnetIds,
    }),
  );
  await rds.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: "own-parameters",
      DBParameterGroupFamily: "postgres15",
      Description: "own",
    }),
  );
  const Tags = [{ Key: "team", Value: "shop" }];
  const shared = {
    DBInstanceClass: "db.m7g.large",
    AutoMinorVersionUpgrade: true,
    CopyTagsToSnapshot: true,
    DeletionProtection: true,
    EnableCloudwatchLogsExports: ["postgresql"],
    VpcSecurityGroupIds: [stores, extra],
    PreferredMaintenanceWindow: "tue:04:00-tue:05:00",
    MonitoringInterval: 60,
    MonitoringRoleArn: "arn:aws:iam::123456789012:role/rds-monitoring",
    StorageType: "gp3",
    Port: 5433,
    Tags,
  };
  await rds.send(
    new CreateDBInstanceCommand({
      ...shared,
      DBInstanceIdentifier: "shop-db",
      Engine: "postgres",
      EngineVersion: "15.8",
      AllocatedStorage: 100,
      MaxAllocatedStorage: 500,
      MasterUsername: "shopadmin",
      MasterUserPassword: "not-a-password",
      DBName: "shop",
      MultiAZ: true,
      StorageEncrypted: true,
      KmsKeyId: key?.Arn,
      DBSubnetGroupName: "own-subnets",
      DBParameterGroupName: "own-parameters",
      BackupRetentionPeriod: 14,
      PreferredBackupWindow: "02:00-03:00",
      EnablePerformanceInsights: true,
      PerformanceInsightsRetentionPeriod: 7,
      EnableIAMDatabaseAuthentication: true,
    }),
  );
  await rds.send(
    new CreateDBInstanceReadReplicaCommand({
      ...shared,
      DBInstanceIdentifier: "shop-db-reports",
      SourceDBInstanceIdentifier: "shop-db",
      DBInstanceClass: "db.t4g.medium",
      DBParameterGroupName: "own-parameters",
      EnablePerformanceInsights: true,
      PerformanceInsightsRetentionPeriod: 7,
      EnableIAMDatabaseAuthentication: true,
    }),
  );
  await cache.send(
    new CreateCacheSubnetGroupCommand({
      CacheSubnetGroupName: "own-subnets",
      CacheSubnetGroupDescription: "own",
      SubnetIds,
    }),
  );
  await cache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: "shop-cache",
      ReplicationGroupDescription: "Sessions of the shop",
      Engine: "redis",
      EngineVersion: "7.0",
      CacheNodeType: "cache.t4g.small",
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
      CacheSubnetGroupName: "own-subnets",
      SecurityGroupIds: [stores],
      Port: 6380,
      SnapshotRetentionLimit: 3,
      SnapshotWindow: "02:00-03:00",
      PreferredMaintenanceWindow: "tue:04:00-tue:05:00",
      Tags,
    }),
  );
}

async function unadoptable({ clientConfig }: Emulator): Promise<void> {
  await new RDSClient(clientConfig).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: "odd-db",
      DBInstanceClass: "db.t3.micro",
      Engine: "postgres",
      EngineVersion: "11.22",
      AllocatedStorage: 20,
      MasterUsername: "newsadmin",
      MasterUserPassword: "not-a-password",
      PubliclyAccessible: true,
    }),
  );
  await new ElastiCacheClient(clientConfig).send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: "odd-cache",
      ReplicationGroupDescription: "odd",
      Engine: "redis",
      CacheNodeType: "cache.t4g.small",
      NumCacheClusters: 1,
      AutomaticFailoverEnabled: false,
    }),
  );
}
