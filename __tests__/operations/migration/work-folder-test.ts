import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type State, WorkFolder } from "../../../operations/migration/work-folder";

jest.mock("node:fs", () => ({ ...jest.requireActual("node:fs"), rmSync: jest.fn() }));

const actual = jest.requireActual<typeof import("node:fs")>("node:fs");
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
  jest.mocked(rmSync).mockReset().mockImplementation(actual.rmSync);
  folder = new WorkFolder(join(mkdtempSync(join(tmpdir(), "work-folder-")), "migration"));
  folder.write(state);
  mkdirSync(join(folder.path, "dump"));
  writeFileSync(join(folder.path, "dump", "toc.dat"), "");
});

afterEach(() => actual.rmSync(join(folder.path, ".."), { recursive: true }));

test("it removes the dump and the state", () => {
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

test("killed while it removes the dump, it leaves a state that asks for a new one", () => {
  jest.mocked(rmSync).mockImplementationOnce(() => {
    throw new Error("killed");
  });
  expect(() => folder.remove()).toThrow("killed");
  expect(folder.read()).toEqual({ ...state, dumped: undefined });
});

test("what is not there needs no removal", () => {
  actual.rmSync(folder.path, { recursive: true });
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});
