import {
  DescribeManagedPrefixListsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcPeeringConnectionsCommand,
} from "@aws-sdk/client-ec2";
import type { AwsAccount } from "../../../cli/aws-account";
import type { DataStore } from "../../../settings/data-stores";
import type { Environment } from "../../../settings/environment";
import { type Check, ensure } from "../check";
import { quotaOf } from "./quotas";

/** The security groups of the clients exist, in the VPC or in a VPC that is peered with it. */
export function clientGroups(environment: Environment): Check {
  const named = Object.values(environment.clients).map(({ securityGroupId }) => securityGroupId);
  const ids = [...new Set(named.filter((id) => id !== undefined))];
  return {
    id: "client-security-groups",
    subject: environment.name,
    async run(account) {
      const own = ids.filter((id) => !id.includes("/"));
      const groups = own.length > 0 ? await groupsOf(account, own) : new Map<string, string>();
      const missing = own.filter((id) => !groups.has(id));
      ensure(
        missing.length === 0,
        `Not found in ${environment.region}: ${missing.join(", ")}.`,
        "Use security groups of this account and region in clients.",
      );
      const vpcId = await account.findVpc();
      const peers = await peersOf(account, vpcId);
      const strangers = [...groups].filter(
        ([, vpc]) => vpcId !== undefined && vpc !== vpcId && !peers.includes(vpc),
      );
      ensure(
        strangers.length === 0,
        `In a VPC that is not peered with ${vpcId}: ${strangers.map(([id]) => id).join(", ")}.`,
        "Name a security group of the VPC, or peer the VPCs.",
      );
      const foreign = ids.filter((id) => id.includes("/"));
      const unseen =
        foreign.length > 0 ? `; in other accounts, not checked: ${foreign.join(", ")}` : "";
      return `${own.join(", ") || "no client has a security group of this account"}${unseen}`;
    },
  };
}

async function groupsOf({ ec2 }: AwsAccount, ids: string[]): Promise<Map<string, string>> {
  const Filters = [{ Name: "group-id", Values: ids }];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  return new Map(SecurityGroups.map(({ GroupId = "", VpcId = "" }) => [GroupId, VpcId]));
}

/** The VPCs that are peered with a VPC. */
async function peersOf({ ec2 }: AwsAccount, vpcId: string | undefined): Promise<string[]> {
  const Filters = [{ Name: "status-code", Values: ["active"] }];
  const { VpcPeeringConnections = [] } = await ec2.send(
    new DescribeVpcPeeringConnectionsCommand({ Filters }),
  );
  return VpcPeeringConnections.map(({ AccepterVpcInfo, RequesterVpcInfo }) => [
    AccepterVpcInfo?.VpcId ?? "",
    RequesterVpcInfo?.VpcId ?? "",
  ])
    .filter((ends) => vpcId !== undefined && ends.includes(vpcId))
    .flat();
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups */
const RULES_QUOTA = { ServiceCode: "vpc", QuotaCode: "L-0EA8095F" };

/** The prefix lists exist, and the rules of the store's security group stay inside the quota. */
export function ingressRules(environment: Environment, { name, stackId }: DataStore): Check {
  const clients = Object.values(environment.clients).filter(({ stores }) => stores.includes(name));
  const listed = clients.map(({ prefixListId }) => prefixListId).filter((id) => id !== undefined);
  const ids = [...new Set(listed)];
  return {
    id: "ingress-rules",
    subject: stackId,
    async run(account) {
      const sizes = await sizesOf(account, ids);
      const missing = ids.filter((id) => !sizes.has(id));
      ensure(
        missing.length === 0,
        `Not found in ${environment.region}: ${missing.join(", ")}.`,
        "Use prefix lists of this account and region in clients.",
      );
      const entries = listed.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
      const rules = clients.length - listed.length + entries;
      const most = await quotaOf(account, RULES_QUOTA);
      ensure(
        rules <= most,
        `The clients need ${rules} rules, and a security group has at most ${most}: a prefix list counts with its maximum number of entries.`,
        "Lower the maximum of the prefix lists, or request a higher quota for inbound rules per security group.",
      );
      return `${rules} of ${most} rules`;
    },
  };
}

/** The most entries that each prefix list may have: that many rules count. */
async function sizesOf({ ec2 }: AwsAccount, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) {
    return new Map();
  }
  const Filters = [{ Name: "prefix-list-id", Values: [...ids] }];
  const { PrefixLists = [] } = await ec2.send(new DescribeManagedPrefixListsCommand({ Filters }));
  return new Map(
    PrefixLists.map(({ PrefixListId = "", MaxEntries = 1 }) => [PrefixListId, MaxEntries]),
  );
}
