import type { Rule } from "../../../rehearsal/step";
import { compare, compareRules } from "../../../rehearsal/steps/baseline";

test("an intended difference has a reason, and any other has none", () => {
  const theirs = { StorageEncrypted: false, Engine: "postgres", LicenseModel: "a", MultiAZ: false };
  const ours = { StorageEncrypted: true, Engine: "postgres", LicenseModel: "b", MultiAZ: false };
  expect(compare("database", theirs, ours)).toEqual([
    {
      attribute: "database StorageEncrypted",
      theirs: "false",
      ours: "true",
      reason: "encrypted at rest; the chapter's is not, and can be encrypted only by a replacement",
    },
    { attribute: "database LicenseModel", theirs: '"a"', ours: '"b"', reason: undefined },
  ]);
});

test.each(["DbInstancePort", "MaxAllocatedStorage", "MultiAZ", "ReadReplicaDBInstanceIdentifiers"])(
  "%s is a setting, and may differ",
  (attribute) => {
    expect(compare("database", { [attribute]: 1 }, { [attribute]: 2 })).toMatchObject([
      { reason: "a setting of the environment" },
    ]);
  },
);

test("an attribute that only one side has is a difference", () => {
  expect(compare("cache", { SnapshotWindow: "05:00-06:00" }, {})).toMatchObject([
    { attribute: "cache SnapshotWindow", theirs: '"05:00-06:00"', ours: "–" },
  ]);
  expect(compare("cache", {}, { NewAttribute: 1 })).toMatchObject([{ reason: undefined }]);
});

const rule = (store: Rule["store"], port: number, source: string): Rule => ({
  store,
  protocol: "tcp",
  port,
  toPort: port,
  source,
  description: "",
});

test("rules are compared by source and port", () => {
  const theirs = [rule("database", 5432, "10.0.0.0/16"), rule("database", 6379, "10.0.0.0/16")];
  const ours = [rule("database", 5432, "sg-1")];
  expect(compareRules(theirs, theirs)).toEqual([]);
  expect(compareRules(theirs, ours).map(({ attribute, reason }) => [attribute, reason])).toEqual([
    ["rule 10.0.0.0/16 → database 5432", "no client of the environment"],
    [
      "rule 10.0.0.0/16 → database 6379",
      "the chapter opens ports in the default security group, which both data stores share there",
    ],
    ["rule sg-1 → database 5432", "a client of the environment"],
  ]);
});
