import { DatabaseStack } from "../../../stacks/database-stack";
import { synthesized } from "../../synthesized";

const at = (passwordVersion: number) =>
  synthesized(DatabaseStack, {
    "database.applicationUser": "news_app",
    "database.credentials": { kind: "secret", passwordVersion },
  });

const password = (slot: string) =>
  `\${replace(urlencode(ephemeral.aws_secretsmanager_secret_version.application_password_${slot}_stored.secret_string), "+", "%20")}`;
const HOST = "${aws_db_instance.database.address}:${aws_db_instance.database.port}";

test.each([
  [1, "a", 1, 2],
  [2, "b", 3, 2],
  [3, "a", 3, 4],
])(
  "at version %i, the URL names user %s, and the other user has the next password",
  (version, slot, a, b) => {
    const { resource } = at(version);
    const versions = resource.aws_secretsmanager_secret_version ?? {};
    expect(versions.database_url?.secret_string_wo).toBe(
      `postgresql://news_app_${slot}:${password(slot)}@${HOST}/postgres?sslmode=require`,
    );
    expect(versions.application_password_a?.secret_string_wo_version).toBe(a);
    expect(versions.application_password_b?.secret_string_wo_version).toBe(b);
  },
);

test("the output contains the ARNs of the passwords for npm run roles", () => {
  expect(at(1).output.database_roles?.value).toEqual({
    role: "news_app",
    master: { name: "newsadmin", secret_arn: "${aws_secretsmanager_secret.master_password.arn}" },
    logins: [
      {
        name: "news_app_a",
        secret_arn: "${aws_secretsmanager_secret.application_password_a.arn}",
        active: true,
      },
      {
        name: "news_app_b",
        secret_arn: "${aws_secretsmanager_secret.application_password_b.arn}",
        active: false,
      },
    ],
  });
});

test("the execution role may read only the URL", () => {
  expect(JSON.stringify(at(1).output.execution_role_policy?.value)).not.toContain("password");
});

test("without an application user, the master user logs in and there is no such output", () => {
  const { output, addresses } = synthesized(DatabaseStack);
  expect(output).not.toHaveProperty("database_roles");
  expect(addresses.filter((address) => address.includes("application_password"))).toEqual([]);
});
