import { CommandError } from "../../cli/command-error";

/** The variables of a data store: one with the whole URL, or the parts of it where RDS keeps the password. */
export interface StoreVariables {
  readonly url: string;
  readonly parts: Readonly<Record<"host" | "port" | "name" | "user" | "password", string>>;
}

type Values = Readonly<Record<string, string | undefined>>;

/**
 * The URL that the application uses, from its variables.
 * @throws CommandError when they are not set.
 */
export function urlIn(values: Values, { url, parts }: StoreVariables): string {
  const whole = values[url];
  if (whole) {
    return whole;
  }
  const missing = Object.values(parts).filter((name) => !values[name]);
  if (missing.length > 0) {
    throw new CommandError(
      `The environment variable ${url} is not set. Run this where the application runs, or leave out --from variables.`,
    );
  }
  const part = (name: keyof typeof parts) => encodeURIComponent(String(values[parts[name]]));
  return `postgresql://${part("user")}:${part("password")}@${values[parts.host]}:${part("port")}/${part("name")}?sslmode=require`;
}
