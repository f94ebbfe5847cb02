import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import {
  VpcSecurityGroupIngressRule,
  type VpcSecurityGroupIngressRuleConfig,
} from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import { type Client, clientSlug } from "../../settings/client";
import type { StoreKind } from "../../settings/data-stores";
import type { Kept } from "../../settings/kept";
import type { Network } from "./network";

export interface ClientAccessProps {
  readonly store: StoreKind;
  /** The security group's name. Constant: a change replaces the group, which hangs while a data store uses it. */
  readonly name: string;
  readonly port: number;
  /** The clients that may connect to this store, by name. */
  readonly clients: Readonly<Record<string, Client>>;
  readonly network: Network;
  /** The existing groups to keep. The rules go into the first one. @default - the group is created */
  readonly kept?: Kept | undefined;
}

/**
 * Network access to a data store: its security group, with one ingress rule for each client. It has no egress rule,
 * because a data store opens no connections. In a kept group, it only creates the rules.
 *
 * A rule's address follows the client's name, so adding or removing a client touches no other client's rule. When the
 * kind of a client's source changes, Terraform creates the new rule before it deletes the old one.
 *
 * @example
 * new ClientAccess(this, "access", {
 *   store: "database", name: "news-api-dev-database", port: 5432, network,
 *   clients: { api: { securityGroupId: "sg-0123456789abcdef0" } },
 * }); // aws_security_group.database_access, aws_vpc_security_group_ingress_rule.database_from_api
 */
export class ClientAccess extends Construct {
  /** The group with the rules. */
  readonly securityGroupId: string;
  /** Every group of the data store. */
  readonly securityGroupIds: string[];
  /**
   * One for each client. A data store depends on them: when it moves to another group, Terraform creates the rules
   * there, moves the data store, and only then deletes the rules in the old group.
   */
  readonly rules: readonly VpcSecurityGroupIngressRule[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ClientAccessProps,
  ) {
    super(scope, id);
    const [first, ...others] = props.kept?.securityGroupIds ?? [];
    this.securityGroupId = first ?? this.createGroup().id;
    this.securityGroupIds = [this.securityGroupId, ...others];
    this.rules = Object.entries(props.clients).map(([name, client]) => this.rule(name, client));
  }

  private createGroup(): SecurityGroup {
    const { name, store, network } = this.props;
    const group = new SecurityGroup(this, "group", {
      name,
      description: `Who may connect to the ${store}`,
      vpcId: network.vpcId,
      tags: { Name: name },
      lifecycle: { createBeforeDestroy: true },
    });
    group.overrideLogicalId(`${store}_access`);
    return group;
  }

  private rule(name: string, client: Client): VpcSecurityGroupIngressRule {
    const rule = new VpcSecurityGroupIngressRule(this, `from_${clientSlug(name)}`, {
      securityGroupId: this.securityGroupId,
      description: describe(name, client, this.props.store),
      ipProtocol: "tcp",
      fromPort: this.props.port,
      toPort: this.props.port,
      ...this.sourceOf(client),
      // Another kind of source replaces the rule. Without this, the client could not connect between the two calls.
      lifecycle: { createBeforeDestroy: true, ignoreChanges: this.ignoredOnRules() },
    });
    rule.overrideLogicalId(`${this.props.store}_from_${clientSlug(name)}`);
    return rule;
  }

  /** An imported rule has its own description, or none. */
  private ignoredOnRules(): string[] | undefined {
    const { securityGroupIds, tags } = this.props.kept ?? {};
    const ignored = [
      ...(securityGroupIds ? ["description"] : []),
      ...(tags ? ["tags", "tags_all"] : []),
    ];
    return ignored.length > 0 ? ignored : undefined;
  }

  private sourceOf(client: Client): Partial<VpcSecurityGroupIngressRuleConfig> {
    return {
      cidrIpv4: client.vpcCidr ? this.props.network.vpcCidr : client.cidrIpv4,
      cidrIpv6: client.cidrIpv6,
      prefixListId: client.prefixListId,
      referencedSecurityGroupId: client.securityGroupId,
    };
  }
}

function describe(name: string, { reason }: Client, store: StoreKind): string {
  return reason ? `${name} to the ${store}: ${reason}` : `${name} to the ${store}`;
}
