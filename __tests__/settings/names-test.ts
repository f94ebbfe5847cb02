import {
  alarmName,
  environmentTags,
  monitoringRoleName,
  replicaIdentifier,
  stackId,
  stateBucketStackId,
  stateKey,
  storePath,
} from "../../settings/names";
import { stateBucketsOf } from "../../stacks/state-buckets";
import { environmentWith } from "../minimal-environment";

const KMS = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
const dev = { app: "news-api", name: "dev" };

test("operators and states depend on these names", () => {
  expect([
    stackId(dev, "database"),
    stateKey(dev, "cache"),
    storePath(dev, "orders"),
    stateBucketStackId("news.api.state"),
    monitoringRoleName("news-api-dev-database"),
    replicaIdentifier("news-api-db", "for_reports"),
    alarmName("news-api-dev-database", "storage"),
  ]).toEqual([
    "news-api-dev-database",
    "news-api/dev/cache.tfstate",
    "news-api/dev/orders",
    "state-bucket-news_api_state",
    "news-api-dev-database-monitoring",
    "news-api-db-for-reports",
    "news-api-dev-database-storage",
  ]);
});

test("an environment's own tags override the others", () => {
  expect(environmentTags(environmentWith({ tags: { team: "news", app: "other" } }))).toEqual({
    app: "other",
    environment: "test",
    team: "news",
  });
});

test("a state bucket of one environment has its region, account and tags", () => {
  const environment = environmentWith({
    account: "123456789012",
    "stateBucket.region": "eu-west-1",
    "stateBucket.kmsKeyArn": KMS,
    tags: { team: "news" },
  });
  expect(stateBucketsOf([environment])).toEqual([
    {
      id: "state-bucket-news-api-test-state",
      bucket: environment.stateBucket,
      region: "eu-west-1",
      access: { account: "123456789012" },
      tags: { app: "news-api", environment: "test", team: "news" },
    },
  ]);
});

test("a shared state bucket has the tags that all its environments have", () => {
  const first = environmentWith({ tags: { team: "news", owner: "platform" } });
  const second = environmentWith({ name: "other", tags: { team: "other", owner: "platform" } });
  const third = environmentWith({ name: "third", "stateBucket.name": "third-state" });
  expect(
    stateBucketsOf([first, second, third]).map(({ id, region, tags }) => ({ id, region, tags })),
  ).toEqual([
    {
      id: "state-bucket-news-api-test-state",
      region: "us-east-1",
      tags: { app: "news-api", environment: "test+other", owner: "platform" },
    },
    {
      id: "state-bucket-third-state",
      region: "us-east-1",
      tags: { app: "news-api", environment: "third" },
    },
  ]);
});
