import { offerWarnings } from "../../../settings/aws/offer-warnings";
import {
  dbClassOffer,
  dbClassOfferIn,
  latestMinor,
  type Offers,
  postgresMinorOffer,
  similarClassIn,
} from "../../../settings/aws/offers";
import offers from "../../../settings/aws/offers.json";
import { environmentWith, problemsWith, REPLICATION_GROUP } from "../../minimal-environment";

const { regions, dbFamilies, cacheFamilies, postgres }: Offers = offers;

const REGION_SETTINGS = (region: string) => ({
  region,
  "database.kmsKeyArn": undefined,
});

const problemsOf = (region: string, instanceClass: string, engineVersion = "15") =>
  problemsWith({
    ...REGION_SETTINGS(region),
    "database.instanceClass": instanceClass,
    "database.engineVersion": engineVersion,
    "database.autoMinorVersionUpgrade": !engineVersion.includes("."),
  });

/** Every family and size in every region, whether it is in the table or not. */
const classes = Object.entries(dbFamilies).flatMap(([family, sizes]) =>
  sizes.map((size) => ({ family, instanceClass: `db.${family}.${size}` })),
);

test.each(Object.keys(regions))(
  "of every class, those that RDS offers in %s are accepted, and no other",
  (region) => {
    for (const { family, instanceClass } of classes) {
      const problems = problemsOf(region, instanceClass);
      const isOffered = regions[region]?.includes(family);
      expect([instanceClass, problems.length]).toEqual([instanceClass, isOffered ? 0 : 1]);
    }
  },
);

const ALL_SIZES = [...new Set(Object.values(dbFamilies).flat())];

test("a size that its family does not have is refused, with and without alarms", () => {
  for (const [family, sizes] of Object.entries(dbFamilies)) {
    for (const size of ALL_SIZES.filter((one) => !sizes.includes(one))) {
      expect(problemsOf("us-east-1", `db.${family}.${size}`)).toHaveLength(1);
    }
  }
});

test("every minor version that RDS offers is accepted, and every other one up to the latest is refused", () => {
  for (const [major, { offered }] of Object.entries(postgres)) {
    for (let minor = 0; minor <= Math.max(...offered); minor++) {
      const problems = problemsOf("us-east-1", "db.t4g.micro", `${major}.${minor}`);
      expect([major, minor, problems.length]).toEqual([
        major,
        minor,
        offered.includes(minor) ? 0 : 1,
      ]);
    }
  }
});

test("exactly the node types that ElastiCache offers are accepted", () => {
  for (const [family, sizes] of Object.entries(cacheFamilies)) {
    for (const size of sizes) {
      const cache = { ...REPLICATION_GROUP, nodeType: `cache.${family}.${size}` };
      expect([family, size, problemsWith({ cache })]).toEqual([family, size, []]);
    }
  }
});

const SIZE =
  "must be db.<family>.<size>, with a family and size that RDS for PostgreSQL offers; got: %s.";

test.each([
  "db.m7g.48xlarge",
  "db.r6g.medium",
  "db.z1d.large",
  "db.c6gd.large",
  "db.t3.48xlarge",
  "db.m4.large",
])("%s is offered in no region", (instanceClass) => {
  const [problem] = problemsOf("us-east-1", instanceClass);
  expect(problem).toContain(SIZE.replace("%s", JSON.stringify(instanceClass)));
  expect(problem).toMatch(/ Did you mean "db\.[a-z0-9]+\.[a-z0-9]+"\?$/);
});

test.each(["cache.t3.2xlarge", "cache.m5.16xlarge", "cache.r7g.micro"])(
  "%s is not a node type",
  (nodeType) => {
    expect(problemsWith({ "cache.nodeType": nodeType })).toHaveLength(1);
  },
);

test("a class that the region does not have is refused, with a similar one that it has", () => {
  expect(problemsOf("eu-central-1", "db.x2g.large")).toEqual([
    'database.instanceClass: must be an instance class that RDS for PostgreSQL offers in eu-central-1; got: "db.x2g.large". Use an instance class of another family. If AWS now offers the refused class, run npm run refresh-offers.',
  ]);
  expect(problemsOf("cn-north-1", "db.m8g.large")).toEqual([
    `database.instanceClass: must be an instance class that RDS for PostgreSQL offers in cn-north-1; got: "db.m8g.large". Use, for example, "${similarClassIn("cn-north-1", "db.m8g.large")}". If AWS now offers the refused class, run npm run refresh-offers.`,
  ]);
});

