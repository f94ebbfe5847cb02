import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { CommandError } from "../../cli/command-error";
import { checkSecretTarget, dotenv, writeSecretFile } from "../../cli/dotenv-file";

const repository = mkdtempSync(join(tmpdir(), "dotenv-"));
const outside = mkdtempSync(join(tmpdir(), "outside-"));
const path = (name: string) => join(repository, name);
const SECRET = "NEW='1'\n";

beforeAll(() => {
  execa.sync("git", ["init", "--quiet"], { cwd: repository });
  writeFileSync(path(".gitignore"), ".env*\n/ignored/\n");
  writeFileSync(path(".env.tracked"), "old");
  writeFileSync(path("tracked.txt"), "old");
  execa.sync("git", ["add", "--force", ".env.tracked", "tracked.txt"], { cwd: repository });
});

afterAll(() => {
  rmSync(repository, { recursive: true });
  rmSync(outside, { recursive: true });
});

const textOf = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : undefined);

test("a file that git ignores gets the secrets, for its owner only", () => {
  writeFileSync(path(".env"), "a longer old text", { mode: 0o644 });
  writeSecretFile(SECRET, path(".env"));
  expect(textOf(path(".env"))).toBe(SECRET);
  expect(statSync(path(".env")).mode & 0o777).toBe(0o600);
});

test("so does a file outside any repository", () => {
  writeSecretFile(SECRET, join(outside, "secrets"));
  expect(textOf(join(outside, "secrets"))).toBe(SECRET);
});

const TRACKED = ["secrets.txt", ".env.tracked", "-q", "--quiet", ":!z.txt", ":(top).env", "*.txt"];

test.each(TRACKED)("%s, which git tracks or would track, does not", (name) => {
  const before = textOf(path(name));
  expect(() => writeSecretFile(SECRET, path(name))).toThrow(
    `git does not ignore ${path(name)}. Add it to .gitignore, or write to a folder outside the repository.`,
  );
  expect(textOf(path(name))).toBe(before);
});

test.each(["", "new/"])('"%s" does not name a file', (file) => {
  expect(() => checkSecretTarget(file)).toThrow(
    `"${file}" does not name a file. Name a regular file.`,
  );
});

test("a file that cannot be written gives one clear error", () => {
  // A name may have 255 bytes. As root, permissions stop nobody.
  const file = join(outside, "x".repeat(256));
  expect(() => writeSecretFile(SECRET, file)).toThrow(CommandError);
  expect(() => writeSecretFile(SECRET, file)).toThrow(/cannot be written completely: ENAMETOOLONG/);
});

test("an ignored link to a tracked file does not", () => {
  symlinkSync(path("tracked.txt"), path(".env.link"));
  expect(() => writeSecretFile(SECRET, path(".env.link"))).toThrow(
    `${path(".env.link")} is a symbolic link. Name a regular file.`,
  );
  writeFileSync(path("other.txt"), "old");
  linkSync(path("other.txt"), path(".env.hard"));
  expect(() => writeSecretFile(SECRET, path(".env.hard"))).toThrow(
    `${path(".env.hard")} has another name (a hard link). Name another file.`,
  );
  expect(textOf(path("tracked.txt"))).toBe("old");
});

test("a linked folder counts as its target", () => {
  symlinkSync(repository, join(outside, "link"));
  expect(() => writeSecretFile(SECRET, join(outside, "link", "secrets.txt"))).toThrow(
    "git does not ignore",
  );
});

test.each(["/dev/null", "folder"])("%s, which is no file, does not", (name) => {
  mkdirSync(path("folder"), { recursive: true });
  const file = name.startsWith("/") ? name : path(name);
  const { mode } = statSync(file);
  expect(() => writeSecretFile(SECRET, file)).toThrow(
    `${file} is a folder or device. Name a regular file.`,
  );
  expect(statSync(file).mode).toBe(mode);
});

test("a folder that does not exist gives one clear message", () => {
  expect(() => writeSecretFile(SECRET, path("nowhere/.env"))).toThrow(
    `There is no folder ${path("nowhere")}. Create it, or name another file.`,
  );
});

describe.each([
  ["GIT_DIR", { GIT_DIR: "/nonexistent" }],
  ["GIT_WORK_TREE", { GIT_WORK_TREE: "/" }],
  ["no git on the PATH", { PATH: "/nonexistent" }],
])("with %s", (_, env) => {
  const before = { ...process.env };

  afterEach(() => {
    process.env = { ...before };
  });

  test("a tracked file is still refused", () => {
    process.env = { ...before, ...env };
    expect(() => writeSecretFile(SECRET, path("tracked.txt"))).toThrow("git does not ignore");
    expect(textOf(path("tracked.txt"))).toBe("old");
  });
});

test.each(["a'b", "a\nb", "a\rb", "a\0b"])(
  "a value that no dotenv file can hold is refused (%j)",
  async (value) => {
    await expect(
      dotenv({ secrets: [], environment: [{ name: "DATABASE_URL", value }] }, {}),
    ).rejects.toThrow(
      "The value of DATABASE_URL has a quote, a line break or a NUL character, which a dotenv file cannot contain. Read the secret with the AWS SDK instead.",
    );
  },
);
