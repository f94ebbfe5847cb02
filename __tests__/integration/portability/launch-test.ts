import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const NOBODY = 65_534;
const CACHE = "node_modules/.cache/managed-data-stores";
const BUNDLE = `${CACHE}/main.ts`;
const COPIED = ["picocolors", "esbuild"];

/** A project with a cache of its own: its packages are links, except those that a test may edit. */
class ProjectWithCache extends Project {
  constructor() {
    super();
    const packages = realpathSync(this.path("node_modules"));
    rmSync(this.path("node_modules"));
    mkdirSync(this.path("node_modules"));
    for (const name of readdirSync(packages).filter((entry) => entry !== ".cache")) {
      const [from, to] = [join(packages, name), this.path("node_modules", name)];
      COPIED.includes(name) ? cpSync(from, to, { recursive: true }) : symlinkSync(from, to);
    }
  }

  async synth(env?: Readonly<Record<string, string>>) {
    return this.run("npm run --silent synth", env);
  }

  prepend(line: string, file: string): void {
    writeFileSync(this.path(file), `${line}\n${this.read(file)}`);
  }
}

let project: ProjectWithCache;

beforeEach(async () => {
  project = new ProjectWithCache();
  expect(await project.synth()).toMatchObject({ exitCode: 0, stderr: "" });
  expect(readdirSync(project.path(CACHE))).toEqual(["main.ts"]);
});

afterEach(() => project.remove());

const bundle = () => readFileSync(project.path(BUNDLE));

test("the bundle is reused as long as nothing changes", async () => {
  const before = bundle();
  expect(await project.synth()).toMatchObject({ exitCode: 0 });
  expect(bundle().equals(before)).toBe(true);
});

test.each([
  "environments/dev.ts",
  "settings/environment.ts",
  "main.ts",
  "node_modules/picocolors/picocolors.js",
])("an edit of %s takes effect at once", async (file) => {
  project.prepend('console.log("edited");', file);
  expect((await project.synth()).stdout).toMatch(/^edited\n/);
  expect((await project.synth()).stdout).toMatch(/^edited\n/);
});

test("another release of esbuild, and other compiler options, make a new bundle", async () => {
  for (const file of ["node_modules/esbuild/package.json", "tsconfig.json", "cli/launch.js"]) {
    const before = bundle();
    project.prepend("", file);
    await project.synth();
    expect(bundle().equals(before)).toBe(false);
  }
});

test("an environment that is added or removed takes effect at once", async () => {
  const stage = project
    .read("environments/dev.ts")
    .replace('name: "dev"', 'name: "stage"')
    .replace('"news-api-db"', '"news-api-stage-db"')
    .replace('"news-api-cache"', '"news-api-stage-cache"');
  writeFileSync(project.path("environments/stage.ts"), stage);
  expect(await project.synth()).toMatchObject({
    stderr: "",
    stdout: expect.stringContaining("news-api-stage-database"),
  });
  rmSync(project.path("environments/stage.ts"));
  expect(await project.synth()).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("6 stacks"),
  });
});

test("a damaged bundle is replaced", async () => {
  writeFileSync(project.path(BUNDLE), bundle().subarray(0, 1000));
  expect(await project.synth()).toMatchObject({ exitCode: 0, stderr: "" });
  expect(bundle().length).toBeGreaterThan(1000);
});

test("concurrent commands may build the same bundle", async () => {
  rmSync(project.path(CACHE), { recursive: true });
  const runs = await Promise.all(
    ["a", "b", "c", "d"].map((folder) => project.synth({ CDKTF_OUTDIR: project.path(folder) })),
  );
  expect(runs.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
    Array(4).fill({ exitCode: 0, stderr: "" }),
  );
  expect(readdirSync(project.path(CACHE))).toEqual(["main.ts"]);
});

test("a command works where it may not write its cache", async () => {
  rmSync(project.path(CACHE), { recursive: true });
  chmodSync(project.folder, 0o755);
  chmodSync(project.path("node_modules/.cache"), 0o555);
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY } : {};
  const out = join(tmpdir(), `launch-test-${process.pid}`);
  mkdirSync(out);
  chmodSync(out, 0o777);
  const { exitCode, stdout, stderr } = await execa("node", ["cli/launch.js", "main.ts"], {
    cwd: project.folder,
    env: { CDKTF_OUTDIR: out },
    reject: false,
    ...asNobody,
  });
  rmSync(out, { recursive: true });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("news-api-dev-database");
  expect(readdirSync(project.path("node_modules/.cache"))).toEqual([]);
});

test("a defect is reported with the lines of the sources", async () => {
  project.prepend("\n\nnull.defect;", "environments/dev.ts");
  for (const _ of ["built", "cached"]) {
    const { exitCode, stderr } = await project.synth();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("TypeError: Cannot read properties of null");
    expect(stderr).toContain(`${realpathSync(project.path("environments/dev.ts"))}:3:6`);
    expect(stderr).toMatch(/cli\/environment-files\.ts:\d+:\d+/);
  }
});

test("a source that cannot be read as TypeScript is reported with its line", async () => {
  project.prepend("\n\nconst = 1;", "environments/dev.ts");
  const { exitCode, stderr } = await project.synth();
  expect(exitCode).toBe(1);
  expect(stderr).toContain("environments/dev.ts:3:6");
  expect(stderr).not.toContain("    at ");
});

test("a message about a token says how to see where it was created", async () => {
  const failing =
    'new TerraformOutput(stack, "x", { value: Lazy.anyValue({ produce: () => null.x }) });';
  const edited = project
    .read("stacks/app.ts")
    .replace("  return app;", "  fail(app.node.children[0]);\n$&");
  writeFileSync(
    project.path("stacks/app.ts"),
    `${edited}import { Lazy, TerraformOutput } from "cdktf";\nconst fail = (stack: never) => ${failing}\n`,
  );
  const { exitCode, stderr } = await project.synth();
  expect(exitCode).toBe(1);
  expect(stderr).toContain("(not recorded; to see it: node --import tsx main.ts)");
});

test("an asset that is an archive is packed", async () => {
  const asset = 'new TerraformAsset(app.node.children[0]!, "asset", { path: FOLDER, type: 2 });';
  const edited = project.read("stacks/app.ts").replace("  return app;", `  ${asset}\n$&`);
  const folder = JSON.stringify(project.path("controls"));
  writeFileSync(
    project.path("stacks/app.ts"),
    `${edited}import { TerraformAsset } from "cdktf";\nconst FOLDER = ${folder};\n`,
  );
  expect(await project.synth()).toMatchObject({ exitCode: 0, stderr: "" });
  const files = readdirSync(project.path("cdktf.out"), { recursive: true }).map(String);
  expect(files.filter((file) => file.endsWith("archive.zip"))).toHaveLength(1);
});
