import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CreateReplicationGroupCommand, ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { CreateDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import execa from "execa";
import type { Emulator } from "../../../emulator/emulator";
import { findPython } from "../../../emulator/python";
import { MINIMAL } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";
import { ExistingAccount, NOTHING } from "../existing-account";

jest.setTimeout(1_200_000);

const SCRIPT = resolve(__dirname, "..", "..", "..", "rehearsal", "baseline.sh");
/** A password with characters that a URL has to escape. */
const PASSWORD = "by:hand!#1";

describeWithTerraform("npm run adopt", () => {
  let account: ExistingAccount;

  beforeEach(async () => {
    account = await ExistingAccount.start();
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

  test("the chapter's data stores: imports, and no call that changes anything", async () => {
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
    const empty = await account.tryRun("adopt -- lost --lost-state");
    expect({ exitCode: empty.exitCode, stderr: empty.stderr.split("\n").at(-1) }).toEqual({
      exitCode: 1,
      stderr:
        "Not found in us-east-1: aws_db_instance.database of shop-lost-database. Check the account of your credentials and the region. If a data store is gone, restore it from a snapshot: docs/guides/restore-and-upgrade.md",
    });
    await account.run("deploy -- shop-lost-database --auto-approve");
    const s3 = new S3Client({ ...account.emulator.clientConfig, forcePathStyle: true });
    await s3.send(
      new DeleteObjectCommand({ Bucket: "shop-lost-states", Key: "shop/lost/database.tfstate" }),
    );
    const before = await account.described();
    const printed = await account.run("adopt -- lost --lost-state");
    const adopted: Record<string, string> = JSON.parse(
      printed.replace(/^\/\/ database\nadopted: /, "").replace(/,\s*$/, ""),
    );
    const addresses = Object.keys(adopted);
    expect(addresses).toHaveLength(9);
    write(adopted);
    const { created, imported, other } = await account.plan("shop-lost-database");
    expect(created).toEqual([
      "aws_secretsmanager_secret_version.database_url",
      "aws_secretsmanager_secret_version.master_password",
      "terraform_data.database_url_shape",
      "terraform_data.final_snapshot",
    ]);
    expect([...imported, ...other.map((one) => one.split(" ")[0])].sort()).toEqual(
      addresses.sort(),
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

  test("every blocking property is listed at once, and nothing is written", async () => {
    await unadoptable(account.emulator);
    const missing = await account.tryRun("adopt -- live --database no-db --cache no-cache");
    expect({ exitCode: missing.exitCode, stderr: missing.stderr.split("\n").at(-1) }).toEqual({
      exitCode: 1,
      stderr:
        "There is no DB instance no-db and no cache no-cache in us-east-1 of account 123456789012. Correct the ID, or set the region with --region.",
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
