import { DatabaseStack } from "../../../stacks/database-stack";
import type { Changes } from "../../minimal-environment";
import { synthesized } from "../../synthesized";

const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
const PASSWORD =
  '${replace(urlencode(ephemeral.aws_secretsmanager_secret_version.master_password_stored.secret_string), "+", "%20")}';
const HOST = "${aws_db_instance.database.address}:${aws_db_instance.database.port}";

const synth = (changes: Changes = {}) => synthesized(DatabaseStack, changes);
const urlOf = (changes: Changes) =>
  synth(changes).resource.aws_secretsmanager_secret_version?.database_url?.secret_string_wo;
const policy = (changes: Changes) => synth(changes).output.execution_role_policy?.value;
const secret = (more: object) => ({ "database.credentials": { kind: "secret", ...more } });

test.each<[string, Changes, string]>([
  [
    "is what the chapter connects with, and encrypted",
    {},
    `postgresql://newsadmin:${PASSWORD}@${HOST}/postgres?sslmode=require`,
  ],
  [
    "names the settings' user and database",
    { "database.username": "app", "database.dbName": "newsdb" },
    `postgresql://app:${PASSWORD}@${HOST}/newsdb?sslmode=require`,
  ],
  [
    "proves the server when asked to",
    secret({ sslMode: "verify-full" }),
    `postgresql://newsadmin:${PASSWORD}@${HOST}/postgres?sslmode=verify-full&sslrootcert=/certs/global-bundle.pem`,
  ],
  [
    "finds the CA bundle where the image has it",
    secret({ sslMode: "verify-full", sslRootCertificate: "/etc/rds.pem" }),
    `postgresql://newsadmin:${PASSWORD}@${HOST}/postgres?sslmode=verify-full&sslrootcert=/etc/rds.pem`,
  ],
])("the URL %s", (_, changes, url) => {
  expect(urlOf(changes)).toBe(url);
});

test("the URL's secret has its own name and the password's version", () => {
  const { resource } = synth(secret({ passwordVersion: 5, recoveryWindowDays: 0, kmsKeyArn: KMS }));
  expect(resource.aws_secretsmanager_secret?.database_url).toEqual({
    name_prefix: "news-api/test/database/DATABASE_URL-",
    description: "DATABASE_URL of the application",
    recovery_window_in_days: 0,
    kms_key_id: KMS,
  });
  expect(resource.aws_secretsmanager_secret_version?.database_url).toMatchObject({
    secret_id: "${aws_secretsmanager_secret.database_url.id}",
    secret_string_wo_version: 5,
  });
});

test("every change of the URL writes it again, although Terraform cannot see its value", () => {
  const { resource } = synth({ "database.dbName": "newsdb" });
  expect(resource.aws_secretsmanager_secret_version?.database_url?.lifecycle).toEqual({
    replace_triggered_by: ["terraform_data.database_url_shape"],
  });
  expect(resource.terraform_data?.database_url_shape).toEqual({
    triggers_replace: {
      url: `postgresql://newsadmin:*@${HOST}/newsdb?sslmode=require`,
      password_version: 1,
    },
  });
});

const READ_URL = {
  Sid: "ReadDatabaseUrl",
  Effect: "Allow",
  Action: ["secretsmanager:GetSecretValue"],
  Resource: ["${aws_secretsmanager_secret.database_url.arn}"],
};

test("the execution role may read only that secret", () => {
  expect(policy({})).toEqual({ Version: "2012-10-17", Statement: [READ_URL] });
});

test("and decrypt with a customer managed key, if there is one", () => {
  expect(policy(secret({ kmsKeyArn: KMS }))).toMatchObject({
    Statement: [
      READ_URL,
      {
        Sid: "Decrypt",
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: [KMS],
        Condition: {
          StringEquals: { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" },
        },
      },
    ],
  });
});

test("the policy is attached only to the role in the settings", () => {
  expect(synth().resource).not.toHaveProperty("aws_iam_role_policy");
  const { resource } = synth({ executionRoleName: "news-api-execution" });
  expect(resource.aws_iam_role_policy?.execution_role).toEqual({
    name: "stack",
    role: "news-api-execution",
    policy: `\${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Allow", "Sid" = "ReadDatabaseUrl", "Action" = ["secretsmanager:GetSecretValue"], "Resource" = [aws_secretsmanager_secret.database_url.arn]}]})}`,
  });
});

describe("with RDS-managed credentials", () => {
  const stack = synth({ "database.credentials": { kind: "rds-managed", kmsKeyArn: KMS } });
  const arn = "${data.aws_db_instance.database.master_user_secret[0].secret_arn}";

  test("the stack creates no password, no secret and no URL", () => {
    expect(stack.resource.aws_db_instance?.database).toMatchObject({
      manage_master_user_password: true,
      master_user_secret_kms_key_id: KMS,
    });
    expect(stack.ephemeral).toEqual({});
    expect(stack.json).not.toContain("password_wo");
    expect(stack.json).not.toContain("postgresql://");
    expect(stack.resource).not.toHaveProperty("aws_secretsmanager_secret");
  });

  test("RDS's secret is read back from the instance, so that the change to it can be planned", () => {
    expect(stack.data.aws_db_instance?.database).toEqual({
      db_instance_identifier: "${aws_db_instance.database.identifier}",
      depends_on: ["aws_db_instance.database"],
    });
  });

  test("the application gets the parts of the URL, with user and password from RDS's secret", () => {
    expect(stack.output.ecs_secrets?.value).toEqual([
      { name: "DATABASE_USER", valueFrom: `${arn}:username::` },
      { name: "DATABASE_PASSWORD", valueFrom: `${arn}:password::` },
    ]);
    expect(stack.output.ecs_environment?.value).toEqual([
      { name: "DATABASE_HOST", value: "${aws_db_instance.database.address}" },
      { name: "DATABASE_PORT", value: "${tostring(aws_db_instance.database.port)}" },
      { name: "DATABASE_NAME", value: "postgres" },
    ]);
    expect(stack.output.execution_role_policy?.value).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "ReadDatabaseCredentials",
          Effect: "Allow",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: [arn],
        },
        {
          Sid: "Decrypt",
          Effect: "Allow",
          Action: ["kms:Decrypt"],
          Resource: [KMS],
          Condition: {
            StringEquals: { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" },
          },
        },
      ],
    });
  });
});
