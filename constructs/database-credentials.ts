import { DataAwsDbInstance } from "@cdktf/provider-aws/lib/data-aws-db-instance";
import type { DbInstance, DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { Token } from "cdktf";
import { Construct } from "constructs";
import type { SecretCredentials } from "../settings/credentials";
import { INITIAL_DATABASE } from "../settings/database";
import type { Environment } from "../settings/environment";
import { pathPrefix, stackId } from "../settings/names";
import { allowedDecrypt, Connection, type ConnectionProps } from "./connection";
import { DatabaseUrl } from "./database-url";
import { MasterPassword } from "./master-password";

interface OwnSecret {
  readonly password: MasterPassword;
  readonly credentials: SecretCredentials;
}

type ConnectionParts = Pick<ConnectionProps, "secrets" | "environment" | "allowed">;

/**
 * How the application logs in to the database, in either of two ways: with a password that this project makes, and
 * the whole URL in a secret; or with the user and password that RDS keeps and rotates, and the parts of the URL.
 *
 * @example
 * const credentials = new DatabaseCredentials(this, "credentials", environment);
 * const instance = new DbInstance(this, "database", { ...credentials.instanceArguments, … });
 * credentials.connectTo(instance);
 */
export class DatabaseCredentials extends Construct {
  /** What the instance must be told. */
  readonly instanceArguments: Partial<DbInstanceConfig>;
  /** Undefined when RDS keeps the password. */
  private readonly secret: OwnSecret | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly environment: Environment,
  ) {
    super(scope, id);
    const { credentials } = environment.database;
    if (credentials.kind === "rds-managed") {
      this.instanceArguments = {
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: credentials.kmsKeyArn,
      };
      return;
    }
    const password = new MasterPassword(this, "master_password", {
      namePrefix: `${pathPrefix(environment)}/master-password-`,
      version: credentials.passwordVersion,
      recoveryWindowDays: credentials.recoveryWindowDays,
      kmsKeyArn: credentials.kmsKeyArn,
    });
    this.secret = { password, credentials };
    this.instanceArguments = {
      passwordWo: password.value,
      passwordWoVersion: credentials.passwordVersion,
    };
  }

  /** Makes what the application connects with, once there is an instance. */
  connectTo(instance: DbInstance): void {
    new Connection(this, "connection", {
      name: stackId(this.environment, "database"),
      executionRoleName: this.environment.executionRoleName,
      ...(this.secret ? this.wholeUrl(instance, this.secret) : this.partsOfUrl(instance)),
    });
  }

  private wholeUrl(instance: DbInstance, { password, credentials }: OwnSecret): ConnectionParts {
    const { database } = this.environment;
    const url = new DatabaseUrl(this, "database_url", {
      namePrefix: `${pathPrefix(this.environment)}/DATABASE_URL-`,
      instance,
      username: database.username,
      databaseName: database.dbName ?? INITIAL_DATABASE,
      password,
      credentials,
    });
    return {
      secrets: { DATABASE_URL: url.secretArn },
      allowed: [
        {
          Sid: "ReadDatabaseUrl",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: [url.secretArn],
        },
        ...allowedDecrypt(credentials.kmsKeyArn),
      ],
    };
  }

  private partsOfUrl(instance: DbInstance): ConnectionParts {
    const { database } = this.environment;
    // Read back, because the instance's own attribute is an empty list while Terraform plans to hand the password over.
    const read = new DataAwsDbInstance(this, "read", {
      dbInstanceIdentifier: instance.identifier,
      dependsOn: [instance],
    });
    read.overrideLogicalId("database");
    const { secretArn } = read.masterUserSecret.get(0);
    return {
      // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html: ARN:key:stage:version
      secrets: {
        DATABASE_USER: `${secretArn}:username::`,
        DATABASE_PASSWORD: `${secretArn}:password::`,
      },
      environment: {
        DATABASE_HOST: instance.address,
        DATABASE_PORT: Token.asString(instance.interpolationForAttribute("port")),
        DATABASE_NAME: database.dbName ?? INITIAL_DATABASE,
      },
      allowed: [
        {
          Sid: "ReadDatabaseCredentials",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: [secretArn],
        },
        ...allowedDecrypt(database.credentials.kmsKeyArn),
      ],
    };
  }
}
