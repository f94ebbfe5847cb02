import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** What a job may do, as a workflow writes it. */
export type JobPermissions = Readonly<Record<string, string>>;

interface Written {
  readonly id: number;
  readonly number: number;
  readonly user: { readonly login: string };
  readonly on: number | undefined;
  title?: string;
  body: string;
  state: string;
}

interface Body {
  readonly body: string;
  readonly title?: string;
  readonly state?: string;
}

const BOT = "github-actions[bot]";

/** The comments and issues of GitHub's API, for one repository, on loopback. A token may do what its job may. */
export class GithubApi {
  readonly written: Written[] = [];

  private constructor(
    private readonly server: Server,
    readonly repository: string,
  ) {}

  static async start(repository: string): Promise<GithubApi> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const api = new GithubApi(server, repository);
    server.on("request", (request, response) => api.answer(request, response));
    return api;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  tokenOf(permissions: JobPermissions): string {
    return Buffer.from(JSON.stringify(permissions)).toString("base64url");
  }

  comments(pullRequest: number): Written[] {
    return this.written.filter(({ on }) => on === pullRequest);
  }

  get issues(): Written[] {
    return this.written.filter(({ on }) => on === undefined);
  }

  /** A comment of somebody else. */
  write(on: number, body: string, login: string): void {
    this.add({ on, body, login });
  }

  private add({
    on,
    body,
    title,
    login = BOT,
  }: {
    on?: number;
    body: string;
    title?: string;
    login?: string;
  }) {
    const id = this.written.length + 100;
    const made = { id, number: id, user: { login }, on, title, body, state: "open" };
    this.written.push(made);
    return made;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.url);
    const path = url.pathname.replace(`/repos/${this.repository}/`, "");
    const permissions = JSON.parse(
      Buffer.from(request.headers.authorization?.split(" ")[1] ?? "", "base64url").toString() ||
        "{}",
    );
    const needed = path === "issues" || /^issues\/\d+$/.test(path) ? "issues" : "pull-requests";
    const isAllowed = permissions[needed] === "write";
    const body = request.method === "GET" ? {} : await json(request);
    const answer = isAllowed ? this.act(request.method ?? "", path, url, body as never) : undefined;
    response.writeHead(answer === undefined ? 403 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { message: "Resource not accessible by integration" }));
  }

  private act(method: string, path: string, url: URL, body: Body): unknown {
    const [, number] = /^issues\/(\d+)\/comments$/.exec(path) ?? [];
    const on = number === undefined ? undefined : Number(number);
    switch (method) {
      case "GET":
        return this.page(on === undefined ? this.issues : this.comments(on), url);
      case "POST":
        return this.add({ ...body, ...(on === undefined ? {} : { on }) });
      default:
        return this.change(Number(path.split("/").at(-1)), body);
    }
  }

  private page(all: readonly Written[], { searchParams }: URL): Written[] {
    const [page = 1, size = 30] = ["page", "per_page"].map((name) =>
      Number(searchParams.get(name)),
    );
    return all.filter(({ state }) => state === "open").slice((page - 1) * size, page * size);
  }

  private change(id: number, body: Partial<Body>): Written | undefined {
    const one = this.written.find((written) => written.id === id);
    return one && Object.assign(one, body);
  }
}
