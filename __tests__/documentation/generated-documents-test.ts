import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { generatedDocuments } from "../../documentation/generated-documents";

const ROOT = resolve(__dirname, "..", "..");
const documents = generatedDocuments();

test.each(Object.keys(documents))("%s is what `npm run docs` writes", (file) => {
  expect(readFileSync(join(ROOT, file), "utf8")).toBe(documents[file]);
});

test("the settings reference gives every setting a purpose", () => {
  const rows = (documents["docs/settings.md"] ?? "").match(/^\| `.*$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => /\| *\|$/.test(row))).toEqual([]);
});

test("a row names type, rule, default, purpose and source", () => {
  expect(documents["docs/settings.md"]).toContain(
    "| `backupRetentionDays` | a whole number of days from 0 to 35 | `30` | How long RDS keeps automated backups, which point-in-time restore needs. 0 turns them off and requires a reason. [AWS](https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html) |",
  );
});
