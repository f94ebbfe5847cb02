import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesize } from "../../cli/synth";
import { Emulator } from "../../emulator/emulator";
import { parseEnvironment } from "../../settings/environment";
import { buildApp } from "../../stacks/app";
import { initialize, stackFolder } from "../../terraform/stack-folder";
import { Terraform } from "../../terraform/terraform";

/** What differs from the environment that is deployed. */
export interface Variant {
  readonly stack: string;
  readonly settings: unknown;
  /** Changes the synthesized JSON, for what the settings do not offer. */
  readonly edit?: (json: string) => string;
  /** More arguments of `terraform plan`. */
  readonly args?: readonly string[];
  /** Plan without the state, as somebody who adopts what is there. */
  readonly withoutState?: boolean;
}

/** An environment that is applied once on an emulator, to plan many variants of it. */
export class DeployedEnvironment {
  private readonly folder = mkdtempSync(join(tmpdir(), "deployed-"));

  private constructor(
    readonly emulator: Emulator,
    private readonly terraform: Terraform,
  ) {}

  static async deploy(settings: unknown): Promise<DeployedEnvironment> {
    const environment = parseEnvironment(settings);
    const emulator = await Emulator.start();
    await emulator.createBucket(environment.stateBucket.name);
    const terraform = await Terraform.find({ ...process.env, ...emulator.env });
    const deployed = new DeployedEnvironment(emulator, terraform);
    const { outdir, stacks } = deployed.synthesize(settings, "base");
    const stores = stacks.filter((stack) => !stack.startsWith("state-bucket"));
    await Promise.all(
      stores.map(async (stack) => {
        const folder = stackFolder(outdir, stacks, stack);
        await initialize(terraform, folder, "keep");
        await run(terraform, folder.path, ["apply", "-auto-approve", "-input=false"]);
      }),
    );
    return deployed;
  }

  /** The plan of a variant, as `terraform show -json` prints it. */
  async plan(name: string, variant: Variant): Promise<string> {
    const { outdir } = this.synthesize(variant.settings, name);
    const path = join(outdir, "stacks", variant.stack);
    const file = join(path, "cdk.tf.json");
    const { edit = (json) => json } = variant;
    writeFileSync(file, edit(readFileSync(file, "utf8")));
    const terraform = variant.withoutState
      ? await this.withoutState(file)
      : await this.asDeployed(variant.stack, path);
    const args = ["-lock=false", "-input=false", "-out=saved.plan", ...(variant.args ?? [])];
    await run(terraform, path, ["plan", ...args]);
    return await run(terraform, path, ["show", "-json", "saved.plan"]);
  }

  async stop(): Promise<void> {
    await this.emulator.stop();
    rmSync(this.folder, { recursive: true });
  }

  private synthesize(settings: unknown, name: string) {
    const outdir = mkdtempSync(join(this.folder, `${name.replaceAll(/\W+/g, "-")}-`));
    return synthesize((folder) => buildApp([parseEnvironment(settings)], folder), { outdir });
  }

  /** With the backend and the provider of the deployed stack, so that no variant needs an init. */
  private async asDeployed(stack: string, path: string): Promise<Terraform> {
    const deployed = join(this.base(), "stacks", stack);
    const lock = ".terraform.lock.hcl";
    copyFileSync(join(deployed, lock), join(path, lock));
    return Terraform.find({ ...this.terraform.env, TF_DATA_DIR: join(deployed, ".terraform") });
  }

  private async withoutState(file: string): Promise<Terraform> {
    const json = JSON.parse(readFileSync(file, "utf8"));
    json.terraform.backend = { local: {} };
    writeFileSync(file, JSON.stringify(json));
    await run(this.terraform, join(file, ".."), ["init", "-input=false"]);
    return this.terraform;
  }

  private base(): string {
    const [base = ""] = readdirSync(this.folder).filter((name) => name.startsWith("base-"));
    return join(this.folder, base);
  }
}

async function run(terraform: Terraform, path: string, args: string[]): Promise<string> {
  const { exitCode, output, stdout } = await terraform.run(path, args, "keep");
  if (exitCode !== 0) {
    throw new Error(`terraform ${args.join(" ")} failed in ${path}:\n${output}`);
  }
  return stdout;
}
