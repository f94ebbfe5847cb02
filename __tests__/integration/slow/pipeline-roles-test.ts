import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(1_800_000);

describeWithTerraform("the roles of a pipeline", () => {
  test.each(["dev", "prod"])("plan and apply %s, and allow nothing else", async (environment) => {
    const project = new Project();
    const { exitCode, stdout, stderr } = await project.run(
      `npm run --silent rehearse -- ${environment} --only permissions`,
      { CI: "true" },
    );
    expect({ exitCode, said: exitCode === 0 ? "" : stdout + stderr }).toEqual({
      exitCode: 0,
      said: "",
    });
    project.remove();
  });
});
