import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonWithMoto } from "../../emulator/python";
import { Terraform } from "../../terraform/terraform";

/** Terraform installs the provider that the stacks want, from wherever this machine gets it. */
async function terraformProblem(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "prerequisites-"));
  const aws = { source: "aws", version: ">= 5.100.0, < 7.0.0" };
  writeFileSync(
    join(folder, "main.tf.json"),
    JSON.stringify({ terraform: { required_providers: { aws } } }),
  );
  try {
    const terraform = await Terraform.find();
    const { exitCode, output } = await terraform.run(folder, ["init", "-no-color"], "keep");
    return exitCode === 0 ? undefined : `the AWS provider plugin (${output.trim()})`;
  } catch (error) {
    return `Terraform (${(error as Error).message})`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Finds out once what the tests that need Terraform would miss; they skip, loudly, unless REQUIRE_TERRAFORM=1. */
export default async function prerequisites(): Promise<void> {
  const emulator = (await pythonWithMoto())
    ? undefined
    : 'the emulator (no python3 with moto: pip install "moto[server]")';
  const missing = [await terraformProblem(), emulator].filter((problem) => problem !== undefined);
  process.env.MISSING_PREREQUISITES = missing.join("; ");
}
