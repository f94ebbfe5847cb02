import { Terraform } from "../../../terraform/terraform";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project, STACKS } from "../project";

jest.setTimeout(1_200_000);

describeWithTerraform("real terraform validate with the real AWS provider", () => {
  const project = new Project();
  let terraform: Terraform;

  beforeAll(async () => {
    terraform = await Terraform.find();
    await project.run("npm run --silent synth");
  });

  afterAll(() => {
    project.remove();
  });

  test.each(STACKS)("accepts %s", async (stack) => {
    const folder = project.path("cdktf.out", "stacks", stack);
    const init = await terraform.run(folder, ["init", "-backend=false"], "keep");
    expect(init).toMatchObject({ exitCode: 0 });
    const { stdout } = await terraform.run(folder, ["validate", "-json"], "keep");
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, error_count: 0, warning_count: 0 });
  });
});
