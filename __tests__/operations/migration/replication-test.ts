import { loginOf } from "../../../operations/migration/database/login";
import {
  connectionString,
  replicationNameFor,
} from "../../../operations/migration/database/replication";
import { nextSteps } from "../../../operations/migration/next-steps";
import { check, verificationOf } from "../../../operations/migration/verification";

const login = (url: string) =>
  loginOf({ side: "source", applicationName: "npm run migrate test" }, "--from", url);

test("the name belongs to the data store, and is one of a slot", () => {
  expect(replicationNameFor("news-api-dev-database")).toBe("migrate_news_api_dev_database");
  expect(replicationNameFor(`a${"-b".repeat(40)}`)).toMatch(/^[a-z0-9_]{63}$/);
});

test.each([
  [
    "postgresql://newsuser:it%27s%5C%20so@db.example.com:5433/newsdb?sslmode=require",
    "host='db.example.com' port='5433' user='newsuser' password='it\\'s\\\\ so' dbname='newsdb' sslmode='require' connect_timeout='10'",
  ],
  [
    "postgresql://newsuser@db.example.com/newsdb",
    "host='db.example.com' port='5432' user='newsuser' dbname='newsdb' sslmode='prefer' connect_timeout='10'",
  ],
  [
    "postgresql://newsuser@db.example.com/newsdb?sslmode=verify-full&sslrootcert=/here/ca.pem",
    "host='db.example.com' port='5432' user='newsuser' dbname='newsdb' sslmode='require' connect_timeout='10'",
  ],
])("the target connects to %s by %s", (url, text) => {
  const source = login(url);
  expect(connectionString(source, source)).toBe(text);
});

test("the target may reach the source at another address", () => {
  const source = login("postgresql://newsuser@localhost:6000/newsdb");
  expect(connectionString(source, { host: "10.0.0.5", port: 5432 })).toContain(
    "host='10.0.0.5' port='5432' user='newsuser'",
  );
});

describe("the next steps", () => {
  const result = {
    versions: { source: "15.18", target: "15.18" },
    ...{ findings: [], verification: undefined, timings: {} },
  };
  const place = {
    environment: "dev",
    secret: {
      name: "DATABASE_URL",
      valueFrom: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:url",
    },
  };
  const verification = (differences: string[]) =>
    verificationOf([check("contents", "", differences)], []);

  test("name the two ends of following", () => {
    const steps = nextSteps({ ...result, lag: { bytes: 0, seconds: 0 } }, place).join("\n");
    expect(steps).toContain("The target is behind by 0 KiB, 0 s.");
    expect(steps).toContain("--cut-over instead of --follow");
    expect(steps).toContain("--stop-following");
  });

  test("after a cut-over name the secret of the URL", () => {
    const done = { ...result, refusedSeconds: 1.234, verification: verification([]) };
    expect(nextSteps(done, place)).toEqual([
      "The target had everything 1.2 s after the source refused the first write.",
      "The new URL is DATABASE_URL in arn:aws:secretsmanager:eu-west-1:123456789012:secret:url. npm run connection -- dev prints how the application gets it.",
      "The source stays read-only. When the application has moved, delete the source. To write to it again: ALTER DATABASE … RESET default_transaction_read_only.",
    ]);
  });

  test("say how to go back when the two sides differ", () => {
    const done = { ...result, refusedSeconds: 1, verification: verification(["one"]) };
    expect(nextSteps(done, place)[1]).toContain(
      "If it has not, --stop-following lets the source accept writes again.",
    );
  });

  test("are none for a dump", () => {
    expect(nextSteps({ ...result, verification: verification([]) }, place)).toEqual([]);
  });
});
