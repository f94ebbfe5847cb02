import { writeFileSync } from "node:fs";
import { planned, planOf } from "../../operations/review/planned-resource";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const project = new Project();
const review = (args: string) => project.run(`npm run --silent review -- ${args}`);
const write = (file: string, ...resources: ReturnType<typeof planned>[]) =>
  writeFileSync(project.path(file), JSON.stringify(planOf(...resources)));

afterAll(() => project.remove());

test("saved plans: 0 when nothing is refused, 3 when something is", async () => {
  write("good.json", planned("aws_db_instance", "update", { before: {}, after: {} }));
  write("bad.json", planned("aws_db_instance", "delete", { before: {} }));
  expect(await review("news-api-dev-database --plan good.json")).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = await review(
    "news-api-dev-database --plan bad.json --format json --out review.json",
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "refused: review.json" });
  const { version, verdict, stacks } = JSON.parse(project.read("review.json"));
  expect({ version, verdict }).toEqual({ version: 1, verdict: "refused" });
  expect(stacks[0].findings).toMatchObject([
    { approvalKey: "database: delete aws_db_instance.database", verdict: "refused" },
  ]);
});

test.each([
  ["", "Name an environment or a stack, or use --plan FILE or --base REF."],
  ["--plan none.json", /^none\.json cannot be read: ENOENT/],
  ["--plan package.json", /^package\.json is not the JSON of a plan\./],
  ["--plan good.json", "good.json does not contain the ID of its stack. Name the stack as well."],
  ["--plan good.json --base HEAD", /^--base compares revisions, and --plan reads plans/],
  ["--base no-such-revision", /^git does not know the revision "no-such-revision"/],
])("review %s gives one clear message", async (args, message) => {
  const { exitCode, stderr } = await review(args);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: typeof message === "string" ? message : expect.stringMatching(message),
  });
});

test("a revision is compared with the working tree", async () => {
  const git = "git -c user.name=a -c user.email=a@example.com";
  await project.run(
    `printf 'node_modules\\n*.json.log\\n' > .gitignore && git init -q && git add . && ${git} commit -qm base`,
  );
  expect(await review("--base HEAD")).toMatchObject({ exitCode: 0 });
  const dev = project.read("environments", "dev.ts");
  writeFileSync(
    project.path("environments", "dev.ts"),
    dev.replace('username: "newsadmin"', 'username: "other"'),
  );
  const { exitCode, stdout, stderr } = await review("--base HEAD --format json");
  expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: "" });
  const { stacks } = JSON.parse(stdout);
  expect(stacks.map(({ stack }: { stack: string }) => stack)).toEqual(["news-api-dev-database"]);
  expect(
    stacks[0].findings.map(({ approvalKey }: { approvalKey: string }) => approvalKey),
  ).toContain("database: replace aws_db_instance.database");
});
