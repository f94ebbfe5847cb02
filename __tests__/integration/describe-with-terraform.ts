/** Tests that need real Terraform. Without it they are skipped, loudly; with REQUIRE_TERRAFORM=1 they run and fail. */
export function describeWithTerraform(name: string, tests: () => void): void {
  const missing = process.env.MISSING_PREREQUISITES;
  if (missing && process.env.REQUIRE_TERRAFORM !== "1") {
    console.warn(`SKIPPED: ${name}. Missing on this machine: ${missing}`);
    describe.skip(name, tests);
  } else {
    describe(name, tests);
  }
}
