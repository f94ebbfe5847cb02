import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { pathPrefix } from "../../settings/names";
import { changed, type Place, type Rehearsal } from "../rehearsal";
import { expectThat, NotApplicable, type Step } from "../step";

/** A new password in the database and in the URL, by one number. */
export function rotatePassword(rehearsal: Rehearsal): Step {
  return {
    name: "rotate-password",
    title: "Rotate the password",
    async run(say) {
      if (rehearsal.props.settings.database.credentials?.kind === "rds-managed") {
        throw new NotApplicable("RDS keeps this password, and rotates it every seven days");
      }
      const place = await rehearsal.copy("rotate-password", say);
      const before = await databaseUrl(place);
      const settings = changed(place, ({ database }) => {
        const { credentials } = database;
        const version = credentials?.kind === "secret" ? (credentials.passwordVersion ?? 1) : 1;
        database.credentials = { ...credentials, kind: "secret", passwordVersion: version + 1 };
      });
      place.workspace.write(settings);
      const stack = place.workspace.stack("database", say);
      const { work } = await stack.apply();
      await stack.expectNoChanges();
      const after = await databaseUrl(place);
      const [old, now] = [new URL(before), new URL(after)];
      expectThat(old.password !== now.password, "DATABASE_URL has the same password as before.");
      old.password = now.password;
      expectThat(old.href === now.href, "DATABASE_URL differs in more than its password.");
      return {
        text: "another password in DATABASE_URL, the rest as it was, then no changes",
        work,
      };
    },
  };
}

async function databaseUrl({ emulator, workspace }: Place): Promise<string> {
  const secrets = new SecretsManagerClient(emulator.clientConfig);
  const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
  const prefix = `${pathPrefix(workspace.environment)}/DATABASE_URL-`;
  const [found, ...others] = SecretList.filter(({ Name = "" }) => Name.startsWith(prefix));
  expectThat(!!found?.ARN && others.length === 0, `There is not one secret ${prefix}….`);
  const command = new GetSecretValueCommand({ SecretId: found.ARN });
  return (await secrets.send(command)).SecretString ?? "";
}
