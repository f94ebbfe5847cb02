import { fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { TerraformAccess } from "../settings/terraform-access";

const SESSION_NAME = "managed-data-stores";

/** The credentials with which Terraform works on an environment, for the AWS SDK. */
export function credentialsOf({ profile, assumeRole }: TerraformAccess) {
  const found = fromNodeProviderChain(profile ? { profile } : {});
  return assumeRole
    ? fromTemporaryCredentials({
        masterCredentials: found,
        params: {
          RoleArn: assumeRole.roleArn,
          ExternalId: assumeRole.externalId,
          RoleSessionName: assumeRole.sessionName ?? SESSION_NAME,
        },
      })
    : found;
}
