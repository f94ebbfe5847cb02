import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { Project, STACKS } from "../project";

jest.setTimeout(1_200_000);

const project = new Project();

afterAll(() => project.remove());

test("npm run synth writes every stack and lists them", async () => {
  const { exitCode, stdout } = await project.run("npm run --silent synth");
  expect(stdout).toBe(`6 stacks in cdktf.out/stacks:\n  ${STACKS.join("\n  ")}`);
  expect(exitCode).toBe(0);
  expect(Object.keys(project.files("cdktf.out")).sort()).toEqual(
    ["cdktf.out/manifest.json", ...STACKS.map((id) => `cdktf.out/stacks/${id}/cdk.tf.json`)].sort(),
  );
});

test("npx cdktf synth writes the same, byte for byte", async () => {
  await project.run("npm run --silent synth");
  const ours = project.files("cdktf.out");
  rmSync(project.path("cdktf.out"), { recursive: true });
  const { exitCode, stdout, stderr } = await project.run("npx cdktf synth");
  expect({ exitCode, output: stdout + stderr }).toMatchObject({ exitCode: 0 });
  expect(project.files("cdktf.out")).toEqual(ours);
});

const GONE = "cdktf.out/stacks/news-api-old-database";
const REMOVED = `Removed the configuration of ${GONE}: no environment has this stack any more.`;
const EXISTS =
  " Any resources that it created still exist in AWS. To find them, run: npm run orphans";

test("a stack without an environment is removed, and Terraform's files of the other stacks stay", async () => {
  await project.run("npm run --silent synth");
  mkdirSync(project.path(GONE, ".terraform"), { recursive: true });
  const backend = { s3: { bucket: "old-states", key: "news-api/old/database.tfstate" } };
  writeFileSync(project.path(GONE, "cdk.tf.json"), JSON.stringify({ terraform: { backend } }));
  writeFileSync(project.path("cdktf.out/stacks/news-api-dev-cache/.terraform.lock.hcl"), "# own");
  const { stdout } = await project.run("npm run --silent synth");
  expect(stdout).toContain(`${REMOVED}${EXISTS} -- --bucket old-states`);
  const files = Object.keys(project.files("cdktf.out"));
  expect(files).toHaveLength(8);
  expect(files).toContain("cdktf.out/stacks/news-api-dev-cache/.terraform.lock.hcl");
});

test("a state that Terraform could not save stays, but its stack can no longer be applied", async () => {
  mkdirSync(project.path(GONE), { recursive: true });
  writeFileSync(project.path(GONE, "cdk.tf.json"), "{ damaged");
  writeFileSync(project.path(GONE, "errored.tfstate"), "precious");
  const { stdout } = await project.run("npm run --silent synth");
  const kept = " Kept, because synth did not write it: errored.tfstate.";
  expect(stdout).toContain(REMOVED + kept + EXISTS);
  expect(project.read(GONE, "errored.tfstate")).toBe("precious");
  expect(existsSync(project.path(GONE, "cdk.tf.json"))).toBe(false);
  rmSync(project.path(GONE), { recursive: true });
});

test("files and links beside the stacks are not stacks, and nothing behind a link is removed", async () => {
  await project.run("npm run --silent synth");
  mkdirSync(project.path("elsewhere"));
  writeFileSync(project.path("elsewhere/metadata.json"), "somebody's");
  writeFileSync(project.path("cdktf.out/stacks/notes.txt"), "somebody's");
  symlinkSync(project.path("elsewhere"), project.path("cdktf.out/stacks/linked"));
  const { exitCode, stdout } = await project.run("npm run --silent synth");
  expect({ exitCode, removed: stdout.includes("Removed") }).toEqual({
    exitCode: 0,
    removed: false,
  });
  expect(project.read("elsewhere/metadata.json")).toBe("somebody's");
  expect(project.read("cdktf.out/stacks/notes.txt")).toBe("somebody's");
  for (const name of ["elsewhere", "cdktf.out/stacks/notes.txt", "cdktf.out/stacks/linked"]) {
    rmSync(project.path(name), { recursive: true });
  }
});

test("a folder that cannot be written gives one clear error, and no incomplete stack", async () => {
  await project.run("npm run --silent synth");
  const before = project.files("cdktf.out");
  const { exitCode, stderr } = await project.run(
    // As root, permissions stop nobody: a file where a folder has to be does.
    "mv cdktf.out/stacks/news-api-prod-cache aside && touch cdktf.out/stacks/news-api-prod-cache && npm run --silent synth",
  );
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^The stacks cannot be written to cdktf\.out: E[A-Z]+: [^\n]*\. Free disk space or make the folder writable, then try again\. Each existing stack is complete, either old or new\.$/,
  );
  await project.run(
    "rm cdktf.out/stacks/news-api-prod-cache && mv aside cdktf.out/stacks/news-api-prod-cache",
  );
  expect(project.files("cdktf.out")).toEqual(before);
});

