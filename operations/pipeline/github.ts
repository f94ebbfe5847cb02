import { CommandError } from "../../cli/command-error";

const API_VERSION = "2022-11-28";
const PER_PAGE = 100;
/** The author of comments and issues that a job writes with its own token. */
const AUTHOR = "github-actions[bot]";

export interface GithubProps {
  /** `https://api.github.com` */
  readonly api: string;
  /** `acme/news-api` */
  readonly repository: string;
  readonly token: string;
}

interface Written {
  readonly id: number;
  readonly number: number;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  readonly pull_request?: unknown;
}

/** The comments and issues of a repository, as a job of it sees and writes them. */
export class Github {
  constructor(private readonly props: GithubProps) {}

  /** @throws CommandError if a variable of GitHub Actions is missing. */
  static ofJob(env: NodeJS.ProcessEnv): Github {
    const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = env;
    if (!api || !repository || !token) {
      throw new CommandError(
        "This command runs in a job of GitHub Actions: set GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN.",
      );
    }
    return new Github({ api, repository, token });
  }

  /** Writes the one comment of a pull request that starts with a marker, or updates it. */
  async comment(pullRequest: number, marker: string, text: string): Promise<void> {
    const path = `issues/${pullRequest}/comments`;
    const existing = await this.find(path, marker);
    const body = `${marker}\n${text}`;
    await (existing
      ? this.send("PATCH", `issues/comments/${existing.id}`, { body })
      : this.send("POST", path, { body }));
  }

  /** Opens the one issue that starts with a marker, or updates it; closes it when there is no text. */
  async issue(title: string, marker: string, text: string | undefined): Promise<void> {
    const existing = await this.find("issues?state=open", marker);
    const body = `${marker}\n${text}`;
    if (text === undefined) {
      await (existing && this.send("PATCH", `issues/${existing.number}`, { state: "closed" }));
    } else if (existing) {
      await this.send("PATCH", `issues/${existing.number}`, { title, body });
    } else {
      await this.send("POST", "issues", { title, body });
    }
  }

  /** Only the job's own texts count: other users may write the marker too. */
  private async find(path: string, marker: string): Promise<Written | undefined> {
    for (let page = 1; ; page++) {
      const query = `${path.includes("?") ? "&" : "?"}per_page=${PER_PAGE}&page=${page}`;
      const written = await this.send<Written[]>("GET", path + query);
      const found = written.find(
        ({ body, user, pull_request }) =>
          body?.startsWith(marker) && user?.login === AUTHOR && !pull_request,
      );
      if (found || written.length < PER_PAGE) {
        return found;
      }
    }
  }

  private async send<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const { api, repository, token } = this.props;
    const answer = await fetch(`${api}/repos/${repository}/${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "x-github-api-version": API_VERSION,
      },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) {
      throw new CommandError(
        `GitHub refused ${method} ${path} with ${answer.status}: ${await answer.text()} Check the permissions of the job.`,
      );
    }
    return (await answer.json()) as Answer;
  }
}
