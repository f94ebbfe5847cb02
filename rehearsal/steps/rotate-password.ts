import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { DatabaseStore } from "../../settings/data-stores";
import type { EnvironmentSettings } from "../../settings/environment";
import { changed, type DeployedAccount, type Rehearsal } from "../rehearsal";
import { expectThat, NotApplicable, type Step } from "../step";
import { writtenDatabase } from "../written-stores";
import { firstDatabase } from "./concurrency";

/** Sets a new password in the database and in the URL by raising one number. */
export function rotatePassword(rehearsal: Rehearsal): Step {
  return {
    name: "rotate-password",
    title: "Rotate the password",
    async run(progress) {
      const stores = withOwnPassword(rehearsal);
      const place = await rehearsal.copy("rotate-password", progress);
      const before = await urlsOf(place, stores);
      const rotated = changed(place, (written) => raiseVersions(written, stores));
      const applied = await place.workspace.change(rotated, progress);
      const after = await urlsOf(place, stores);
      for (const [index, { name }] of stores.entries()) {
        expectRotated(name, before[index] ?? "", after[index] ?? "");
      }
      return {
        text: `a new password in ${stores.length === 1 ? "DATABASE_URL" : `the URLs of ${stores.length} databases`}, the rest unchanged, then no changes`,
        work: applied.flatMap(({ work }) => work),
      };
    },
  };
}

/** @throws NotApplicable when the stacks manage no password. */
function withOwnPassword(rehearsal: Rehearsal): readonly DatabaseStore[] {
  firstDatabase(rehearsal);
  const stores = rehearsal.stores
    .filter((store) => store.kind === "database")
    .filter(({ settings }) => settings.credentials.kind === "secret");
  if (stores.length === 0) {
    throw new NotApplicable("RDS keeps the password, and rotates it every seven days");
  }
  return stores;
}

export function raiseVersions(
  settings: EnvironmentSettings,
  stores: readonly DatabaseStore[],
): void {
  for (const { name } of stores) {
    const database = writtenDatabase(settings, name);
    const { credentials } = database;
    const version = credentials?.kind === "secret" ? (credentials.passwordVersion ?? 1) : 1;
    database.credentials = { ...credentials, kind: "secret", passwordVersion: version + 1 };
  }
}

function urlsOf(place: DeployedAccount, stores: readonly DatabaseStore[]): Promise<string[]> {
  return Promise.all(stores.map((store) => databaseUrl(place, store)));
}

function expectRotated(name: string, before: string, after: string): void {
  const [old, now] = [new URL(before), new URL(after)];
  expectThat(old.password !== now.password, `The URL of ${name} has the same password as before.`);
  old.password = now.password;
  expectThat(old.href === now.href, `The URL of ${name} differs in more than its password.`);
}

async function databaseUrl(
  { emulator }: DeployedAccount,
  { path }: DatabaseStore,
): Promise<string> {
  const secrets = new SecretsManagerClient(emulator.clientConfig);
  const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
  const prefix = `${path}/DATABASE_URL-`;
  const [found, ...others] = SecretList.filter(({ Name = "" }) => Name.startsWith(prefix));
  expectThat(!!found?.ARN && others.length === 0, `There is not exactly one secret ${prefix}….`);
  const command = new GetSecretValueCommand({ SecretId: found.ARN });
  return (await secrets.send(command)).SecretString ?? "";
}
