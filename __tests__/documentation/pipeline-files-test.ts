import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const CI = join(__dirname, "../../docs/ci");
const WORKFLOWS = readdirSync(join(CI, "github"));

const textOf = (file: string) => readFileSync(join(CI, file), "utf8");

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly {
    readonly run?: string;
    readonly uses?: string;
    readonly with?: Record<string, unknown>;
  }[];
}

const jobsOf = (file: string) => Object.entries<Job>(parse(textOf(`github/${file}`)).jobs);
const JOBS = WORKFLOWS.flatMap((file) =>
  jobsOf(file).map(([name, job]) => [file, name, job] as const),
);

test.each(WORKFLOWS)("%s grants no permissions by default", (file) => {
  expect(parse(textOf(`github/${file}`)).permissions).toEqual({});
});

test.each(JOBS)(
  "%s: the job %s has few permissions, a limit, and actions pinned to commits",
  (_, __, job) => {
    const { contents, ...more } = job.permissions ?? {};
    expect(contents).toBe("read");
    expect([
      {},
      { "id-token": "write" },
      { "pull-requests": "write" },
      { issues: "write" },
    ]).toContainEqual(more);
    expect(job["timeout-minutes"]).toBeGreaterThan(0);
    for (const { uses = "", run = "" } of job.steps) {
      expect(uses).toMatch(/^$|^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      // An expression inside a script would run what somebody wrote into a branch's name.
      expect(run).not.toContain("${{");
    }
  },
);

test("an action is pinned to the same commit everywhere", () => {
  const used = JOBS.flatMap(([, , { steps }]) => steps.flatMap(({ uses }) => uses ?? []));
  const names = new Set(used.map((action) => action.split("@")[0]));
  expect(new Set(used).size).toBe(names.size);
});

test("no artifact holds a plan", () => {
  const uploads = JOBS.flatMap(([, , { steps }]) => steps).filter(({ uses }) =>
    uses?.includes("upload-artifact"),
  );
  const paths = uploads.flatMap(({ with: given }) => String(given?.path).trim().split("\n"));
  expect(new Set(paths.map((path) => path.trim().split(".").at(-1)))).toEqual(
    new Set(["md", "fingerprint"]),
  );
  expect(parse(textOf("gitlab/gitlab-ci.yml")).plan.artifacts.paths).toEqual([
    "plans/*.md",
    "plans/*.fingerprint",
  ]);
});

test("no file stores a key", () => {
  for (const file of readdirSync(CI, { recursive: true, encoding: "utf8" }).filter((name) =>
    /ya?ml$/.test(name),
  )) {
    expect(textOf(file)).not.toMatch(/secrets\.|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY/);
  }
});
