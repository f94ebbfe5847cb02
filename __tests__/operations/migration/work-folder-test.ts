import fs, { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type State, WorkFolder } from "../../../operations/migration/work-folder";

const { rmSync } = fs;
const state: State = {
  selection: {
    ...{ source: "a@b:5432/c", target: "d@e:5432/f" },
    ...{ schemaOnly: false, withGrants: true, excludedTables: [] },
  },
  before: { schemas: [], extensions: [] },
  dumped: true,
};

let folder: WorkFolder;

beforeEach(() => {
  folder = new WorkFolder(join(mkdtempSync(join(tmpdir(), "work-folder-")), "migration"));
  folder.write(state);
  mkdirSync(join(folder.path, "dump"));
  writeFileSync(join(folder.path, "dump", "toc.dat"), "");
});

afterEach(() => rmSync(join(folder.path, ".."), { recursive: true }));

test("it removes the dump and the state", () => {
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

test("killed while it removes the dump, it leaves a state that asks for a new one", () => {
  const killed = jest.spyOn(fs, "rmSync").mockImplementationOnce(() => {
    throw new Error("killed");
  });
  expect(() => folder.remove()).toThrow("killed");
  killed.mockRestore();
  expect(folder.read()).toEqual({ ...state, dumped: undefined });
});

test("a missing folder is already removed", () => {
  rmSync(folder.path, { recursive: true });
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});
