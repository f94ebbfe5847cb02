import { withoutAws } from "../../rehearsal/rehearsal";

test("nothing of the user's AWS settings, and none of Terraform's that change what it says, gets through", () => {
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
