import { DatabaseStack } from "../../../stacks/database-stack";
import { synthesized } from "../../synthesized";

const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

const stack = synthesized(DatabaseStack, {
  "database.credentials": {
    kind: "secret",
    passwordVersion: 3,
    recoveryWindowDays: 7,
    kmsKeyArn: KMS,
  },
});

test("Terraform generates the password, without the characters that RDS refuses", () => {
  expect(stack.ephemeral.aws_secretsmanager_random_password?.master_password_generated).toEqual({
    password_length: 40,
    exclude_characters: '/@" ',
    require_each_included_type: true,
  });
});

test("it is stored with a write-only argument, in a secret whose name never blocks a new one", () => {
  expect(stack.resource.aws_secretsmanager_secret?.master_password).toEqual({
    name_prefix: "news-api/test/database/master-password-",
    description: "The database's master password",
    recovery_window_in_days: 7,
    kms_key_id: KMS,
  });
  expect(stack.resource.aws_secretsmanager_secret_version?.master_password).toEqual({
    secret_id: "${aws_secretsmanager_secret.master_password.id}",
    secret_string_wo:
      "${ephemeral.aws_secretsmanager_random_password.master_password_generated.random_password}",
    secret_string_wo_version: 3,
  });
});

test("the instance gets the stored password, not the generated one, at the same version", () => {
  expect(stack.ephemeral.aws_secretsmanager_secret_version?.master_password_stored).toEqual({
    secret_id: "${aws_secretsmanager_secret_version.master_password.secret_id}",
    version_id: "${aws_secretsmanager_secret_version.master_password.version_id}",
  });
  expect(stack.resource.aws_db_instance?.database).toMatchObject({
    password_wo:
      "${ephemeral.aws_secretsmanager_secret_version.master_password_stored.secret_string}",
    password_wo_version: 3,
  });
});
