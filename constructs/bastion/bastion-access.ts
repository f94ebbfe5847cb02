import { DataAwsSecurityGroups } from "@cdktf/provider-aws/lib/data-aws-security-groups";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Fn, TerraformCount, Token } from "cdktf";
import { Construct } from "constructs";
import type { BastionSettings } from "../../settings/bastion";
import { clientSlug } from "../../settings/client";
import type { StoreKind } from "../../settings/data-stores";
import type { Network } from "../access/network";

const HTTPS = 443;
const ANYWHERE = "0.0.0.0/0";

/** A data store that a bastion connects to. */
export interface ReachedStore {
  readonly name: string;
  readonly kind: StoreKind;
  /** The filter that finds its security group: `group-name`, or `group-id` for a kept group. */
  readonly securityGroup: { readonly filter: "group-name" | "group-id"; readonly value: string };
  readonly port: number;
}

export interface BastionAccessProps {
  /** The security group's name. Constant: a change replaces the group. */
  readonly name: string;
  readonly route: BastionSettings["route"];
  readonly stores: readonly ReachedStore[];
  readonly network: Network;
}

/**
 * Network access of a bastion: its security group, and one ingress rule in the group of each data store.
 * The group admits no connections.
 *
 * The stacks of the data stores do not reference it. It looks up their security groups by name: a data store that does
 * not exist yet gets no rule yet, and the bastion can be planned and destroyed at any time. Egress rules name only
 * ports and the VPC's CIDR, because AWS does not delete a security group that another rule references.
 *
 * @example
 * new BastionAccess(this, "access", {
 *   name: "news-api-dev-bastion", route: "nat", network,
 *   stores: [{ name: "database", kind: "database", securityGroup: { filter: "group-name", value: "news-api-dev-database" }, port: 5432 }],
 * }).found; // { database: whether its security group exists }
 */
export class BastionAccess extends Construct {
  readonly securityGroupId: string;
  /** Data store → whether the bastion has a rule in its security group. */
  readonly found: Readonly<Record<string, unknown>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: BastionAccessProps,
  ) {
    super(scope, id);
    const { name, network, route, stores } = props;
    const group = new SecurityGroup(this, "group", {
      name,
      description: "Whom the bastion may connect to; nobody may connect to it",
      vpcId: network.vpcId,
      tags: { Name: name },
    });
    group.overrideLogicalId("bastion");
    this.securityGroupId = group.id;
    const isPrivate = route === "vpc-endpoints";
    if (!isPrivate) {
      this.egress("systems_manager", "the bastion to AWS Systems Manager", HTTPS, ANYWHERE);
    }
    // One rule for all data stores on a port: AWS refuses a duplicate.
    const ports = new Set([...stores.map(({ port }) => port), ...(isPrivate ? [HTTPS] : [])]);
    for (const port of ports) {
      this.egress(`port_${port}`, `the bastion to port ${port} of the VPC`, port, network.vpcCidr);
    }
    this.found = Object.fromEntries(stores.map((store) => [store.name, this.ingress(store)]));
  }

  private egress(to: string, description: string, port: number, cidrIpv4: string): void {
    new VpcSecurityGroupEgressRule(this, `to_${to}`, {
      securityGroupId: this.securityGroupId,
      description,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      cidrIpv4,
    }).overrideLogicalId(`bastion_to_${to}`);
  }

  private ingress({ name, kind, securityGroup, port }: ReachedStore): unknown {
    const address = clientSlug(name);
    const groups = new DataAwsSecurityGroups(this, `groups_${address}`, {
      filter: [
        { name: securityGroup.filter, values: [securityGroup.value] },
        { name: "vpc-id", values: [this.props.network.vpcId] },
      ],
    });
    groups.overrideLogicalId(address);
    const rule = new VpcSecurityGroupIngressRule(this, `from_${address}`, {
      // A name is unique in a VPC: one group, or none.
      count: TerraformCount.of(Token.asNumber(Fn.lengthOf(groups.ids))),
      securityGroupId: `\${${groups.fqn}.ids[count.index]}`,
      description: `the bastion to the ${kind}`,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      referencedSecurityGroupId: this.securityGroupId,
    });
    rule.overrideLogicalId(`${address}_from_bastion`);
    return Token.asAny(`\${length(${groups.fqn}.ids) > 0}`);
  }
}
