import execa from "execa";
import { Terraform } from "../../../terraform/terraform";
import { Project, STACKS } from "../project";

jest.setTimeout(1_200_000);

const hasTofu = !execa.sync("tofu", ["version"], { reject: false }).failed;
const suite = hasTofu || process.env.REQUIRE_TOFU === "1" ? describe : describe.skip;
if (suite === describe.skip) {
  console.warn("SKIPPED: OpenTofu. There is no `tofu` on the PATH; install OpenTofu >= 1.11.");
}

suite("OpenTofu, with TERRAFORM_BINARY_NAME=tofu", () => {
  const env = { TERRAFORM_BINARY_NAME: "tofu" };
  const project = new Project();
  afterAll(() => project.remove());

  test.each(["json", "hcl"])("accepts every stack as %s", async (form) => {
    const synth = `npm run --silent synth${form === "hcl" ? " -- --hcl" : ""}`;
    expect(await project.run(synth, env)).toMatchObject({ exitCode: 0 });
    const tofu = await Terraform.find({ ...process.env, ...env });
    expect(tofu.binary).toBe("tofu");
    for (const stack of STACKS) {
      const folder = project.path("cdktf.out", "stacks", stack);
      const init = await tofu.run(folder, ["init", "-backend=false", "-no-color"], "keep");
      expect(init.exitCode === 0 ? "" : init.output).toBe("");
      const { stdout } = await tofu.run(folder, ["validate", "-json"], "keep");
      expect(JSON.parse(stdout)).toMatchObject({ valid: true, error_count: 0, warning_count: 0 });
    }
  });

  test("is what npm run plan runs", async () => {
    const { stdout } = await project.run("npm run --silent plan -- news-api-dev-cache", {
      ...env,
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_ACCESS_KEY_ID: "none",
      AWS_SECRET_ACCESS_KEY: "none",
      AWS_MAX_ATTEMPTS: "1",
    });
    expect(stdout).toContain("$ tofu -chdir=");
  });
});
