import { Fn, TerraformOutput, Token } from "cdktf";
import type { Construct } from "constructs";
import { Network } from "../constructs/access/network";
import { BastionAccess, type ReachedStore } from "../constructs/bastion/bastion-access";
import { BastionInstance } from "../constructs/bastion/bastion-instance";
import { StateBackend } from "../constructs/state-backend";
import { type Bastion, reaches } from "../settings/bastion";
import { type DataStore, dataStoresOf } from "../settings/data-stores";
import type { Environment } from "../settings/environment";
import { AwsStack } from "./aws-stack";
import { backendProps, stackProps } from "./data-store";

export interface BastionStackProps {
  readonly environment: Environment;
  readonly bastion: Bastion;
}

/**
 * The instance through which AWS Systems Manager forwards ports to the data stores of an environment, and its ingress
 * rule in each security group. Destroying the stack changes nothing else.
 *
 * @example
 * for (const bastion of bastionsOf(environment)) {
 *   new BastionStack(app, bastion.stackId, { environment, bastion });
 * }
 */
export class BastionStack extends AwsStack {
  constructor(scope: Construct, id: string, { environment, bastion }: BastionStackProps) {
    super(scope, id, stackProps(environment));
    const { settings } = bastion;
    new StateBackend(this, backendProps(environment, bastion));
    const network = new Network(this, "network", environment.network);
    const access = new BastionAccess(this, "access", {
      name: id,
      route: settings.route,
      stores: reachedStores(environment, bastion),
      network,
    });
    const { subnetId = subnetIn(network, environment) } = settings;
    const { instanceId } = new BastionInstance(this, "instance", {
      name: id,
      region: environment.region,
      settings,
      subnetId,
      isSubnetFound: Token.isUnresolved(subnetId),
      securityGroupId: access.securityGroupId,
    });
    const outputs = {
      bastion_instance_id: instanceId,
      bastion_security_group_id: access.securityGroupId,
      bastion_stores: access.found,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value });
    }
  }
}

/** The environment's first subnet. AWS lists subnets in any order. */
function subnetIn(network: Network, { network: { subnetIds } }: Environment): string {
  return subnetIds === "all" ? Fn.element(Fn.sort(network.subnetIds), 0) : (subnetIds[0] as string);
}

function reachedStores(environment: Environment, { settings }: Bastion): ReachedStore[] {
  return dataStoresOf(environment)
    .filter(({ name }) => reaches(settings, name))
    .map((store) => ({
      name: store.name,
      kind: store.kind,
      securityGroup: securityGroupOf(store),
      port: store.settings.port,
    }));
}

function securityGroupOf({ stackId, settings }: DataStore): ReachedStore["securityGroup"] {
  const [kept] = settings.kept?.securityGroupIds ?? [];
  return kept === undefined
    ? { filter: "group-name", value: settings.securityGroupName ?? stackId }
    : { filter: "group-id", value: kept };
}
