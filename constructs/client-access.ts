import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import {
  VpcSecurityGroupIngressRule,
  type VpcSecurityGroupIngressRuleConfig,
} from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import type { Client, Clients, DataStore } from "../settings/client";
import type { Network } from "./network";

export interface ClientAccessProps {
  readonly store: DataStore;
  /** The security group's name, constant: a change replaces the group, which hangs while a data store uses it. */
  readonly name: string;
  readonly port: number;
  readonly clients: Clients;
  readonly network: Network;
}

/**
 * Who may open a connection to a data store: its security group, with one ingress rule for each client of the
 * store and nothing else. There is no egress: a data store opens no connections.
 *
 * A rule's address follows the client's name, so a client that is added or removed touches no other client's rule.
 * A client whose kind of source changes is deleted, then created: add a second client first, and there is no gap.
 *
 * @example
 * new ClientAccess(this, "access", {
 *   store: "database", name: "news-api-dev-database", port: 5432, network,
 *   clients: { api: { securityGroupId: "sg-0123456789abcdef0", stores: ["database"] } },
 * }); // aws_security_group.database_access, aws_vpc_security_group_ingress_rule.database_from_api
 */
export class ClientAccess extends Construct {
  readonly securityGroupId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ClientAccessProps,
  ) {
    super(scope, id);
    const group = new SecurityGroup(this, "group", {
      name: props.name,
      description: `Who may connect to the ${props.store}`,
      vpcId: props.network.vpcId,
      tags: { Name: props.name },
      lifecycle: { createBeforeDestroy: true },
    });
    group.overrideLogicalId(`${props.store}_access`);
    this.securityGroupId = group.id;
    for (const [name, client] of Object.entries(props.clients)) {
      if (client.stores.includes(props.store)) {
        this.addRule(name, client);
      }
    }
  }

  private addRule(name: string, client: Client): void {
    const rule = new VpcSecurityGroupIngressRule(this, `from_${name}`, {
      securityGroupId: this.securityGroupId,
      description: describe(name, client, this.props.store),
      ipProtocol: "tcp",
      fromPort: this.props.port,
      toPort: this.props.port,
      ...this.sourceOf(client),
    });
    rule.overrideLogicalId(`${this.props.store}_from_${name}`);
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

function describe(name: string, { reason }: Client, store: DataStore): string {
  return reason ? `${name} to the ${store}: ${reason}` : `${name} to the ${store}`;
}
