import { type MigrationReport, text, verdictOf } from "../../../operations/migration/report";
import { page } from "../../../operations/migration/report-page";
import { check, verificationOf } from "../../../operations/migration/verification";

const NAME = `shop."<script>alert('x')</script>"`;

const report: MigrationReport = {
  ...{ environment: "news-api-dev", store: "database", verdict: "differs" },
  ...{ source: "a@b:5432/c", target: "d@e:5432/f" },
  versions: { source: "15.4", target: "17.2" },
  findings: [{ verdict: "warning", name: "grants", message: "left <out>" }],
  verification: verificationOf(
    [
      check("contents", "2 tables", [`${NAME}: 1 rows in the source, 0 rows in the target`]),
      check("sequences", "no sequences", []),
    ],
    [
      { name: "shop.fine", source: "3 rows", target: "3 rows", agrees: true },
      { name: NAME, source: "1 rows", target: "0 rows", agrees: false },
    ],
  ),
  next: ["Do this <now>."],
  timings: { "Dump the source": 1.25, "Verify: read the source": 2, "Copy the tables": 3 },
};

test("the text starts with the differences, and times verification separately", () => {
  const lines = text(report);
  expect(lines).toContain("warning  grants: left <out>");
  expect(lines.indexOf("DIFFERS")).toBeLessThan(lines.indexOf("shop.fine"));
  expect(lines).toContain(`FAILED  contents: 2 tables\n          ${NAME}: 1 rows in the source`);
  expect(lines).toContain("ok      sequences: no sequences");
  expect(lines).toContain(
    "Moved in 4.3 s, verified in 2.0 s.\n\nThe two sides differ.\nDo this <now>.",
  );
});

test("the page has no script, whatever tables are called", () => {
  const html = page(report);
  expect(html).not.toContain("<script");
  expect(html).toContain("&#60;script&#62;");
  expect(html).toContain("<p>Do this &#60;now&#62;.</p>");
  expect(html).toContain('<h1 class="bad">Migration: The two sides differ.</h1>');
});

test("the verdict is that of the worst", () => {
  const { verification } = report;
  const agreeing = verificationOf([check("contents", "", [])], []);
  const refused = { verdict: "refused", name: "", message: "" } as const;
  const warning = { ...refused, verdict: "warning" } as const;
  const lag = { bytes: 0, seconds: 0 };
  expect(verdictOf({ findings: [refused], verification: undefined })).toBe("refused");
  expect(verdictOf({ findings: [], verification: undefined })).toBe("checked");
  expect(verdictOf({ findings: [], verification })).toBe("differs");
  expect(verdictOf({ findings: [warning], verification: agreeing })).toBe("agrees");
  expect(verdictOf({ findings: [warning], verification: undefined, lag })).toBe("follows");
});
