import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { adviceFor } from "../../../terraform/stack-folder";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(1_200_000);

/** The first character of a color code. */
const ESCAPE = "\u001b";
const BUCKET_STACK = "state-bucket-news-api-dev-terraform-state";

/** Starts a command, and waits for the line that says it is ready. */
async function started(project: Project, line: string, ready: RegExp): Promise<ChildProcess> {
  const child = spawn("bash", ["-c", `exec ${line}`], { cwd: project.folder, detached: true });
  for await (const text of createInterface(child.stdout as NodeJS.ReadableStream)) {
    if (ready.test(text)) {
      return child;
    }
  }
  throw new Error(`${line} ended before it was ready`);
}

describeWithTerraform("npm run emulator", () => {
  const project = new Project();
  let emulator: ChildProcess;

  beforeAll(async () => {
    emulator = await started(project, "npm run --silent emulator", /^ {2}source /);
  });

  afterAll(() => project.remove());

  /** As in another terminal. */
  const typed = async (line: string) => {
    const { exitCode, stdout, stderr } = await project.run(
      `source rehearsal.out/emulator.sh && ${line}`,
    );
    return { exitCode, stdout, said: exitCode === 0 ? "" : stdout + stderr };
  };

  test("a newcomer deploys, inspects, plans and destroys without an account", async () => {
    const passed = { exitCode: 0, said: "" };
    expect(await typed(`npm run --silent deploy -- ${BUCKET_STACK} --auto-approve`)).toMatchObject(
      passed,
    );
    expect(
      await typed("npm run --silent deploy -- news-api-dev-cache --auto-approve"),
    ).toMatchObject(passed);
    const looked = await typed(
      "aws elasticache describe-cache-clusters --query 'CacheClusters[].CacheClusterId' --output text",
    );
    expect(looked).toMatchObject({ ...passed, stdout: "news-api-cache" });
    const planned = await typed("FORCE_COLOR=1 npm run --silent plan -- dev");
    expect(planned).toMatchObject(passed);
    expect(planned.stdout).toMatch(
      /news-api-dev-database\s*│ Plan: \d+ to add, 0 to change, 0 to destroy\./,
    );
    expect(planned.stdout).toMatch(/news-api-dev-cache\s*│ No changes\./);
    expect(planned.stdout).toContain(ESCAPE);
    const plain = await typed("NO_COLOR=1 npm run --silent plan -- news-api-dev-cache");
    expect(plain).toMatchObject(passed);
    expect(plain.stdout).not.toContain(ESCAPE);
    expect(
      await typed("npm run --silent destroy -- news-api-dev-cache --auto-approve"),
    ).toMatchObject(passed);
  });

  test("deploy says what to do when Terraform cannot ask for approval", async () => {
    const { exitCode, said } = await typed("npm run --silent deploy -- dev < /dev/null");
    expect(exitCode).toBe(1);
    expect(said).toMatch(/run the command in a terminal, or add --auto-approve\.$/);
  });

  test("the AWS CLI reaches RDS, which ignores AWS_ENDPOINT_URL", async () => {
    expect(
      await typed("aws rds describe-db-instances --query DBInstances --output text"),
    ).toMatchObject({ exitCode: 0, said: "" });
  });

  test("a second one does not take over the file of the first", async () => {
    const file = project.read("rehearsal.out/emulator.sh");
    const { exitCode, stderr } = await project.run("npm run --silent emulator");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        "rehearsal.out/emulator.sh exists: another emulator uses it, or was killed. Stop that emulator with Ctrl-C, or remove the file.",
    });
    expect(project.read("rehearsal.out/emulator.sh")).toBe(file);
  });

  test("Ctrl-C ends it and leaves nothing", async () => {
    const ended = once(emulator, "exit");
    process.kill(-(emulator.pid as number), "SIGINT");
    await ended;
    expect(existsSync(project.path("rehearsal.out/emulator.sh"))).toBe(false);
  });
});

test("over plain HTTP, the message says why the state bucket refuses the request", () => {
  const folder = { stack: "s", path: "p", stateBucket: "states" };
  expect(adviceFor("StatusCode: 403", folder, "http://127.0.0.1:5000")).toBe(
    "The state bucket states refuses plain HTTP. Use an endpoint with TLS: npm run emulator serves one.",
  );
});

test("a name that is neither a stack nor an environment gives one clear message", async () => {
  const project = new Project();
  for (const command of ["plan", "deploy", "destroy"]) {
    const { exitCode, stderr } = await project.run(`npm run --silent ${command} -- stage`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^There is no stack or environment "stage"\. Use a stack:\n/);
    expect(stderr).toMatch(/\nor an environment:\n {2}news-api-dev\n {2}news-api-prod$/);
  }
  project.remove();
});
