import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeVpcsCommand,
  EC2Client,
  type IpPermission,
} from "@aws-sdk/client-ec2";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AwsAccount } from "../../../cli/aws-account";
import { CommandError } from "../../../cli/command-error";
import { Emulator } from "../../../emulator/emulator";
import { importIds } from "../../../operations/adoption/import-ids";
import { environmentWith } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

const STACK = "news-api-test-database";
const ENVIRONMENT = environmentWith({
  region: "us-east-1",
  network: { vpcId: "default", subnetIds: "all" },
});

describeWithTerraform("import IDs of a lost state", () => {
  const folder = mkdtempSync(join(tmpdir(), "import-ids-"));
  let emulator: Emulator;
  let account: AwsAccount;

  beforeAll(async () => {
    emulator = await Emulator.start({ tls: folder });
    account = new AwsAccount(ENVIRONMENT, emulator.clientConfig);
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  test("a rule is found by protocol, ports and source, whatever its description says", async () => {
    const ec2 = new EC2Client(emulator.clientConfig);
    const { Vpcs: [vpc] = [] } = await ec2.send(new DescribeVpcsCommand({}));
    const group = async (GroupName: string) => {
      const command = { GroupName, Description: GroupName, VpcId: vpc?.VpcId };
      return (await ec2.send(new CreateSecurityGroupCommand(command))).GroupId ?? "";
    };
    const [stores, clients] = [await group("stores"), await group("clients")];
    const allow = async (from: number, to: number, source: Partial<IpPermission>) => {
      const permission = { IpProtocol: "tcp", FromPort: from, ToPort: to, ...source };
      const command = { GroupId: stores, IpPermissions: [permission] };
      const { SecurityGroupRules: [rule] = [] } = await ec2.send(
        new AuthorizeSecurityGroupIngressCommand(command),
      );
      return rule?.SecurityGroupRuleId;
    };
    const cidr = (CidrIp: string | undefined, Description: string) => ({
      IpRanges: [{ CidrIp, Description }],
    });
    const office = "10.1.0.0/16";
    // The range also opens the port. Taken for the office's rule, an apply would narrow it.
    await allow(5432, 5440, cidr(office, "office to the database"));
    const vpcRule = await allow(5432, 5432, cidr(vpc?.CidrBlock, "made manually"));
    const groupRule = await allow(5432, 5432, { UserIdGroupPairs: [{ GroupId: clients }] });
    const rule = { security_group_id: stores, ip_protocol: "tcp", from_port: 5432, to_port: 5432 };
    const { adopted, missing } = await importIds(account, STACK, {
      aws_vpc_security_group_ingress_rule: {
        from_vpc: { ...rule, cidr_ipv4: "${data.aws_vpc.vpc.cidr_block}" },
        from_office: { ...rule, cidr_ipv4: office, description: "office to the database" },
        from_api: { ...rule, referenced_security_group_id: `123456789012/${clients}` },
        from_nobody: { ...rule, cidr_ipv6: "2001:db8::/56" },
      },
    });
    expect(adopted).toEqual({
      "aws_vpc_security_group_ingress_rule.from_vpc": vpcRule,
      "aws_vpc_security_group_ingress_rule.from_api": groupRule,
    });
    expect(missing).toEqual([
      "aws_vpc_security_group_ingress_rule.from_office",
      "aws_vpc_security_group_ingress_rule.from_nobody",
    ]);
  });

  test("if several secrets have the prefix, none is chosen", async () => {
    const secrets = new SecretsManagerClient(emulator.clientConfig);
    const path = "news-api/test/database";
    const create = async (Name: string) =>
      (await secrets.send(new CreateSecretCommand({ Name, SecretString: "x" }))).ARN;
    const password = await create(`${path}/master-password-1`);
    const urls = [await create(`${path}/DATABASE_URL-1`), await create(`${path}/DATABASE_URL-2`)];
    await create(`${path}/master-password-1/copy`);
    const { adopted, missing, ambiguous } = await importIds(account, STACK, {
      aws_secretsmanager_secret: {
        database_url: { name_prefix: `${path}/DATABASE_URL-` },
        master_password: { name_prefix: `${path}/master-password-` },
        role_password: { name_prefix: `${path}/role-password-` },
      },
    });
    expect(adopted).toEqual({ "aws_secretsmanager_secret.master_password": password });
    expect(missing).toEqual(["aws_secretsmanager_secret.role_password"]);
    expect(ambiguous).toEqual([{ address: "aws_secretsmanager_secret.database_url", ids: urls }]);
  });

  test("a failed call is named, with the next step", async () => {
    const nowhere = { ...emulator.clientConfig, endpoint: "https://127.0.0.1:9" };
    const asked = importIds(
      new AwsAccount(ENVIRONMENT, { ...nowhere, maxAttempts: 1 } as never),
      STACK,
      {
        aws_db_instance: { database: { identifier: "news-api-db" } },
      },
    );
    await expect(asked).rejects.toThrow(CommandError);
    await expect(asked).rejects.toThrow(
      /^The call to rds:DescribeDBInstances failed: .*\nIf access was denied, allow rds:DescribeDBInstances\. Otherwise check the credentials and the region us-east-1\.$/,
    );
  });

  test("a type without a finder is a defect", async () => {
    const asked = importIds(account, STACK, { aws_instance: { bastion: {} } });
    await expect(asked).rejects.toThrow("No import IDs are known for aws_instance.");
  });
});
