import { Github } from "../../../operations/pipeline/github";
import { GithubApi } from "../../integration/github-api";

const MARKER = "<!-- managed-data-stores -->";

describe("the comments and issues of a repository", () => {
  let api: GithubApi;

  beforeEach(async () => {
    api = await GithubApi.start("acme/shop");
  });

  afterEach(() => api.stop());

  const github = (permissions: Readonly<Record<string, string>>) =>
    new Github({ api: api.url, repository: "acme/shop", token: api.tokenOf(permissions) });

  test("a comment after a hundred others is updated", async () => {
    for (let index = 0; index < 150; index++) {
      api.write(7, `comment ${index}`, "somebody");
    }
    const job = github({ "pull-requests": "write" });
    await job.comment(7, MARKER, "first");
    await job.comment(7, MARKER, "second");
    const own = api.comments(7).filter(({ body }) => body.startsWith(MARKER));
    expect(own.map(({ body }) => body)).toEqual([`${MARKER}\nsecond`]);
  });

  test("the comment of another pull request stays as it is", async () => {
    const job = github({ "pull-requests": "write" });
    await job.comment(7, MARKER, "seven");
    await job.comment(8, MARKER, "eight");
    expect(api.comments(7)).toMatchObject([{ body: `${MARKER}\nseven` }]);
  });

  test("an issue is opened, updated, closed, and opened again", async () => {
    const job = github({ issues: "write" });
    await job.issue("Drift", MARKER, undefined);
    expect(api.issues).toEqual([]);
    await job.issue("Drift", MARKER, "one");
    await job.issue("Drift", MARKER, "two");
    expect(api.issues).toMatchObject([{ state: "open", body: `${MARKER}\ntwo` }]);
    await job.issue("Drift", MARKER, undefined);
    await job.issue("Drift", MARKER, "three");
    expect(api.issues).toMatchObject([
      { state: "closed" },
      { state: "open", body: `${MARKER}\nthree` },
    ]);
  });

  test("a job without the permission gets a clear message", async () => {
    await expect(github({}).comment(7, MARKER, "text")).rejects.toThrow(
      /^GitHub refused GET issues\/7\/comments\S* with 403: .* Check the permissions of the job\.$/,
    );
  });
});

test("outside of a job, the variables that are missing are named", () => {
  expect(() => Github.ofJob({ GITHUB_API_URL: "https://api.github.com" })).toThrow(
    "This command runs in a job of GitHub Actions: set GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN.",
  );
});
