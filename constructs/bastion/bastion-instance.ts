import { DataAwsSsmParameter } from "@cdktf/provider-aws/lib/data-aws-ssm-parameter";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { partitionOf, serviceDomain } from "../../settings/account";
import type { BastionSettings } from "../../settings/bastion";

/** Amazon Linux 2023 for arm64 with the agent of Systems Manager: https://docs.aws.amazon.com/linux/al2023/ug/ec2.html */
const IMAGE = "al2023-ami-kernel-default-arm64";
/** The prefix of the public parameters of Amazon Linux. */
export const IMAGE_PARAMETERS = "/aws/service/ami-amazon-linux-latest";
/** The agent's permissions: https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html */
export const AGENT_POLICY = "AmazonSSMManagedInstanceCore";

export interface BastionInstanceProps {
  /** The name of the role and the instance profile, and the tag `Name`. */
  readonly name: string;
  readonly region: string;
  readonly settings: BastionSettings;
  readonly subnetId: string;
  /** Whether the subnet is looked up: then a plan may find another one. */
  readonly isSubnetFound: boolean;
  readonly securityGroupId: string;
}

/**
 * The instance of a bastion: the newest Amazon Linux 2023 when it is created, an encrypted volume, IMDSv2, no key pair,
 * and a role for the agent of Systems Manager. A newer image does not replace it; `terraform apply -replace` does.
 *
 * @example
 * new BastionInstance(this, "instance", {
 *   name: "news-api-dev-bastion", region, settings, subnetId, isSubnetFound: false, securityGroupId,
 * }).instanceId;
 */
export class BastionInstance extends Construct {
  readonly instanceId: string;

  constructor(scope: Construct, id: string, props: BastionInstanceProps) {
    super(scope, id);
    const { name, settings, subnetId, isSubnetFound, securityGroupId } = props;
    const { profile, permission } = this.profile(props);
    const image = new DataAwsSsmParameter(this, "image", {
      name: `${IMAGE_PARAMETERS}/${IMAGE}`,
    });
    image.overrideLogicalId("image");
    const instance = new Instance(this, "instance", {
      ami: image.insecureValue,
      instanceType: settings.instanceType,
      subnetId,
      associatePublicIpAddress: settings.route === "public-ip",
      vpcSecurityGroupIds: [securityGroupId],
      iamInstanceProfile: profile.name,
      ebsOptimized: true,
      // "unlimited" bills usage beyond the credits.
      creditSpecification: { cpuCredits: "standard" },
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      },
      rootBlockDevice: { encrypted: true, volumeType: "gp3" },
      tags: { Name: name },
      dependsOn: [permission],
      lifecycle: { ignoreChanges: isSubnetFound ? ["ami", "subnet_id"] : ["ami"] },
    });
    instance.overrideLogicalId("bastion");
    this.instanceId = instance.id;
  }

  private profile({ name, region }: BastionInstanceProps) {
    const role = new IamRole(this, "role", {
      name,
      description: "Lets AWS Systems Manager forward ports through the bastion",
      assumeRolePolicy: Fn.jsonencode({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: `ec2.${serviceDomain(region)}` },
            Action: "sts:AssumeRole",
          },
        ],
      }),
    });
    role.overrideLogicalId("bastion");
    const permission = new IamRolePolicyAttachment(this, "permission", {
      role: role.name,
      policyArn: `arn:${partitionOf(region)}:iam::aws:policy/${AGENT_POLICY}`,
    });
    permission.overrideLogicalId("bastion");
    const profile = new IamInstanceProfile(this, "profile", { name, role: role.name });
    profile.overrideLogicalId("bastion");
    return { profile, permission };
  }
}