test("a committed provider lock file is copied beside every stack", async () => {
  writeFileSync(project.path(".terraform.lock.hcl"), "# committed");
  await project.run("npm run --silent synth");
  for (const stack of STACKS) {
    expect(project.read("cdktf.out/stacks", stack, ".terraform.lock.hcl")).toBe("# committed");
  }
  rmSync(project.path(".terraform.lock.hcl"));
});

test("npx cdktf synth --hcl writes what npm run synth -- --hcl writes, byte for byte", async () => {
  rmSync(project.path("cdktf.out"), { recursive: true });
  expect(await project.run("npm run --silent synth -- --hcl")).toMatchObject({ exitCode: 0 });
  const ours = project.files("cdktf.out");
  rmSync(project.path("cdktf.out"), { recursive: true });
  const { exitCode, stdout, stderr } = await project.run("npx cdktf synth --hcl");
  expect({ exitCode, output: stdout + stderr }).toMatchObject({ exitCode: 0 });
  expect(project.files("cdktf.out")).toEqual(ours);
});

test("a stack has one form only, HCL or JSON", async () => {
  const forms = async (line: string) => {
    expect(await project.run(line)).toMatchObject({ exitCode: 0, stderr: "" });
    const stack = "cdktf.out/stacks/news-api-dev-database/";
    return Object.keys(project.files("cdktf.out"))
      .filter((file) => file.startsWith(stack))
      .map((file) => file.slice(stack.length));
  };
  writeFileSync(project.path("cdktf.out/stacks/news-api-dev-database/override.tf"), "# own");
  const hcl = await forms("npm run --silent synth -- --hcl");
  expect(hcl.sort()).toEqual(["cdk.tf", "metadata.json", "override.tf"]);
  const json = await forms("npm run --silent synth");
  expect(json.sort()).toEqual(["cdk.tf.json", "override.tf"]);
});

describe("with a wrong environment", () => {
  const wrong = new Project();
  afterAll(() => wrong.remove());

  test.each(["npm run --silent synth", "npm run --silent plan -- news-api-dev-database"])(
    "%s reports every problem, exits 1 and leaves cdktf.out unchanged",
    async (command) => {
      writeFileSync(wrong.path("environments/dev.ts"), project.read("environments/dev.ts"));
      await wrong.run("npm run --silent synth");
      const before = wrong.files("cdktf.out");
      const text = project.read("environments/dev.ts");
      writeFileSync(
        wrong.path("environments/dev.ts"),
        text.replace("db.t3.micro", "t3.micro").replace('"15"', '"12"'),
      );
      const { exitCode, stdout, stderr } = await wrong.run(command);
      expect({ exitCode, stdout, stderr }).toEqual({
        exitCode: 1,
        stdout: "",
        stderr:
          "2 problems in environment dev:\n" +
          '  database.engineVersion: must be one of 13, 14, 15, 16, 17, 18, or one of their minor versions that RDS offers, such as "15.17"; got: "12". Use a major version such as "15": AWS then chooses and upgrades the minor version.\n' +
          '  database.instanceClass: must be db.<family>.<size>, with a family and size that RDS for PostgreSQL offers; got: "t3.micro". Did you mean "db.t3.micro"?',
      });
      expect(wrong.files("cdktf.out")).toEqual(before);
    },
  );

  test("Terraform is never called", async () => {
    const fake = wrong.path("fake-terraform");
    writeFileSync(fake, '#!/bin/sh\ntouch "$0-was-called"\n', { mode: 0o755 });
    const env = { TERRAFORM_BINARY_NAME: fake };
    const { exitCode } = await wrong.run(
      "npm run --silent plan -- news-api-dev-database; status=$?; npm run --silent synth || exit $status",
      env,
    );
    expect(exitCode).toBe(1);
    expect(existsSync(`${fake}-was-called`)).toBe(false);
    await wrong.run(`${fake} version`);
    expect(existsSync(`${fake}-was-called`)).toBe(true);
  });

  test("nothing is written where nothing existed", async () => {
    rmSync(wrong.path("cdktf.out"), { recursive: true, force: true });
    await wrong.run("npm run --silent synth");
    expect(() => wrong.files("cdktf.out")).toThrow("ENOENT");
  });

  test("npx cdktf synth shows the same problems and leaves cdktf.out unchanged", async () => {
    const { exitCode, stdout, stderr } = await wrong.run("npx cdktf synth");
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toContain("2 problems in environment dev:");
    expect(() => wrong.read("cdktf.out/manifest.json")).toThrow("ENOENT");
  });
});
