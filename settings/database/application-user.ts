import { fieldsRule } from "../../validation/rule";
import { sqlName } from "./sql-name";

/** PostgreSQL cuts names after 63 bytes; the names of the two logins are longer by two. */
const LONGEST_ROLE = 61;

export const applicationUserSchema = sqlName(
  LONGEST_ROLE,
  new Set(["admin", "postgres", "public", "rdsadmin", "rdsrepladmin", "none"]),
  'the application\'s role, such as "news_app"',
).meta({
  purpose:
    "The role that the application works as, with rights on its own database and on the schema of its name alone. Two users log in as it in turn, so that a rotation never fails a login. After each apply that rotates: npm run roles. Before it is set the first time, create the role's objects or grant it the existing ones.",
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
 * version: raising the version moves the URL to a user that can log in, and changes the password of the one that is idle.
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
    must: ({ username }) => `must not be the master user "${username}", nor lead to its name`,
    instead: "Choose another name.",
  }),
  fieldsRule<Fields>({
    fields: ["applicationUser"],
    holds: ({ applicationUser }) =>
      applicationUser === undefined || applicationUser === applicationUser.toLowerCase(),
    must: "must be in lower case: PostgreSQL folds names that are not quoted",
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
    instead: 'Use credentials of kind "secret", or remove it.',
  }),
];
