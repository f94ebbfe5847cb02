import { DataAwsDbInstance } from "@cdktf/provider-aws/lib/data-aws-db-instance";
import type { DbInstance, DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { partVariables } from "../../settings/data-stores";
import type { Credentials, SecretCredentials } from "../../settings/database/credentials";
import { allowedDecrypt, Connection, type ConnectionProps } from "../access/connection";
import { ApplicationUser } from "./application-user";
import { DatabaseUrl } from "./database-url";
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
  /** The role that the application works as. @default - the master user */
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

interface OwnSecret {
  readonly password: StoredPassword;
  /** Undefined when the application logs in as the master user. */
  readonly application: ApplicationUser | undefined;
  readonly credentials: SecretCredentials;
}

type ConnectionParts = Pick<ConnectionProps, "secrets" | "environment" | "allowed">;

/**
 * How the application logs in to a database, in either of two ways: with a password that Terraform generates, and the
 * whole URL in a secret; or with the user and password that RDS keeps and rotates, and the parts of the URL.
 *
 * @example
 * const credentials = new DatabaseCredentials(this, "credentials", { secretPath: "news-api/dev/database", … });
 * const instance = new DbInstance(this, "database", { ...credentials.instanceArguments, … });
 * credentials.connectTo(instance);
 */
export class DatabaseCredentials extends Construct {
  /** The instance's arguments for the master user's password. */
  readonly instanceArguments: Partial<DbInstanceConfig>;
  /** Undefined when RDS keeps the password. */
  private readonly secret: OwnSecret | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DatabaseCredentialsProps,
  ) {
    super(scope, id);
    const { credentials, secretPath } = props;
    if (credentials.kind === "rds-managed") {
      this.instanceArguments = {
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: credentials.kmsKeyArn,
      };
      return;
    }
    const password = new StoredPassword(this, "master_password", {
      namePrefix: `${secretPath}/master-password-`,
      description: "The database's master password",
      version: credentials.passwordVersion,
      recoveryWindowDays: credentials.recoveryWindowDays,
      kmsKeyArn: credentials.kmsKeyArn,
    });
    this.secret = { password, credentials, application: this.applicationUser(credentials) };
    this.instanceArguments = {
      passwordWo: password.value,
      passwordWoVersion: credentials.passwordVersion,
    };
  }

  /** Creates what the application connects with, after the instance. */
  connectTo(instance: DbInstance): void {
    new Connection(this, "connection", {
      name: this.props.policyName,
      executionRoleName: this.props.executionRoleName,
      ...(this.secret ? this.wholeUrl(instance, this.secret) : this.partsOfUrl(instance)),
    });
  }

  /** What `npm run roles` needs: names, and the ARNs of the passwords. Undefined without an application user. */
  get roles(): DatabaseRoles | undefined {
    const { applicationUser: role, username } = this.props;
    const { application, password } = this.secret ?? {};
    return role && application && password
      ? {
          role,
          master: { name: username, secret_arn: password.secretArn },
          logins: application.logins,
        }
      : undefined;
  }

  private applicationUser(credentials: SecretCredentials): ApplicationUser | undefined {
    const { applicationUser: role, secretPath } = this.props;
    return role
      ? new ApplicationUser(this, "application_user", { role, secretPath, credentials })
      : undefined;
  }

  private wholeUrl(instance: DbInstance, secret: OwnSecret): ConnectionParts {
    const { credentials, application } = secret;
    const { secretPath, urlVariable, databaseName } = this.props;
    const { username, password } = application?.active ?? {
      username: this.props.username,
      password: secret.password,
    };
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

  private partsOfUrl(instance: DbInstance): ConnectionParts {
    const { urlVariable, databaseName, credentials } = this.props;
    const variables = partVariables(urlVariable);
    // Read back, because the instance's own attribute is an empty list while Terraform plans the move to RDS.
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
      environment: {
        [variables.host]: instance.address,
        [variables.port]: Token.asString(instance.interpolationForAttribute("port")),
        [variables.name]: databaseName,
      },
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
