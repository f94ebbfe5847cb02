import { DataAwsDbInstance } from "@cdktf/provider-aws/lib/data-aws-db-instance";
import type { DbInstance, DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { partVariables } from "../../settings/data-stores";
import {
  type Credentials,
  type SecretCredentials,
  type UrlCredentials,
  urlCredentials,
} from "../../settings/database/credentials";
import { allowedDecrypt, Connection, type ConnectionProps } from "../access/connection";
import { ApplicationUser } from "./application-user";
import { DatabaseUrl, type Password } from "./database-url";
import { ExistingPassword } from "./existing-password";
import { StoredPassword } from "./stored-password";

export interface DatabaseCredentialsProps {
  /** Prefix of the secrets' names: `news-api/dev/database`. */
  readonly secretPath: string;
  /** The name of the policy that lets the execution role read the secrets, unique in the role. */
  readonly policyName: string;
  /** The variable in which the application finds the URL. */
  readonly urlVariable: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly username: string;
  /** The application's database role. @default - the master user */
  readonly applicationUser?: string | undefined;
  /** The database in the URL. */
  readonly databaseName: string;
  /** @default - the policy is attached to no role */
  readonly executionRoleName?: string | undefined;
}

/** The output `database_roles`. */
export interface DatabaseRoles {
  readonly role: string;
  readonly master: { readonly name: string; readonly secret_arn: string };
  readonly logins: ApplicationUser["logins"];
}

/** What Terraform stores if it generates the password. */
interface Made {
  readonly password: StoredPassword;
  /** Undefined when the application logs in as the master user. */
  readonly application: ApplicationUser | undefined;
}

/** The parts of the URL that Terraform stores. */
interface Login {
  readonly username: string;
  readonly password: Password;
  readonly credentials: UrlCredentials;
}

type ConnectionParts = Pick<ConnectionProps, "secrets" | "environment" | "allowed">;

/**
 * The credentials with which the application logs in to a database. If Terraform generates the password or reads it
 * from an existing secret, the whole URL is in a secret. If RDS keeps and rotates the password, or Terraform does not
 * know it, the application gets the parts of the URL.
 *
 * @example
 * const credentials = new DatabaseCredentials(this, "credentials", { secretPath: "news-api/dev/database", … });
 * const instance = new DbInstance(this, "database", { ...credentials.instanceArguments, … });
 * credentials.connectTo(instance);
 */
export class DatabaseCredentials extends Construct {
  /** The instance's arguments for the master user's password. */
  readonly instanceArguments: Partial<DbInstanceConfig>;
  /** Undefined when Terraform does not generate the password. */
  private readonly made: Made | undefined;
  /** Undefined when Terraform stores no URL. */
  private readonly login: Login | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DatabaseCredentialsProps,
  ) {
    super(scope, id);
    const { credentials } = props;
    this.made = credentials.kind === "secret" ? this.makePassword(credentials) : undefined;
    this.login = this.loginWith(urlCredentials(credentials));
    this.instanceArguments = this.passwordArguments();
  }

  /** Creates the application's connection, after the instance. */
  connectTo(instance: DbInstance): void {
    new Connection(this, "connection", {
      name: this.props.policyName,
      executionRoleName: this.props.executionRoleName,
      ...this.connectionParts(instance),
    });
  }

  /** The input of `npm run roles`: names, and the ARNs of the passwords. Undefined without an application user. */
  get roles(): DatabaseRoles | undefined {
    const { applicationUser: role, username } = this.props;
    const { application, password } = this.made ?? {};
    return role && application && password
      ? {
          role,
          master: { name: username, secret_arn: password.secretArn },
          logins: application.logins,
        }
      : undefined;
  }

  private makePassword(credentials: SecretCredentials): Made {
    const password = new StoredPassword(this, "master_password", {
      namePrefix: `${this.props.secretPath}/master-password-`,
      description: "The database's master password",
      version: credentials.passwordVersion,
      recoveryWindowDays: credentials.recoveryWindowDays,
      kmsKeyArn: credentials.kmsKeyArn,
    });
    return { password, application: this.applicationUser(credentials) };
  }

  private applicationUser(credentials: SecretCredentials): ApplicationUser | undefined {
    const { applicationUser: role, secretPath } = this.props;
    return role
      ? new ApplicationUser(this, "application_user", { role, secretPath, credentials })
      : undefined;
  }

  private loginWith(credentials: UrlCredentials | undefined): Login | undefined {
    const { made } = this;
    const { username } = this.props;
    const master = made?.password ?? this.existingPassword();
    return credentials && master
      ? { ...(made?.application?.active ?? { username, password: master }), credentials }
      : undefined;
  }

  private existingPassword(): ExistingPassword | undefined {
    const { credentials } = this.props;
    return credentials.kind === "existing" && credentials.passwordSecretArn
      ? new ExistingPassword(this, "master_password", {
          secretArn: credentials.passwordSecretArn,
          key: credentials.passwordKey,
        })
      : undefined;
  }

  private passwordArguments(): Partial<DbInstanceConfig> {
    const { credentials } = this.props;
    if (credentials.kind === "rds-managed") {
      return {
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: credentials.kmsKeyArn,
      };
    }
    return this.made
      ? { passwordWo: this.made.password.value, passwordWoVersion: credentials.passwordVersion }
      : {};
  }

  private connectionParts(instance: DbInstance): ConnectionParts {
    if (this.login) {
      return this.wholeUrl(instance, this.login);
    }
    return this.props.credentials.kind === "rds-managed"
      ? this.managedParts(instance)
      : this.partsWithoutPassword(instance);
  }

  private wholeUrl(instance: DbInstance, login: Login): ConnectionParts {
    const { username, password, credentials } = login;
    const { secretPath, urlVariable, databaseName } = this.props;
    const url = new DatabaseUrl(this, "database_url", {
      // Independent of urlVariable: another name would create another secret.
      namePrefix: `${secretPath}/DATABASE_URL-`,
      instance,
      username,
      databaseName,
      password,
      credentials,
    });
    return {
      secrets: { [urlVariable]: url.secretArn },
      allowed: [
        {
          Sid: "ReadDatabaseUrl",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: [url.secretArn],
        },
        ...allowedDecrypt(credentials.kmsKeyArn, this.props.region),
      ],
    };
  }

  /** The variables with the parts of the URL that are not secret. */
  private partsOfUrl(instance: DbInstance): Record<string, string> {
    const { urlVariable, databaseName } = this.props;
    const variables = partVariables(urlVariable);
    return {
      [variables.host]: instance.address,
      // ECS takes strings only, and Terraform would output a number.
      [variables.port]: Fn.tostring(instance.interpolationForAttribute("port")),
      [variables.name]: databaseName,
    };
  }

  private partsWithoutPassword(instance: DbInstance): ConnectionParts {
    const { urlVariable, username } = this.props;
    const environment = {
      ...this.partsOfUrl(instance),
      [partVariables(urlVariable).user]: username,
    };
    return { secrets: {}, environment, allowed: [] };
  }

  private managedParts(instance: DbInstance): ConnectionParts {
    const { urlVariable, credentials } = this.props;
    const variables = partVariables(urlVariable);
    // Read back, because the instance's own attribute is an empty list while Terraform plans the change to an RDS-managed password.
    const read = new DataAwsDbInstance(this, "read", {
      dbInstanceIdentifier: instance.identifier,
      dependsOn: [instance],
    });
    read.overrideLogicalId("database");
    const { secretArn } = read.masterUserSecret.get(0);
    return {
      // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html: ARN:key:stage:version
      secrets: {
        [variables.user]: `${secretArn}:username::`,
        [variables.password]: `${secretArn}:password::`,
      },
      environment: this.partsOfUrl(instance),
      allowed: [
        {
          Sid: "ReadDatabaseCredentials",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: [secretArn],
        },
        ...allowedDecrypt(credentials.kmsKeyArn, this.props.region),
      ],
    };
  }
}
