import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type Adopted, ensureAddresses } from "../settings/adopted";
import type { TerraformAccess } from "../settings/terraform-access";

/** The oldest Terraform with write-only arguments; OpenTofu has them from 1.11 too. */
const TERRAFORM_VERSION = ">= 1.11.0";
/** Both majors know every attribute that is used here; cdktf's bindings alone would pin one release. */
const AWS_PROVIDER_VERSION = ">= 5.100.0, < 7.0.0";

export interface AwsStackProps {
  readonly region: string;
  /** The credentials that Terraform uses, and the only account that it may change. */
  readonly access: TerraformAccess;
  /** The tags of everything in the stack. Undefined when what exists keeps its own. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  /**
   * Controls that the stack deliberately does not meet, and why, for reviewers of the JSON.
   * @default - none
   */
  readonly waivers?: Readonly<Record<string, string>>;
  /**
   * Findings of `npm run review` that may pass, and why, for reviewers of the JSON.
   * @default - none
   */
  readonly approvals?: Readonly<Record<string, string>>;
  /**
   * Why the environment overrides safe defaults, for reviewers of the JSON.
   * @default - it does not
   */
  readonly reasons?: Readonly<Record<string, string | undefined>>;
}

/** The base of every stack: one AWS provider for one region, tags on everything, and the versions it runs with. */
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
   * Imports resources that exist: `import` blocks, which plan and apply honour until the state has the resources.
   * @throws SettingsError for addresses that the stack does not have.
   */
  protected adopt(adopted: Adopted): void {
    const resources = new Map(
      this.node
        .findAll()
        .filter((one) => TerraformResource.isTerraformResource(one))
        .map((one) => [`${one.terraformResourceType}.${one.friendlyUniqueId}`, one]),
    );
    ensureAddresses(this.node.id, adopted, [...resources.keys()]);
    for (const [address, id] of Object.entries(adopted)) {
      resources.get(address)?.importFrom(id);
    }
  }

  /**
   * Skips cdktf's search for references to other stacks, which takes a fifth of a synth. Stacks here have none, so each
   * can be planned on its own.
   */
  override prepareStack(): void {
    this.ensureBackendExists();
  }
}
