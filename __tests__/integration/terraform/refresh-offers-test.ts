import { writeFileSync } from "node:fs";
import { Emulator } from "../../../emulator/emulator";
import type { Offers } from "../../../settings/aws/offers";
import offers from "../../../settings/aws/offers.json";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const FILE = "settings/aws/offers.json";

describeWithTerraform("npm run refresh-offers", () => {
  const project = new Project();
  const before = project.read(FILE);

  afterAll(() => project.remove());

  /** Runs the command in an account that offers what a table says. */
  async function refresh(table: Offers, args = "") {
    writeFileSync(project.path("aws.json"), JSON.stringify(table));
    const emulator = await Emulator.start({ env: { EMULATOR_OFFERS: project.path("aws.json") } });
    try {
      return await project.run(`npm run --silent refresh-offers -- ${args}`, emulator.env);
    } finally {
      await emulator.stop();
    }
  }

  const withoutDate = (text: string) => text.replace(/"date": "[0-9-]+"/, "");

  test("if AWS has changed nothing, only the date changes", async () => {
    const { exitCode, stdout, stderr } = await refresh(offers, "--region us-east-1 ap-southeast-4");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/us-east-1: \d+ DB instance classes/);
    expect(stdout).toMatch(/Wrote settings\/aws\/offers\.json from (\d+) of \1 regions\./);
    expect(withoutDate(project.read(FILE))).toBe(withoutDate(before));
  });

  test("a new minor version, a new family and a withdrawn version show in the table and in validation", async () => {
    const { postgres, regions } = offers as Offers;
    const { exitCode, stdout } = await refresh({
      ...(offers as Offers),
      postgres: { ...postgres, 15: { offered: [16, 17, 18], withdrawn: [10] } },
      dbFamilies: { m9g: ["large"], t3: ["micro"], t4g: ["micro"] },
      regions: {
        ...Object.fromEntries(Object.keys(regions).map((region) => [region, ["m9g", "t3", "t4g"]])),
        "us-east-1": ["m9g", "t4g"],
      },
    });
    expect(stdout).toMatch(/from (\d+) of \1 regions\./);
    expect(exitCode).toBe(0);
    const after = JSON.parse(project.read(FILE)) as Offers;
    expect(after.postgres[15]?.offered).toEqual([16, 17, 18]);
    expect(after.postgres[15]?.withdrawn).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(after.regions["us-east-1"]).toEqual(["m9g", "t4g"]);
    const { exitCode: validated, stderr } = await project.run(
      "npm run --silent validate -- environments/dev.ts",
    );
    expect(validated).toBe(1);
    expect(stderr).toContain(
      'must be an instance class that RDS for PostgreSQL offers in us-east-1; got: "db.t3.micro"',
    );
  });

  test("without an answer nothing is written", async () => {
    const text = project.read(FILE);
    const { exitCode, stderr } = await project.run("npm run --silent refresh-offers", {
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "a",
      AWS_REGION: "us-east-1",
      AWS_MAX_ATTEMPTS: "1",
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^The regions cannot be listed: .* Log in and set AWS_REGION/);
    expect(project.read(FILE)).toBe(text);
  });
});
