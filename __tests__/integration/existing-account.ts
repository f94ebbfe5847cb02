import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeSecurityGroupRulesCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { Emulator } from "../../emulator/emulator";
import { writesIn } from "../../rehearsal/steps/adopt";
import { Project } from "./project";

/** The resources that a plan names, by what it does to them. */
export interface Planned {
  readonly imported: string[];
  readonly created: string[];
  readonly other: string[];
}

/** An account in which something exists, and a project without environments. */
export class ExistingAccount {
  readonly project = new Project();

  private constructor(
    readonly emulator: Emulator,
    private readonly certificates: string,
  ) {
    for (const shipped of ["dev.ts", "prod.ts"]) {
      rmSync(this.project.path("environments", shipped));
    }
  }

  static async start(): Promise<ExistingAccount> {
    const tls = mkdtempSync(join(tmpdir(), "adopt-"));
    return new ExistingAccount(await Emulator.start({ tls }), tls);
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
    const printed = await this.run(`plan -- ${stack} -no-color -out=saved.plan`);
    if (printed.includes("\nNo changes. Your infrastructure matches the configuration.")) {
      return NOTHING;
    }
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
  writes(): Promise<string[]> {
    return writesIn(this.emulator);
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

export const NOTHING: Planned = { imported: [], created: [], other: [] };
