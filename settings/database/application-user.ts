import { fieldsRule } from "../../validation/rule";
import { sqlName } from "./sql-name";

/** PostgreSQL truncates names after 63 bytes; the names of the two users are two characters longer. */
const LONGEST_ROLE = 61;

export const applicationUserSchema = sqlName(
  LONGEST_ROLE,
  new Set(["admin", "postgres", "public", "rdsadmin", "rdsrepladmin", "none"]),
  'the application\'s role, such as "news_app"',
).meta({
  purpose:
    "The application's database role. It has privileges only on its own database and on the schema of its name. Two users take turns to log in and switch to this role, so no login fails during a rotation. Run npm run roles after the first apply, and after each rotation once the application has restarted. The role does not own existing tables: move them to its schema, or grant it access.",
  absent: "the application logs in as the master user, with all its privileges",
});

/** A user that logs in as the application's role, and the version of its password. */
export interface ApplicationLogin {
  readonly slot: "a" | "b";
  /** `news_app_a` */
  readonly name: string;
  readonly passwordVersion: number;
  /** Whether the application's URL names it. */
  readonly isActive: boolean;
}

/**
 * The two users of a role. At each version one of them is active, and the other already has the password of the next
 * version: raising the version moves the URL to a user that can log in, and changes the password of the idle user.
 */
export function applicationLogins(role: string, version: number): ApplicationLogin[] {
  return (["a", "b"] as const).map((slot) => {
    const isActive = (version % 2 === 1) === (slot === "a");
    const passwordVersion = isActive ? version : version + 1;
    return { slot, name: `${role}_${slot}`, passwordVersion, isActive };
  });
}

interface Fields {
  readonly username: string;
  readonly applicationUser?: string | undefined;
  readonly credentials: { readonly kind: string };
}

export const applicationUserRules = [
  fieldsRule<Fields>({
    fields: ["applicationUser", "username"],
    holds: ({ applicationUser = "", username }) =>
      ![applicationUser, `${applicationUser}_a`, `${applicationUser}_b`]
        .map((name) => name.toLowerCase())
        .includes(username.toLowerCase()),
    must: ({ username }) =>
      `must not be the name of the master user "${username}", either as it is or after _a or _b is appended`,
    instead: "Choose another name.",
  }),
  fieldsRule<Fields>({
    fields: ["applicationUser"],
    holds: ({ applicationUser }) =>
      applicationUser === undefined || applicationUser === applicationUser.toLowerCase(),
    must: "must be lowercase: PostgreSQL converts unquoted names to lowercase",
    got: ({ applicationUser }) => applicationUser,
    instead: ({ applicationUser = "" }) => `Use ${JSON.stringify(applicationUser.toLowerCase())}.`,
  }),
  fieldsRule<Fields>({
    fields: ["applicationUser", "credentials"],
    holds: ({ applicationUser, credentials }) =>
      applicationUser === undefined || credentials.kind === "secret",
    must: ({ credentials }) =>
      credentials.kind === "existing"
        ? 'must be absent with credentials of kind "existing", whose password Terraform does not set'
        : 'must be absent with credentials of kind "rds-managed", whose URL Terraform does not write',
    got: ({ applicationUser }) => applicationUser,
    instead: 'Use credentials of kind "secret", or remove applicationUser.',
  }),
];
