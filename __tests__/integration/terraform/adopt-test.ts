import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DescribeSecurityGroupRulesCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import execa from "execa";
import { Emulator } from "../../../emulator/emulator";
import { findPython } from "../../../emulator/python";
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
}

/** What a change is about, for whoever reads a failure. */
function differing({ before, after }: Change): string {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]),
  );
  return names
    .map((name) => `${name}: ${JSON.stringify(before?.[name])} → ${JSON.stringify(after?.[name])}`)
    .join("; ");
}

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
  });
});
