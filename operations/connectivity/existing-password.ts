import {
  CreateSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretResponse,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { credentialsOf } from "../../cli/aws-credentials";
import { explained, withAction } from "../../cli/called-action";
import { CommandError } from "../../cli/command-error";
import { ifThere } from "../../cli/if-there";
import { namedStore } from "../../cli/named-environment";
import type { DatabaseStore } from "../../settings/data-stores";
import {
  type ExistingCredentials,
  isMasterPassword,
  MASTER_PASSWORD,
} from "../../settings/database/credentials";
import type { Environment } from "../../settings/environment";
import { environmentTags } from "../../settings/names";
import { providerAccess } from "../../settings/terraform-access";

/** A database whose password only its operator knows. */
export interface ExistingPasswordProps {
  readonly environment: Environment;
  /** The name of the database. @default - the only one */
  readonly store?: string | undefined;
  /** Asks for the password, after all other checks. */
  readonly readPassword: (prompt: string) => Promise<string>;
}

/** Where the password is now. */
export interface StoredPassword {
  readonly store: DatabaseStore;
  readonly secretArn: string;
  readonly isNew: boolean;
  /** The credentials that the settings need so that the stack writes the URL. */
  readonly settings: Pick<ExistingCredentials, "kind" | "passwordSecretArn"> &
    Partial<Pick<ExistingCredentials, "passwordVersion">>;
  /** Why RDS itself would not accept the password, which may have been set through SQL. */
  readonly warning: string | undefined;
}

/**
 * Stores the master password of an adopted database in a secret of the environment, or a new version of it. The secret
 * is no part of a stack, so the password is in no plan and no state. The settings name the secret by its ARN.
 * @throws CommandError before the password is read when it cannot be stored, and when AWS refuses a call.
 */
export async function storeExistingPassword(props: ExistingPasswordProps): Promise<StoredPassword> {
  const { environment } = props;
  const store = namedStore(environment, "database", props.store);
  const credentials = existingCredentials(store);
  const name = `${store.path}/existing-password`;
  refuseOtherSecret(store, credentials, name);
  const config = {
    region: environment.region,
    credentials: credentialsOf(providerAccess(environment)),
  };
  const client = withAction(new SecretsManagerClient(config));
  try {
    await checkAccount(withAction(new STSClient(config)), environment);
    const existing = await secretIn(client, name);
    const password = await props.readPassword(`Password of ${store.settings.username}: `);
    const secretArn = existing
      ? await putValue(client, existing, password)
      : await create(client, { environment, store, credentials, name, password });
    const { passwordSecretArn, passwordVersion } = credentials;
    const isNamed = passwordSecretArn === secretArn;
    return {
      store,
      secretArn,
      isNew: existing === undefined,
      settings: {
        kind: "existing",
        passwordSecretArn: secretArn,
        ...(isNamed ? { passwordVersion: passwordVersion + 1 } : {}),
      },
      warning: isMasterPassword(password) ? undefined : `RDS accepts only ${MASTER_PASSWORD}.`,
    };
  } catch (error) {
    throw explained(error, environment.region, "Nothing was written.");
  }
}

/** Who manages the password for credentials of another kind. */
const KEEPERS = {
  secret:
    "Terraform generates and stores its password: raise credentials.passwordVersion to change it",
  "rds-managed": "RDS keeps its password, and rotates it",
};

function existingCredentials({ name, settings }: DatabaseStore): ExistingCredentials {
  const { credentials } = settings;
  if (credentials.kind !== "existing") {
    throw new CommandError(
      `The database ${name} has credentials of kind "${credentials.kind}". ${KEEPERS[credentials.kind]}. Only kind "existing" takes your own password.`,
    );
  }
  return credentials;
}

/** This command writes the secret that it created, and no other. */
function refuseOtherSecret(
  { name: store }: DatabaseStore,
  { passwordSecretArn: arn, passwordKey }: ExistingCredentials,
  name: string,
): void {
  const isOwn = arn === undefined || /^.*:secret:(.*)-[^-]{6}$/.exec(arn)?.[1] === name;
  if (!isOwn) {
    throw new CommandError(
      `The credentials of ${store} name a secret of yours, ${arn}. Store the password there and raise passwordVersion, or remove passwordSecretArn first.`,
    );
  }
  if (passwordKey !== undefined) {
    throw new CommandError(
      `The credentials of ${store} have a passwordKey, but this command stores only the password. Remove passwordKey.`,
    );
  }
}

/** Terraform also refuses credentials of another account. */
async function checkAccount(sts: STSClient, { name, account }: Environment): Promise<void> {
  if (account === undefined) {
    return;
  }
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account !== account) {
    throw new CommandError(
      `The credentials belong to the account ${Account}, but ${name} is in ${account}. Log in to ${account}.`,
    );
  }
}

async function secretIn(
  client: SecretsManagerClient,
  name: string,
): Promise<DescribeSecretResponse | undefined> {
  const found = await ifThere(client.send(new DescribeSecretCommand({ SecretId: name })));
  if (found?.DeletedDate) {
    throw new CommandError(
      `The secret ${name} is scheduled for deletion. Restore it: aws secretsmanager restore-secret --secret-id ${name}`,
    );
  }
  return found;
}

async function putValue(
  client: SecretsManagerClient,
  { ARN = "" }: DescribeSecretResponse,
  SecretString: string,
): Promise<string> {
  await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString }));
  return ARN;
}

interface NewSecret {
  readonly environment: Environment;
  readonly store: DatabaseStore;
  readonly credentials: ExistingCredentials;
  readonly name: string;
  readonly password: string;
}

async function create(client: SecretsManagerClient, secret: NewSecret): Promise<string> {
  const { environment, store, credentials, name, password } = secret;
  const { ARN = "" } = await client.send(
    new CreateSecretCommand({
      Name: name,
      Description: `The master password of ${store.settings.identifier}, stored by npm run connection`,
      SecretString: password,
      KmsKeyId: credentials.kmsKeyArn ?? keyOf(environment, store),
      Tags: Object.entries(environmentTags(environment)).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  return ARN;
}

/** The key of the stack's own secrets; undefined for `aws/secretsmanager`. */
function keyOf({ encryption }: Environment, { stackId }: DatabaseStore): string | undefined {
  if (encryption.kind === "customer-managed") {
    return `alias/${stackId}`;
  }
  return encryption.kind === "existing-key" ? encryption.kmsKeyArn : undefined;
}
