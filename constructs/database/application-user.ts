import { Construct } from "constructs";
import { applicationLogins } from "../../settings/database/application-user";
import type { SecretCredentials } from "../../settings/database/credentials";
import { StoredPassword } from "./stored-password";

export interface ApplicationUserProps {
  /** The application's database role. */
  readonly role: string;
  /** Prefix of the secrets' names: `news-api/dev/database`. */
  readonly secretPath: string;
  readonly credentials: SecretCredentials;
}

/**
 * The passwords of the two users that log in as the application's role. The URL names the active one. The idle one
 * already has its next password. So a rotation moves the URL to a user that can log in
 * (docs/decisions/0019-two-users-alternate.md). `npm run roles` creates the role and the users in the database.
 *
 * @example
 * const user = new ApplicationUser(this, "application_user", { role: "news_app", secretPath, credentials });
 * user.active.username; // "news_app_a"
 */
export class ApplicationUser extends Construct {
  /** The user in the application's URL. */
  readonly active: { readonly username: string; readonly password: StoredPassword };
  /** Both users, and where their passwords are. */
  readonly logins: readonly {
    readonly name: string;
    readonly secret_arn: string;
    readonly active: boolean;
  }[];

  constructor(scope: Construct, id: string, props: ApplicationUserProps) {
    super(scope, id);
    const { passwordVersion, recoveryWindowDays, kmsKeyArn } = props.credentials;
    const users = applicationLogins(props.role, passwordVersion).map((login) => {
      const password = new StoredPassword(this, `application_password_${login.slot}`, {
        namePrefix: `${props.secretPath}/application-password-${login.slot}-`,
        description: `The password of ${login.name}`,
        version: login.passwordVersion,
        recoveryWindowDays,
        kmsKeyArn,
      });
      return { ...login, password };
    });
    this.logins = users.map(({ name, password, isActive }) => ({
      name,
      secret_arn: password.secretArn,
      active: isActive,
    }));
    const [first, second] = users;
    const active = first?.isActive ? first : second;
    if (!active) {
      throw new Error("A role has two users, one of them active.");
    }
    this.active = { username: active.name, password: active.password };
  }
}
