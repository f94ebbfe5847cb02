import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureWritable, removeReport, writeReport } from "../../rehearsal/report";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const report = {
  environment: "news-api-dev",
  passed: true,
  began: "2026-11-23T07:18:00.000Z",
  seconds: 100,
  versions: {},
  leftOut: [],
  steps: [],
};

test("the report is a page for people and the same as JSON", () => {
  expect(writeReport(folder, report)).toBe(join(folder, "rehearsal.html"));
  expect(JSON.parse(readFileSync(join(folder, "rehearsal.json"), "utf8"))).toEqual(report);
});

test("a report is written to a new folder, and not in place of a file", () => {
  ensureWritable(join(folder, "new"));
  ensureWritable(join(folder, "new"));
  writeReport(join(folder, "new"), report);
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(() => ensureWritable(file)).toThrow(
    `The report cannot be written: EEXIST: file already exists, mkdir '${file}'. Make ${file} a folder that you may write to, or remove it.`,
  );
});

test("an earlier report is removed if there is one, and nothing else", () => {
  writeFileSync(join(folder, "other"), "");
  removeReport(folder);
  writeReport(folder, report);
  removeReport(folder);
  expect(readdirSync(folder)).toEqual(["other"]);
});
