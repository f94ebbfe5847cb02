import { createExistingStores } from "../../../rehearsal/existing-stores";
import { describeWithTerraform } from "../describe-with-terraform";
import { ExistingAccount, NOTHING } from "../existing-account";

jest.setTimeout(1_200_000);

// What the step adopt-existing of a rehearsal does, by the commands that a person types.
describeWithTerraform("npm run adopt", () => {
  let account: ExistingAccount;

  beforeAll(async () => {
    account = await ExistingAccount.start();
  });

  afterAll(() => account.stop());

  test("an instance with its own groups and key, and a replication group with TLS", async () => {
    await createExistingStores(account.emulator);
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
});
