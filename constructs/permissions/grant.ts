import { partitionOf, serviceDomain } from "../../settings/account";

/** Actions, resources and conditions: a statement of an IAM policy. */
export interface Grant {
  /** `rds:CreateDBInstance` */
  readonly actions: readonly string[];
  /** ARNs, with wildcards for generated names; `*` for actions without resource-level permissions. */
  readonly resources: readonly string[];
  readonly condition?: Condition | undefined;
}

/** Operator → condition key → values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The grants of a pipeline's two roles. The apply role has both. */
export interface RoleGrants {
  readonly plan: readonly Grant[];
  /** The additional grants of an apply. */
  readonly apply: readonly Grant[];
}

/** The region and account of an environment's resources. */
export interface Place {
  readonly region: string;
  /** The ID of the account, or a reference to it. */
  readonly account: string;
}

/** The resource of actions without resource-level permissions. */
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

/** `rds.us-east-1.amazonaws.com`: a service that uses a key on behalf of its caller. */
export function viaService({ region }: Place, services: readonly string[]): Condition {
  const values = services.map((service) => `${service}.${region}.${serviceDomain(region)}`);
  return { StringEquals: { "kms:ViaService": values } };
}

/**
 * Permission to create a service-linked role. A service needs it on first use.
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
