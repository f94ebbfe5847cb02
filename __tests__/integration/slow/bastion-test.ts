import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { synthesize } from "../../../cli/synth";
import { Emulator } from "../../../emulator/emulator";
import { UNRECORDED } from "../../../operations/permissions/unrecorded";
import { type Environment, parseEnvironment } from "../../../settings/environment";
import { buildApp } from "../../../stacks/app";
import { rolePolicies } from "../../../stacks/permissions";
import { initialize, stackFolder } from "../../../terraform/stack-folder";
import { Terraform } from "../../../terraform/terraform";
import { settingsWith } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(600_000);

const STACK = "news-api-test-bastion";
const ACCOUNT = "123456789012";
const SETTINGS = settingsWith({
  network: { vpcId: "default", subnetIds: "all" },
  "bastion.route": "public-ip",
});
const NO_CHANGES = 0;
const CHANGES = 2;

/** Real Terraform in the bastion's stack. Of the data stores, only their security groups exist. */
describeWithTerraform("a bastion in an emulated account", () => {
  const folder = mkdtempSync(join(tmpdir(), "bastion-"));
  let emulator: Emulator;
  let ec2: EC2Client;
  let terraform: Terraform;
  let path: string;

  beforeAll(async () => {
    emulator = await Emulator.start({ tls: folder });
    ec2 = new EC2Client(emulator.clientConfig);
    terraform = await Terraform.find({ ...process.env, ...emulator.env });
    const environment = parseEnvironment(SETTINGS);
    await emulator.createBucket(environment.stateBucket.name);
    const { outdir, stacks } = synthesize((to) => buildApp([environment], to), { outdir: folder });
    const bastion = stackFolder(outdir, stacks, STACK);
    await initialize(terraform, bastion, "keep");
    path = bastion.path;
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  async function run(...args: string[]) {
    const { exitCode, output, stdout } = await terraform.run(path, args, "keep");
    return { exitCode, output, stdout };
  }

  async function succeed(...args: string[]): Promise<string> {
    const { exitCode, output, stdout } = await run(...args);
    if (exitCode !== 0) {
      throw new Error(`terraform ${args.join(" ")} failed:\n${output}`);
    }
    return stdout;
  }

  const plan = () => run("plan", "-detailed-exitcode", "-input=false");
  const apply = () => succeed("apply", "-auto-approve", "-input=false");
  const storesIn = async () =>
    JSON.parse(await succeed("output", "-json", "bastion_stores")) as Record<string, boolean>;

  /** As the stack of a data store creates it. */
  async function createGroup(GroupName: string): Promise<string> {
    const Filters = [{ Name: "is-default", Values: ["true"] }];
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters }));
    const VpcId = Vpcs[0]?.VpcId;
    const Tags = [{ Key: "stack", Value: GroupName }];
    const TagSpecifications = [{ ResourceType: "security-group" as const, Tags }];
    const { GroupId = "" } = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName,
        VpcId,
        Description: GroupName,
        TagSpecifications,
      }),
    );
    return GroupId;
  }

  /** Of a security group: who may come in, and where it may go. */
  async function rulesOf(groupId: string, isEgress: boolean) {
    const Filters = [{ Name: "group-id", Values: [groupId] }];
    const { SecurityGroupRules = [] } = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters }),
    );
    return SecurityGroupRules.filter(({ IsEgress }) => IsEgress === isEgress);
  }

  test("it can be deployed before the data stores, and reaches none of them", async () => {
    await apply();
    expect((await plan()).exitCode).toBe(NO_CHANGES);
    expect(await storesIn()).toEqual({ cache: false, database: false });
  });

  test("nobody may connect to it, its volume is encrypted, and it demands IMDSv2", async () => {
    const id = JSON.parse(await succeed("output", "-json", "bastion_instance_id"));
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [id] }),
    );
    const instance = Reservations[0]?.Instances?.[0];
    expect(instance).toMatchObject({
      InstanceType: "t4g.nano",
      MetadataOptions: { HttpTokens: "required" },
      IamInstanceProfile: { Arn: expect.stringMatching(`:instance-profile/${STACK}$`) },
    });
    expect(instance?.KeyName).toBeUndefined();
    const [group, ...others] = instance?.SecurityGroups ?? [];
    expect(others).toEqual([]);
    expect(await rulesOf(group?.GroupId ?? "", false)).toEqual([]);
    const egress = await rulesOf(group?.GroupId ?? "", true);
    expect(
      egress.map(({ FromPort, ToPort, CidrIpv4 }) => [FromPort, ToPort, CidrIpv4]).sort(),
    ).toEqual([
      [443, 443, "0.0.0.0/0"],
      [5432, 5432, "172.31.0.0/16"],
      [6379, 6379, "172.31.0.0/16"],
    ]);
    const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
    expect(Volumes.map(({ Encrypted }) => Encrypted)).toEqual([true]);
  });

  test("the next apply gives it a rule for each data store that exists by then", async () => {
    const database = await createGroup("news-api-test-database");
    const { exitCode, output } = await plan();
    expect(exitCode).toBe(CHANGES);
    expect(output).toContain("1 to add, 0 to change, 0 to destroy");
    await apply();
    expect((await plan()).exitCode).toBe(NO_CHANGES);
    expect(await storesIn()).toEqual({ cache: false, database: true });
    const group = JSON.parse(await succeed("output", "-json", "bastion_security_group_id"));
    expect(await rulesOf(database, false)).toMatchObject([
      { FromPort: 5432, ToPort: 5432, ReferencedGroupInfo: { GroupId: group } },
    ]);
  });

  test("a data store may be destroyed before the bastion, and the bastion before a data store", async () => {
    const cache = await createGroup("news-api-test-cache");
    await apply();
    expect(await rulesOf(cache, false)).toHaveLength(1);
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: cache }));
    expect((await plan()).output).not.toContain("Error");
    await succeed("destroy", "-auto-approve", "-input=false");
    expect(await succeed("state", "list")).toBe("");
  });

  test("the pipeline's roles plan, apply and destroy it, with nothing that they do not need", async () => {
    const environment = parseEnvironment(SETTINGS);
    const { plan: planPolicies, apply: applyPolicies } = rolePolicies(environment, ACCOUNT);
    await createGroup("news-api-test-cache");
    await emulator.enforcePolicies();
    const administrator = terraform;
    const applying = await withRole("apply", applyPolicies);
    const planning = await withRole("plan", planPolicies);
    terraform = applying;
    await apply();
    terraform = planning;
    expect((await plan()).exitCode).toBe(NO_CHANGES);
    terraform = applying;
    await succeed("destroy", "-auto-approve", "-input=false");
    terraform = administrator;
    const calls = (await emulator.calls()).filter(({ role }) => role !== null);
    expect(calls.filter(({ refused }) => refused)).toEqual([]);
    const used = new Set(calls.map(({ action }) => action));
    const allowed = bastionActions(environment);
    expect(allowed.filter((action) => !used.has(action) && !UNRECORDED.has(action))).toEqual([]);
  });

  /** Terraform with the temporary credentials of a role that has these policies. */
  async function withRole(RoleName: string, policies: readonly object[]): Promise<Terraform> {
    const iam = new IAMClient(emulator.clientConfig);
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    for (const [index, document] of policies.entries()) {
      const PolicyDocument = JSON.stringify(document);
      const PolicyName = `policy-${index}`;
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
    }
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
    const sts = new STSClient(emulator.clientConfig);
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" });
    const { Credentials } = await sts.send(command);
    return Terraform.find({
      ...process.env,
      ...emulator.env,
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials?.SessionToken,
    });
  }
});

/** What the roles may do because of the bastion. */
function bastionActions({ bastion, ...environment }: Environment): string[] {
  const actionsOf = (of: Environment) =>
    rolePolicies(of, ACCOUNT)
      .apply.flatMap(({ Statement }) => Statement)
      .flatMap(({ Action }) => Action);
  const without = actionsOf(environment);
  return actionsOf({ ...environment, bastion }).filter((action) => !without.includes(action));
}
