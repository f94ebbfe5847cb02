import { partitionOf, serviceDomain } from "../../settings/account";

/** What a role may do, on what, and when: a statement of an IAM policy. */
export interface Grant {
  /** `rds:CreateDBInstance` */
  readonly actions: readonly string[];
  /** ARNs, with wildcards where a name is made up; `*` where the actions know no resources. */
  readonly resources: readonly string[];
  readonly condition?: Condition | undefined;
}

/** Operator → condition key → values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What the two roles of a pipeline need. The apply role plans, too. */
export interface RoleGrants {
  readonly plan: readonly Grant[];
  /** What an apply needs besides. */
  readonly apply: readonly Grant[];
}

/** Where the resources of an environment are. */
export interface Place {
  readonly region: string;
  /** The id of the account, or a reference to it. */
  readonly account: string;
}

/** Actions that IAM cannot scope to a resource. */
export const EVERYTHING = ["*"];

/** @param names of actions, such as `"DescribeVpcs DescribeSubnets"`. */
export function grant(
  service: string,
  names: string,
  resources: readonly string[],
  condition?: Condition,
): Grant {
  const actions = names.split(" ").map((name) => `${service}:${name}`);
  return { actions, resources, condition };
}

export function arnOf({ region, account }: Place, service: string, resource: string): string {
  const global = service === "iam";
  return `arn:${partitionOf(region) ?? "aws"}:${service}:${global ? "" : region}:${account}:${resource}`;
}

/** `rds.us-east-1.amazonaws.com`: the service that uses a key on behalf of its caller. */
export function viaService({ region }: Place, services: readonly string[]): Condition {
  const values = services.map((service) => `${service}.${region}.${serviceDomain(region)}`);
  return { StringEquals: { "kms:ViaService": values } };
}

/**
 * The role that a service has in an account. The service creates it on first use.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 */
export function serviceLinkedRole(place: Place, service: string, role: string): Grant {
  const resource = arnOf(place, "iam", `role/aws-service-role/${service}/${role}`);
  return grant("iam", "CreateServiceLinkedRole", [resource], {
    StringEquals: { "iam:AWSServiceName": [service] },
  });
}

export function together(all: readonly RoleGrants[]): RoleGrants {
  return {
    plan: all.flatMap(({ plan }) => plan),
    apply: all.flatMap(({ apply }) => apply),
  };
}
