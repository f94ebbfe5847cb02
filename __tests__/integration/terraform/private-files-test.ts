import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initialize, stackFolder } from "../../../terraform/stack-folder";
import { Terraform } from "../../../terraform/terraform";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

const STACK = "state-bucket-states";

describeWithTerraform("files with sensitive values", () => {
  const outdir = mkdtempSync(join(tmpdir(), "private-files-"));
  const path = join(outdir, "stacks", STACK);
  const state = join(outdir, `terraform.${STACK}.tfstate`);
  let umask: number;

  beforeAll(() => {
    umask = process.umask(0o022);
    mkdirSync(path, { recursive: true });
    const configuration = {
      terraform: { backend: { local: { path: `../../terraform.${STACK}.tfstate` } } },
      resource: { terraform_data: { bucket: { input: "${uuid()}" } } },
    };
    writeFileSync(join(path, "cdk.tf.json"), JSON.stringify(configuration));
  });

  afterAll(() => {
    process.umask(umask);
    rmSync(outdir, { recursive: true });
  });

  const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

  async function run(...args: string[]): Promise<void> {
    const result = await (await Terraform.find()).run(path, args, "keep");
    expect(result).toMatchObject({ exitCode: 0 });
  }

  async function initialized(): Promise<void> {
    await initialize(await Terraform.find(), stackFolder(outdir, [STACK], STACK), "keep");
  }

  test("a saved plan and a local state are readable only by their owner, whatever the umask", async () => {
    await initialized();
    await run("plan", "-out=saved.plan");
    await run("apply", "saved.plan");
    expect([join(path, "saved.plan"), state].map(modeOf)).toEqual(["600", "600"]);
    expect(process.umask()).toBe(0o022);
  });

  test.each(["-out=saved.plan", "-out saved.plan", "--out=saved.plan"])(
    "%s makes a plan private that was readable by others",
    async (out) => {
      chmodSync(join(path, "saved.plan"), 0o644);
      await run("plan", ...out.split(" "));
      expect(modeOf(join(path, "saved.plan"))).toBe("600");
    },
  );

  test("a state and its backup that others could read are made private by the next init", async () => {
    await run("apply", "-auto-approve");
    const files = [state, `${state}.backup`];
    for (const file of files) {
      chmodSync(file, 0o644);
    }
    await initialized();
    expect(files.map(modeOf)).toEqual(["600", "600"]);
  });
});
