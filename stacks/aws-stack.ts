import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/** The oldest Terraform with write-only arguments; OpenTofu has them from 1.11 too. */
const TERRAFORM_VERSION = ">= 1.11.0";
/** Both majors know every attribute that is used here; cdktf's bindings alone would pin one release. */
const AWS_PROVIDER_VERSION = ">= 5.100.0, < 7.0.0";

export interface AwsStackProps {
  readonly region: string;
  /**
   * The only account that Terraform may touch.
   * @default - whatever account the credentials belong to
   */
  readonly account?: string | undefined;
  /** The tags of everything in the stack. */
  readonly tags: Readonly<Record<string, string>>;
  /**
   * Controls that somebody decided not to meet, and why, for who reads the JSON.
   * @default - none
   */
  readonly waivers?: Readonly<Record<string, string>>;
}

/** The base of every stack: one AWS provider for one region, tags on everything, and the versions it runs with. */
export abstract class AwsStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: AwsStackProps) {
    super(scope, id);
    const { region, account, tags, waivers = {} } = props;
    new AwsProvider(this, "aws", {
      region,
      allowedAccountIds: account ? [account] : undefined,
      defaultTags: [{ tags: { stack: id, "managed-by": "terraform", ...tags } }],
    });
    this.addOverride("terraform.required_version", TERRAFORM_VERSION);
    this.addOverride("terraform.required_providers.aws.version", AWS_PROVIDER_VERSION);
    if (Object.keys(waivers).length > 0) {
      this.addOverride("//.waivers", waivers);
    }
  }
}
