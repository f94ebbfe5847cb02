import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { Emulator } from "../../../emulator/emulator";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

const ROLE = "arn:aws:iam::123456789012:role/tester";
const DATABASES = "arn:aws:rds:us-east-1:123456789012:db:orders*";
const GROUPS = "arn:aws:ec2:us-east-1:123456789012:security-group/*";

describeWithTerraform("an emulated account that enforces policies", () => {
  const tls = mkdtempSync(join(tmpdir(), "access-"));
  let emulator: Emulator;
  let iam: IAMClient;

  beforeAll(async () => {
    emulator = await Emulator.start({ tls });
    iam = new IAMClient(emulator.clientConfig);
    const trust = { Version: "2012-10-17", Statement: [] };
    const AssumeRolePolicyDocument = JSON.stringify(trust);
    await iam.send(new CreateRoleCommand({ RoleName: "tester", AssumeRolePolicyDocument }));
    await emulator.enforcePolicies();
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(tls, { recursive: true });
  });

  const client = () => ({
    ...emulator.clientConfig,
    maxAttempts: 1,
    credentials: fromTemporaryCredentials({
      params: { RoleArn: ROLE, RoleSessionName: "tester" },
      masterCredentials: emulator.clientConfig.credentials,
      clientConfig: emulator.clientConfig,
    }),
  });

  async function allow(...Statement: object[]): Promise<void> {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: "tester", PolicyName: "own", PolicyDocument }),
    );
  }

  const describe = (DBInstanceIdentifier: string) =>
    outcomeOf(
      new RDSClient(client()).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier })),
    );

  test("an action is allowed on the resources that a policy names, and on no others", async () => {
    await allow({ Effect: "Allow", Action: "rds:Describe*", Resource: DATABASES });
    expect(await describe("orders-reports")).toBe("DBInstanceNotFoundFault");
    expect(await describe("reports")).toBe("AccessDenied");
  });

  test("a statement that denies counts more", async () => {
    const Resource = `${DATABASES.slice(0, -1)}-secret`;
    await allow(
      { Effect: "Allow", Action: ["rds:DescribeDBInstances"], Resource: [DATABASES] },
      { Effect: "Deny", Action: "rds:*", Resource },
    );
    expect(await describe("orders")).toBe("DBInstanceNotFoundFault");
    expect(await describe("orders-secret")).toBe("AccessDenied");
  });

  test("each protocol refuses as AWS does", async () => {
    await allow({ Effect: "Allow", Action: "rds:*", Resource: "*" });
    const secrets = new SecretsManagerClient(client());
    expect(await outcomeOf(secrets.send(new GetSecretValueCommand({ SecretId: "a" })))).toBe(
      "AccessDeniedException",
    );
    const ec2 = new EC2Client(client());
    expect(
      await outcomeOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId: "sg-01234567" }))),
    ).toBe("UnauthorizedOperation");
  });

  test("a condition on a tag applies to tagged resources, and the tag cannot be added to others", async () => {
    const stack = { "aws:ResourceTag/stack": "own" };
    await allow({
      Effect: "Allow",
      Action: "ec2:DeleteSecurityGroup",
      Resource: GROUPS,
      Condition: { StringEquals: stack },
    });
    const administrator = new EC2Client(emulator.clientConfig);
    const create = async (GroupName: string, Value: string) => {
      const Tags = [{ Key: "stack", Value }];
      const TagSpecifications = [{ ResourceType: "security-group" as const, Tags }];
      const command = { GroupName, Description: GroupName, TagSpecifications };
      return (await administrator.send(new CreateSecurityGroupCommand(command))).GroupId;
    };
    const [own, other] = [await create("a", "own"), await create("b", "other")];
    const remove = (GroupId: string | undefined) =>
      outcomeOf(new EC2Client(client()).send(new DeleteSecurityGroupCommand({ GroupId })));
    expect(await remove(other)).toBe("UnauthorizedOperation");
    expect(await remove(own)).toBe("done");
  });

  test("an unknown condition operator allows nothing", async () => {
    await allow({
      Effect: "Allow",
      Action: "rds:*",
      Resource: "*",
      Condition: { DateLessThan: { "aws:CurrentTime": "2030-01-01T00:00:00Z" } },
    });
    expect(await describe("orders")).not.toBe("DBInstanceNotFoundFault");
  });

  test("requests are recorded, with the role and whether they were denied", async () => {
    const calls = await emulator.calls();
    expect(calls).toEqual(
      expect.arrayContaining([
        {
          role: "tester",
          action: "rds:DescribeDBInstances",
          resource: DATABASES.replace("*", ""),
          refused: false,
        },
        { role: null, action: "iam:CreateRole", resource: ROLE, refused: false },
        expect.objectContaining({
          role: "tester",
          action: "secretsmanager:GetSecretValue",
          refused: true,
        }),
      ]),
    );
  });
});

/** The name of the error, or `done`. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "done",
    (error: Error) => error.name,
  );
}
