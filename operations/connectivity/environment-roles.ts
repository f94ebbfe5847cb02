import { existsSync, readFileSync } from "node:fs";
import type { ClientConfig } from "pg";
import { CommandError } from "../../cli/command-error";
import { revealed } from "../../cli/dotenv-file";
import { type DatabaseStore, databasesOf } from "../../settings/data-stores";
import { sslQuery, urlCredentials } from "../../settings/database/credentials";
import type { Environment } from "../../settings/environment";
import { providerAccess } from "../../settings/terraform-access";
import { type AppliedRoles, applyRoles } from "./roles";
import { outputsOf, type StoreOutputs } from "./store-outputs";

export interface RolesOptions {
  /** A CA bundle on this machine, instead of the file in the application's container. */
  readonly ca?: string;
  readonly force?: true;
}

/** The outputs of a database's stack that this needs. */
interface DatabaseOutputs {
  readonly database_address: string;
  readonly database_port: number;
  readonly database_name: string;
  readonly database_roles?: {
    readonly role: string;
    readonly master: { readonly name: string; readonly secret_arn: string };
    readonly logins: readonly { readonly name: string; readonly secret_arn: string }[];
  };
}

export interface StoreRoles extends AppliedRoles {
  readonly store: string;
  readonly role: string;
}

/**
 * Applies the application's roles in each database of an environment that has an `applicationUser`.
 * @throws CommandError when there is none, or one cannot be applied.
 */
export async function applyEnvironmentRoles(
  environment: Environment,
  options: RolesOptions,
): Promise<StoreRoles[]> {
  const stores = databasesOf(environment).filter(({ settings }) => settings.applicationUser);
  if (stores.length === 0) {
    throw new CommandError(
      `No database of ${environment.name} has an applicationUser: the application logs in as the master user. Set applicationUser and apply.`,
    );
  }
  const applied: StoreRoles[] = [];
  for (const found of await outputsOf(environment, stores)) {
    applied.push(await applyStoreRoles(environment, found, options));
  }
  return applied;
}

async function applyStoreRoles(
  environment: Environment,
  { store, outputs }: StoreOutputs,
  { ca, force }: RolesOptions,
): Promise<StoreRoles> {
  const found = outputs as unknown as DatabaseOutputs;
  const { database_roles: roles } = found;
  if (!roles) {
    throw new CommandError(
      `${store.stackId} was applied without the applicationUser. Apply it first: npm run deploy -- ${store.stackId}`,
    );
  }
  const secrets = [roles.master, ...roles.logins].map(({ name, secret_arn }) => ({
    name,
    valueFrom: secret_arn,
  }));
  const values = await revealed({ secrets, environment: [] }, providerAccess(environment));
  const [master, ...logins] = values.map(({ name, value }) => ({ name, password: value }));
  const server = serverOf(store as DatabaseStore, found, ca);
  const config = { ...server, user: master?.name, password: master?.password };
  const { role } = roles;
  return {
    store: store.name,
    role,
    ...(await applyRoles({ master: config, role, logins, force })),
  };
}

/** libpq's PGHOSTADDR and PGPORT lead through a tunnel; the certificate is still that of the database. */
function serverOf(
  { settings }: DatabaseStore,
  { database_address, database_port, database_name }: DatabaseOutputs,
  ca: string | undefined,
): ClientConfig {
  const { PGHOSTADDR, PGPORT } = process.env;
  return {
    host: PGHOSTADDR ?? database_address,
    port: Number(PGHOSTADDR && PGPORT ? PGPORT : database_port),
    database: database_name,
    application_name: "npm run roles",
    connectionTimeoutMillis: 10_000,
    ssl: tlsOf(settings, database_address, ca),
  };
}

function tlsOf({ credentials }: DatabaseStore["settings"], servername: string, ca?: string) {
  const url = urlCredentials(credentials);
  const query = new URLSearchParams(url ? sslQuery(url) : "");
  const file = ca ?? query.get("sslrootcert");
  if (file === null) {
    return { rejectUnauthorized: false };
  }
  if (!existsSync(file)) {
    throw new CommandError(
      `There is no CA bundle at ${file}. Download it and name it with --ca: curl -O https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem`,
    );
  }
  return { ca: readFileSync(file, "utf8"), servername };
}