test("replicas are checked against the same table", () => {
  expect(
    problemsWith({
      region: "cn-north-1",
      "database.readReplicas": { reports: { instanceClass: "db.m8g.large" } },
    }),
  ).toEqual([
    `database.readReplicas: must have instance classes that RDS for PostgreSQL offers in cn-north-1; got: ["db.m8g.large"]. Use, for example, "${similarClassIn("cn-north-1", "db.m8g.large")}". If AWS now offers the refused class, run npm run refresh-offers.`,
  ]);
  expect(
    problemsWith({ "database.readReplicas": { reports: { instanceClass: "db.t3.48xlarge" } } }),
  ).toHaveLength(1);
});

test("a withdrawn version is refused for a new database and causes a warning for an existing one", () => {
  const exact = { "database.engineVersion": "15.4", "database.autoMinorVersionUpgrade": false };
  expect(problemsWith(exact)).toEqual([
    'database.engineVersion: must be a version for new instances: AWS has withdrawn 15.4; got: "15.4". Use "15", so that AWS chooses the minor version, or "15.17" with autoMinorVersionUpgrade: false. If an instance already runs it, set existing: true.',
  ]);
  expect(offerWarnings(environmentWith({ ...exact, "database.existing": true }))).toEqual([
    'environment test: database.engineVersion "15.4" was withdrawn by AWS: new instances cannot use it, so a restore or a replacement fails. Plan the upgrade. Use "15", so that AWS chooses the minor version, or "15.17" with autoMinorVersionUpgrade: false.',
  ]);
});

const RDS_HAS =
  "database.engineVersion: must be one of 13, 14, 15, 16, 17, 18, or one of their minor versions that RDS offers";

test.each(["15.0", "15.1", "15.99", "16.99", "18.0"])("%s was never offered", (version) => {
  const exact = { "database.engineVersion": version, "database.autoMinorVersionUpgrade": false };
  expect(problemsWith(exact)).toEqual([expect.stringContaining(RDS_HAS)]);
  // Not even for an existing instance.
  expect(problemsWith({ ...exact, "database.existing": true })).toHaveLength(1);
});

const TABLE =
  "is not in the table of AWS offers for us-east-1 from 2026-05. If the apply fails, use another value. To update the table, run npm run refresh-offers.";

test.each<[Record<string, unknown>, string]>([
  [{ "database.instanceClass": "db.m9g.large" }, 'database.instanceClass "db.m9g.large"'],
  [{ "database.instanceClass": "db.m8g.96xlarge" }, 'database.instanceClass "db.m8g.96xlarge"'],
  [
    { "database.engineVersion": "15.18", "database.autoMinorVersionUpgrade": false },
    'database.engineVersion "15.18"',
  ],
  [
    { "database.readReplicas": { reports: { instanceClass: "db.r9g.large" } } },
    'database.readReplicas.reports.instanceClass "db.r9g.large"',
  ],
  [
    { cache: { ...REPLICATION_GROUP, nodeType: "cache.r8g.large" } },
    'cache.nodeType "cache.r8g.large"',
  ],
  [
    {
      cache: {
        ...REPLICATION_GROUP,
        engine: "valkey",
        engineVersion: "9.1",
        autoMinorVersionUpgrade: false,
      },
    },
    'cache.engineVersion "9.1"',
  ],
])("what is newer than the table is a warning: %j", (changes, what) => {
  expect(offerWarnings(environmentWith(changes))).toEqual([`environment test: ${what} ${TABLE}`]);
});

test("in a region that is not in the table, nothing is refused", () => {
  expect(dbClassOfferIn("xx-new-1", "db.m7g.large")).toBe("unknown");
  expect(dbClassOfferIn("xx-new-1", "db.m7g.micro")).toBe("not offered");
});

test.each([
  ["db.m8gd.large", "14.15", "14.17"],
  ["db.r8gd.large", "14.15", "14.17"],
])("%s requires a later version than %s", (instanceClass, version, first) => {
  expect(problemsOf("us-east-1", instanceClass, version)).toEqual([
    `database.engineVersion: must be ${first} or later with ${instanceClass}; got: "${version}". Use a later version or another instance class.`,
  ]);
  expect(problemsOf("us-east-1", instanceClass, first)).toEqual([]);
  const replicas = { reports: { instanceClass } };
  expect(
    problemsWith({
      "database.engineVersion": version,
      "database.autoMinorVersionUpgrade": false,
      "database.readReplicas": replicas,
    }),
  ).toEqual([
    `database.readReplicas: must have instance classes that RDS offers with PostgreSQL ${version}; got: ["${instanceClass}"]. Use other instance classes or a later engineVersion.`,
  ]);
});

test("the table is consistent", () => {
  for (const families of Object.values(regions)) {
    expect(families.filter((family) => !dbFamilies[family])).toEqual([]);
  }
  expect(Object.keys(regions)).toHaveLength(38);
  expect(dbClassOffer("db.t3.micro")).toBe("offered");
  expect(latestMinor(15)).toBe(17);
  expect(latestMinor(12)).toBeUndefined();
  expect(postgresMinorOffer(19, 1)).toBe("unknown");
});
