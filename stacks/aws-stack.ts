import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type Adopted, ensureAddresses } from "../settings/adopted";
import type { TerraformAccess } from "../settings/terraform-access";

/** The first Terraform and OpenTofu with write-only arguments. */
const TERRAFORM_VERSION = ">= 1.11.0";
/** Both major versions have every attribute that the stacks use. cdktf's bindings alone would pin one release. */
const AWS_PROVIDER_VERSION = ">= 5.100.0, < 7.0.0";

export interface AwsStackProps {
  readonly region: string;
  /** The credentials that Terraform uses, and the only account that it may change. */
  readonly access: TerraformAccess;
  /** The tags of everything in the stack. Undefined if adopted resources keep their own. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  /**
   * Waived controls with reasons, for reviewers of the JSON.
   * @default - none
   */
  readonly waivers?: Readonly<Record<string, string>>;
  /**
   * Approved findings of `npm run review` with reasons, for reviewers of the JSON.
   * @default - none
   */
  readonly approvals?: Readonly<Record<string, string>>;
  /**
   * Reasons for overridden safe defaults, for reviewers of the JSON.
   * @default - none
   */
  readonly reasons?: Readonly<Record<string, string | undefined>>;
}

/** The base of every stack: one AWS provider for one region, default tags, and version constraints. */
export abstract class AwsStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: AwsStackProps) {
    super(scope, id);
    // cdktn, the fork of cdktf, checks write-only arguments against these: docs/decisions/0010-cdktf-or-cdktn.md
    this.node.setContext("targetVersions", {
      terraform: TERRAFORM_VERSION,
      opentofu: TERRAFORM_VERSION,
    });
    const { region, access, tags: own, waivers = {}, approvals = {}, reasons = {} } = props;
    new AwsProvider(this, "aws", {
      region,
      profile: access.profile,
      assumeRole: access.assumeRole && [access.assumeRole],
      allowedAccountIds: access.account ? [access.account] : undefined,
      defaultTags: own && [{ tags: { stack: id, "managed-by": "terraform", ...own } }],
    });
    this.addOverride("terraform.required_version", TERRAFORM_VERSION);
    this.addOverride("terraform.required_providers.aws", {
      source: "hashicorp/aws",
      version: AWS_PROVIDER_VERSION,
    });
    if (Object.keys(waivers).length > 0) {
      this.addOverride("//.waivers", waivers);
    }
    if (Object.keys(approvals).length > 0) {
      this.addOverride("//.approvals", approvals);
    }
    if (Object.keys(reasons).length > 0) {
      this.addOverride("//.reasons", reasons);
    }
  }

  /**
   * Imports existing resources with `import` blocks. They have no effect once the resources are in the state. cdktf's
   * `importFrom` would start Terraform for each of them, and synthesizing needs no Terraform.
   * @throws SettingsError for addresses that the stack does not have.
   */
  protected adopt(adopted: Adopted): void {
    const addresses = this.node
      .findAll()
      .filter((one) => TerraformResource.isTerraformResource(one))
      .map((one) => `${one.terraformResourceType}.${one.friendlyUniqueId}`);
    ensureAddresses(this.node.id, adopted, addresses);
    const imports = Object.entries(adopted).map(([to, id]) => ({ id, to }));
    if (imports.length > 0) {
      this.addOverride("import", imports);
    }
  }

  /**
   * Skips cdktf's search for references to other stacks, which takes a fifth of a synth. The stacks have none, so each
   * can be planned alone.
   */
  override prepareStack(): void {
    this.ensureBackendExists();
  }
}
