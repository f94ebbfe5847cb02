import { supportedSettings, withoutAws } from "../../rehearsal/rehearsal";
import { type EnvironmentSettings, parseEnvironment } from "../../settings/environment";
import { settingsWith } from "../minimal-environment";

test("the user's AWS settings, and Terraform's settings for its output, are removed", () => {
  const kept = withoutAws({
    HOME: "/home/somebody",
    PATH: "/usr/bin",
    TF_CLI_CONFIG_FILE: "/home/somebody/.terraformrc",
    TF_PROVIDER_MIRROR: "/srv/mirror",
    TERRAFORM_BINARY_NAME: "tofu",
    AWS_PROFILE: "production",
    AWS_ACCESS_KEY_ID: "AKIA",
    AWS_SESSION_TOKEN: "token",
    AWS_ENDPOINT_URL_RDS: "https://rds.us-east-1.amazonaws.com",
    AWS_CA_BUNDLE: "/etc/ssl/ca.pem",
    TF_LOG: "debug",
    TF_CLI_ARGS_plan: "-target=x",
    TF_VAR_name: "x",
    TF_WORKSPACE: "other",
    TF_DATA_DIR: "/tmp/data",
    NO_PROXY: "example.com",
  });
  expect(kept).toEqual({
    HOME: "/home/somebody",
    PATH: "/usr/bin",
    TF_CLI_CONFIG_FILE: "/home/somebody/.terraformrc",
    TF_PROVIDER_MIRROR: "/srv/mirror",
    TERRAFORM_BINARY_NAME: "tofu",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    NO_PROXY: "example.com,127.0.0.1",
    no_proxy: "127.0.0.1",
  });
});

test("settings that an emulated account does not support are left out and named, and the rest is valid", () => {
  const written = settingsWith({
    "database.restoreFrom": { kind: "snapshot", snapshotIdentifier: "before" },
    "database.applyImmediately": true,
    "database.blueGreenUpdate": true,
    "database.reasons": { blueGreenUpdate: "One update, with a snapshot by hand before it." },
    "cache.snapshotName": "before",
    "bastion.route": "nat",
    approvals: { "bastion: replace aws_instance.bastion": "a newer image, which nobody waits for" },
  }) as EnvironmentSettings;
  const { settings, leftOut } = supportedSettings(written);
  expect(leftOut).toEqual([
    "bastion: a rehearsal is about the data stores",
    "database.restoreFrom: a new account has no backup",
    "database.blueGreenUpdate: the emulator has no blue/green deployments",
    "cache.snapshotName: a new account has no snapshot",
  ]);
  const { databases, caches } = parseEnvironment(settings);
  expect([
    databases.database?.restoreFrom,
    databases.database?.blueGreenUpdate,
    caches.cache?.snapshotName,
  ]).toEqual([undefined, false, undefined]);
  expect(supportedSettings(settings)).toEqual({ settings, leftOut: [] });
});
