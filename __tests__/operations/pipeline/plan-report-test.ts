import { joinedReports } from "../../../operations/pipeline/joined-reports";
import { planReport } from "../../../operations/pipeline/plan-report";

const change = (address: string, ...actions: string[]) => ({
  address,
  change: { actions, before: { password: "secret-value" }, after: { password: "secret-value" } },
});

test("a report counts the actions, and names addresses and no values", () => {
  const report = planReport("shop-live-database", {
    resource_changes: [
      change("aws_db_instance.database", "delete", "create"),
      change("aws_security_group.database_access", "create"),
      change("data.aws_vpc.vpc", "read"),
      change("aws_kms_key.data", "no-op"),
      change("aws_cloudwatch_log_group.old", "delete"),
    ],
  });
  expect(report).toBe(
    [
      "### shop-live-database: 1 to replace, 1 to create, 1 to delete",
      "",
      "| resource | action |",
      "| --- | --- |",
      "| `aws_db_instance.database` | **replace** (delete, create) |",
      "| `aws_security_group.database_access` | create |",
      "| `aws_cloudwatch_log_group.old` | **delete** |",
      "",
    ].join("\n"),
  );
});

test("a report without changes says so", () => {
  expect(planReport("shop-live-cache", {})).toBe("### shop-live-cache: no changes\n");
});

test("a report of any plan stays short", () => {
  const resource_changes = Array.from({ length: 1000 }, (_, index) =>
    change(`aws_security_group.${"a".repeat(200)}${index}`, "create"),
  );
  const report = planReport("shop-live-cache", { resource_changes });
  expect(report.length).toBeLessThan(30_000);
  expect(report).toContain("and 900 more");
});

test("reports that fit are joined, and the others are named", () => {
  const report = (name: string, length: number) => ({ name, text: `${name}${"x".repeat(length)}` });
  expect(joinedReports([report("a", 2), report("b", 1)])).toBe("axx\n\nbx");
  const long = joinedReports([report("a", 40_000), report("b", 40_000), report("c", 10)]);
  expect(long.length).toBeLessThan(65_536);
  expect(long).toMatch(/^ax+\n\ncx+\n\nToo long for this page; in the artifacts of the run: b$/);
});
