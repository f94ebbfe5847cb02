import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { Project, STACKS } from "./project";

jest.setTimeout(120_000);

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

test("a stack that no environment has any more is removed, and what Terraform keeps beside the others stays", async () => {
  await project.run("npm run --silent synth");
  mkdirSync(project.path("cdktf.out/stacks/news-api-old-database"));
  writeFileSync(project.path("cdktf.out/stacks/news-api-dev-cache/.terraform.lock.hcl"), "# own");
  const { stdout } = await project.run("npm run --silent synth");
  expect(stdout).toContain(
    "Removed cdktf.out/stacks/news-api-old-database: no environment has it any more. What it made in AWS, if anything, is still there.",
  );
  const files = Object.keys(project.files("cdktf.out"));
  expect(files).toHaveLength(8);
  expect(files).toContain("cdktf.out/stacks/news-api-dev-cache/.terraform.lock.hcl");
});

test("a committed provider lock file is laid beside every stack", async () => {
  writeFileSync(project.path(".terraform.lock.hcl"), "# committed");
  await project.run("npm run --silent synth");
  for (const stack of STACKS) {
    expect(project.read("cdktf.out/stacks", stack, ".terraform.lock.hcl")).toBe("# committed");
  }
  rmSync(project.path(".terraform.lock.hcl"));
});

test("npx cdktf synth --hcl is refused, and leaves the JSON as it was", async () => {
  await project.run("npm run --silent synth");
  const before = project.files("cdktf.out");
  const { exitCode, stdout, stderr } = await project.run("npx cdktf synth --hcl");
  expect(exitCode).not.toBe(0);
  expect(stdout + stderr).toContain(
    "HCL is not offered: cdktf 0.21 cannot write ephemeral blocks as HCL. Synthesise without --hcl; Terraform reads the JSON as it is.",
  );
  expect(project.files("cdktf.out")).toEqual(before);
});

describe("with a wrong environment", () => {
  const wrong = new Project();
  afterAll(() => wrong.remove());

  test.each(["npm run --silent synth", "npm run --silent plan -- news-api-dev-database"])(
    "%s says all that is wrong, exits 1 and leaves cdktf.out as it was",
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
          '  database.engineVersion: must be one of 13, 14, 15, 16, 17, 18, or a minor of one such as "15.4"; got: "12". Write a major such as "15": AWS then picks and upgrades the minor.\n' +
          '  database.instanceClass: must be db.<family>.<size> of a family that RDS for PostgreSQL has; got: "t3.micro". Did you mean "db.t3.micro"?',
      });
      expect(wrong.files("cdktf.out")).toEqual(before);
    },
  );

  test("Terraform is never called", async () => {
    const fake = wrong.path("terraform");
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

  test("nothing at all is written where nothing was", async () => {
    rmSync(wrong.path("cdktf.out"), { recursive: true, force: true });
    await wrong.run("npm run --silent synth");
    expect(() => wrong.files("cdktf.out")).toThrow("ENOENT");
  });

  test("npx cdktf synth shows the same problems and leaves cdktf.out as it was", async () => {
    const { exitCode, stdout, stderr } = await wrong.run("npx cdktf synth");
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toContain("2 problems in environment dev:");
    expect(() => wrong.read("cdktf.out/manifest.json")).toThrow("ENOENT");
  });
});
