import { CommandError } from "../../cli/command-error";

/** Where a password comes from that the URL does not hold, as psql and redis-cli read it. */
const PASSWORD_VARIABLES: Readonly<Record<string, string>> = {
  "postgresql:": "PGPASSWORD",
  "postgres:": "PGPASSWORD",
  "redis:": "REDISCLI_AUTH",
  "rediss:": "REDISCLI_AUTH",
};

/**
 * The URL of the source, from the argument of `--from`: a URL without a password, or the name of an environment variable
 * that holds a URL.
 * @throws CommandError for a password in the argument, which every user of this machine could read in the process list.
 */
export function sourceUrl(from: string, values: NodeJS.ProcessEnv): string {
  if (!from.includes("://")) {
    return fromVariable(from, values);
  }
  const url = parsed(from, "--from");
  if (url.password !== "" || url.searchParams.has("password")) {
    throw new CommandError(
      `--from holds a password, which everyone on this machine can read in the process list. Leave it out and set ${PASSWORD_VARIABLES[url.protocol]}, or name a variable that holds the whole URL: --from SOURCE_URL. Change the password if others use this machine.`,
    );
  }
  return withPassword(url, values);
}

function fromVariable(name: string, values: NodeJS.ProcessEnv): string {
  const value = values[name];
  if (!value) {
    throw new CommandError(
      `--from is neither a URL nor the name of an environment variable that is set. Use a URL without its password, or export SOURCE_URL and use --from SOURCE_URL.`,
    );
  }
  return withPassword(parsed(value, name), values);
}

/** The message repeats nothing of the text, because it may hold a password. */
function parsed(text: string, where: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname || !(url.protocol in PASSWORD_VARIABLES)) {
    throw new CommandError(
      `${where} does not hold the URL of a data store. It must start with postgresql://, redis:// or rediss://, and name a host.`,
    );
  }
  return url;
}

function withPassword(url: URL, values: NodeJS.ProcessEnv): string {
  const password = values[PASSWORD_VARIABLES[url.protocol] ?? ""];
  if (url.password === "" && password) {
    url.password = encodeURIComponent(password);
  }
  return url.href;
}
