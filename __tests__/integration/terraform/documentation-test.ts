import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { Emulator } from "../../../emulator/emulator";
import { findPython } from "../../../emulator/python";
import { Terraform } from "../../../terraform/terraform";
import { MINIMAL } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";
import { commandLines, pages } from "../pages";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const BUCKET = "news-api-dev-terraform-state";

/** Commands that are not run here, and why. */
const NOT_RUN_HERE: Readonly<Record<string, string>> = {
  "npm ci && npm run synth": ".ci/run runs it on a clean clone",
  "npm ci && npm test": ".ci/run runs it on a clean clone; it runs this test",
  "npm run rehearse": "rehearse-test.ts runs prod, and dev with injected faults",
  "npm run rehearse -- dev": "rehearse-test.ts runs prod, and dev with injected faults",
  "npm run rehearse -- prod": "rehearse-test.ts runs it",
  "npm run rehearse -- --faults 30": "rehearse-test.ts runs it with 10 %",
  "npm run refresh-offers": "refresh-offers-test.ts runs it, in fewer regions",
  "npm run emulator": "it runs until Ctrl-C; emulator-command-test.ts runs it",
  "npm run review -- --base HEAD": "the copy is no git repository; commands/review-test.ts runs it",
  "npm run adopt -- live --database news-api-db --cache news-api-cache --region us-east-1":
    "adopt-test.ts runs it against the chapter's account",
  "npm run connection -- live --set-password-from-stdin": "set-password-test.ts runs it",
  "npm run connection -- dev --test": "connection-checks-test.ts runs it against real servers",
  "npm run connection -- dev --test --json": "connection-checks-test.ts runs it",
  "npm run connection -- dev --test --from task --cluster CLUSTER": "connection-test.ts runs it",
  "npm run drill -- prod --tunnel": "drill-test.ts runs it with a real server",
  "npm run drill -- prod --store database --json": "drill-test.ts runs it",
  "npm run tunnel -- dev": "dev has no bastion; tunnel-test.ts runs it with real servers",
  "npm run tunnel -- dev database -- psql": "tunnel-test.ts runs it",
  "npm run tunnel -- dev cache -- redis-cli": "tunnel-test.ts runs it",
  "npm run tunnel -- dev database --via i-0123456789abcdef0 -- pg_dump -Fc -f news.dump":
    "tunnel-test.ts runs it with psql",
  "npm run migrate -- dev --from SOURCE_URL --check": "migrate-test.ts runs it, with real servers",
  "npm run migrate -- dev --from SOURCE_URL": "migrate-test.ts runs it, with real servers",
  "npm run migrate -- dev --from SOURCE_URL --follow": "migrate-test.ts runs it, with real servers",
  "npm run migrate -- dev --from SOURCE_URL --cut-over":
    "migrate-test.ts runs it, with real servers",
  "npm run migrate -- dev --from SOURCE_URL --stop-following":
    "migrate-test.ts runs it, with real servers",
  "npm run migrate -- dev --from redis://localhost:6379":
    "migrate-test.ts runs it, with real servers",
  "terraform -chdir=cdktf.out/stacks/news-api-dev-cache providers lock -platform=linux_amd64 -platform=darwin_arm64":
    "it asks the public registry for two platforms",
};

/** What a person answers at the prompt, or has in the CLI configuration, is an argument here. */
const ADDED_ARGUMENTS: readonly (readonly [RegExp, string])[] = [
  [/^npx cdktf (deploy|destroy) /, " --auto-approve --skip-provider-lock"],
  [/^npx cdktf diff /, " --skip-provider-lock"],
  [/^npm run (deploy|destroy) /, " --auto-approve"],
  [/ apply$/, " -auto-approve"],
];

/** What a command expects to have happened before. */
const BEFORE: Readonly<Record<string, string>> = {
  [`terraform -chdir=cdktf.out/stacks/state-bucket-${BUCKET} import aws_s3_bucket.state_bucket ${BUCKET}`]: `rm terraform.state-bucket-${BUCKET}.tfstate`,
};

const lines = pages().flatMap((page) =>
  commandLines(page).map((line) => [page.file, line] as const),
);

test("every exception is still in the documentation", () => {
  const all = lines.map(([, line]) => line);
  expect(all).toEqual(
    expect.arrayContaining([...Object.keys(NOT_RUN_HERE), ...Object.keys(BEFORE)]),
  );
});

describeWithTerraform("the commands of README and the guides, in their order", () => {
  const project = new Project();
  const folder = mkdtempSync(join(tmpdir(), "documentation-"));
  let emulator: Emulator;
  let env: Record<string, string>;

  beforeAll(async () => {
    emulator = await Emulator.start({ tls: folder });
    const { env: terraform } = await Terraform.find();
    const { aws } = await findPython(folder, () => {});
    const PATH = [...(aws === "aws" ? [] : [dirname(aws)]), process.env.PATH].join(delimiter);
    env = {
      ...(terraform as Record<string, string>),
      ...emulator.env,
      PATH,
      GROUP: "sg-0123456789abcdef0",
    };
    writeFileSync(project.path("environment.json"), JSON.stringify(MINIMAL));
    cpSync(resolve("docs"), project.path("docs"), { recursive: true });
  });

  afterAll(async () => {
    project.remove();
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(lines.filter(([, line]) => !(line in NOT_RUN_HERE)))("%s: %s", async (_, line) => {
    const [, added = ""] = ADDED_ARGUMENTS.find(([pattern]) => pattern.test(line)) ?? [];
    const before = BEFORE[line] ? `${BEFORE[line]} && ` : "";
    const { exitCode, stdout, stderr } = await project.run(before + line + added, env);
    const said = exitCode === 0 ? "" : stdout + stderr;
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: "" });
  });
});
