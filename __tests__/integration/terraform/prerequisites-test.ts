import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { Emulator } from "../../../emulator/emulator";
import { preparePrerequisites } from "../../../rehearsal/prerequisites";
import { type DatabaseStore, databasesOf } from "../../../settings/data-stores";
import { type EnvironmentSettings, parseEnvironment } from "../../../settings/environment";
import { settingsWith } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

const KEY = "arn:aws:kms:eu-west-3:123456789012:key/11111111-2222-3333-4444-555555555555";
const FIVE = ["1", "2", "3", "4", "5"].map((last) => `subnet-0000000${last}`);

describeWithTerraform("the prerequisites of an environment, in an empty account", () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await Emulator.start({ region: "eu-west-3" });
  });

  afterAll(() => emulator.stop());

  const prepared = (changes: object) =>
    preparePrerequisites(
      emulator,
      settingsWith({ region: "eu-west-3", ...changes }) as EnvironmentSettings,
    );

  test.each([
    ["default", "172.31."],
    ["vpc-0123456789abcdef0", "10.0."],
  ])(
    "the VPC %s has as many subnets as the environment names, even more than zones",
    async (vpcId, prefix) => {
      const { network } = await prepared({ network: { vpcId, subnetIds: FIVE } });
      const SubnetIds = [...(network.subnetIds as string[])];
      expect(new Set(SubnetIds).size).toBe(FIVE.length);
      const ec2 = new EC2Client(emulator.clientConfig);
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds }));
      expect(Subnets.filter(({ CidrBlock }) => CidrBlock?.startsWith(prefix))).toHaveLength(5);
      expect(new Set(Subnets.map(({ VpcId }) => VpcId)).size).toBe(1);
    },
  );

  test("each key in the settings is replaced by one existing key", async () => {
    const settings = await prepared({
      "database.kmsKeyArn": KEY,
      "database.credentials": { kind: "rds-managed", kmsKeyArn: KEY },
    });
    const database = (databasesOf(parseEnvironment(settings))[0] as DatabaseStore).settings;
    expect(database.kmsKeyArn).not.toBe(KEY);
    expect(database.credentials).toMatchObject({ kmsKeyArn: database.kmsKeyArn });
    const kms = new KMSClient(emulator.clientConfig);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: database.kmsKeyArn }));
    expect(KeyMetadata?.Arn).toBe(database.kmsKeyArn);
  });
});
