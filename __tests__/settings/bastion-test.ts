import { bastionsOf, reaches } from "../../settings/bastion";
import { parseEnvironments } from "../../settings/environment";
import { type Changes, environmentWith, problemsWith, settingsWith } from "../minimal-environment";

const BASTION: Changes = { bastion: { route: "nat" } };

test("there is no bastion by default", () => {
  expect(bastionsOf(environmentWith())).toEqual([]);
});

test("the route to Systems Manager is the only required setting", () => {
  expect(bastionsOf(environmentWith(BASTION))).toEqual([
    {
      settings: { route: "nat", instanceType: "t4g.nano" },
      stackId: "news-api-test-bastion",
      stateKey: "news-api/test/bastion.tfstate",
    },
  ]);
});

test("it reaches every data store, or those that the settings name", () => {
  const [all] = bastionsOf(environmentWith(BASTION));
  const [some] = bastionsOf(environmentWith({ bastion: { route: "nat", stores: ["database"] } }));
  const reached = (bastion: typeof all) =>
    ["database", "cache"].map((store) => bastion && reaches(bastion.settings, store));
  expect(reached(all)).toEqual([true, true]);
  expect(reached(some)).toEqual([true, false]);
});

test.each([
  [
    "no way to Systems Manager",
    { bastion: {} },
    'bastion.route: must be one of "nat", "public-ip", "vpc-endpoints"; got: nothing. Use one of them.',
  ],
  [
    "a data store that is not there",
    { bastion: { route: "nat", stores: ["databse"] } },
    'bastion.stores: must name data stores of the environment; got: ["databse"]. Did you mean "database"?',
  ],
  [
    "no data store",
    { bastion: { route: "nat", stores: [] } },
    "bastion.stores: must name at least one data store, without duplicates; got: []. Name the data stores, or remove the setting to allow all of them.",
  ],
  [
    "a larger instance",
    { bastion: { route: "nat", instanceType: "m7g.large" } },
    'bastion.instanceType: must be one of "t4g.nano", "t4g.micro", "t4g.small"; got: "m7g.large". Use one of them.',
  ],
])("%s is refused", (_, changes: Changes, problem) => {
  expect(problemsWith(changes)).toEqual([problem]);
});

test("with a bastion, a data store with the name of the bastion's stack is refused", () => {
  const { database } = settingsWith({}) as { database: object };
  const named = { database: undefined, databases: { bastion: database } };
  expect(problemsWith(named)).toEqual([]);
  expect(problemsWith({ ...named, ...BASTION })).toContain(
    'databases.bastion: must not have the name of the bastion\'s stack; got: "bastion". Rename the data store.',
  );
});

test("a data store with the name of the bastion's security group is refused", () => {
  expect(
    problemsWith({ ...BASTION, "database.securityGroupName": "news-api-test-bastion" }),
  ).toEqual([
    'bastion: must be unique in its VPC (database.securityGroupName has the same); got: "news-api-test-bastion". Rename one of them.',
  ]);
});

test("the free tier includes no bastion", () => {
  const problems = problemsWith({ ...BASTION, budget: "free-tier" });
  expect(problems.find((problem) => problem.startsWith("bastion"))).toBe(
    'bastion: must be absent with budget "free-tier": the instance is billed by the hour; got: {"route":"nat","instanceType":"t4g.nano"}. Remove it, or remove budget.',
  );
});

test("two environments must not have bastion stacks with the same ID", () => {
  const other = {
    app: "news",
    name: "api-test",
    "database.identifier": "other-db",
    "cache.clusterId": "other-cache",
    ...BASTION,
  };
  expect(() => parseEnvironments([settingsWith(BASTION), settingsWith(other)])).toThrow(
    /news-api-test\.bastion:\s+must be unique in its VPC[^\n]+\n\s+must give a stack ID that no other data store/,
  );
});
