import { type Change, same } from "../change";
import { type Finding, refused } from "../finding";
import type { Values } from "../plan";
import { compareVersions } from "../rules/attribute-rule";
import { sourceAttributes } from "../rules/network-rules";

type Resources = Readonly<Record<string, Readonly<Record<string, Values>>>>;

/** A stack's synthesized JSON. */
export interface Configuration {
  readonly resource?: Resources;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
  readonly removed?: readonly { readonly from: string }[];
}

/** Attributes whose change replaces the resource: https://registry.terraform.io/providers/hashicorp/aws/latest/docs */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  aws_db_instance: (
    "username db_name storage_encrypted kms_key_id availability_zone engine snapshot_identifier " +
    "restore_to_point_in_time"
  ).split(" "),
  aws_elasticache_cluster:
    "cluster_id engine port subnet_group_name availability_zone transit_encryption_enabled network_type".split(
      " ",
    ),
  aws_elasticache_replication_group: (
    "replication_group_id port subnet_group_name at_rest_encryption_enabled kms_key_id snapshot_name " +
    "data_tiering_enabled"
  ).split(" "),
  aws_secretsmanager_secret: ["name", "name_prefix"],
  aws_cloudwatch_log_group: ["name"],
  aws_security_group: ["name", "description", "vpc_id"],
  aws_s3_bucket: ["bucket"],
  aws_db_parameter_group: ["name", "name_prefix", "family"],
  aws_elasticache_parameter_group: ["name", "name_prefix", "family"],
  terraform_data: ["triggers_replace"],
};

const META = new Set(["//", "lifecycle", "depends_on", "provider"]);
/** AWS allows no VPC that is wider than /16. */
const VPC_CIDR = /^\$\{data\.aws_vpc\.[\w-]+\.cidr_block\}$/;

interface Resource {
  readonly type: string;
  readonly values: Values;
  readonly preventDestroy: boolean;
  readonly createBeforeDestroy: boolean;
}

function resourcesOf({ resource = {} }: Configuration): Map<string, Resource> {
  return new Map(
    Object.entries(resource).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, values]) => {
        const lifecycle = (values.lifecycle ?? {}) as Record<string, boolean>;
        const attributes = Object.entries(values).filter(([key]) => !META.has(key));
        return [
          `${type}.${name}`,
          {
            type,
            values: Object.fromEntries(attributes),
            preventDestroy: lifecycle.prevent_destroy === true,
            createBeforeDestroy: lifecycle.create_before_destroy === true,
          },
        ] as const;
      }),
    ),
  );
}

export interface ConfigurationDifference {
  readonly changes: readonly Change[];
  /** Findings that only the configuration shows, because a plan does not contain the lifecycle. */
  readonly findings: readonly Finding[];
}

/** The changes between two configurations, as far as the JSON shows them. */
export function difference(base: Configuration, head: Configuration): ConfigurationDifference {
  const [old, now] = [resourcesOf(base), resourcesOf(head)];
  const moves = new Map((head.moved ?? []).map(({ from, to }) => [from, to]));
  const forgotten = new Set((head.removed ?? []).map(({ from }) => from));
  const addressNow = (from: string) => (now.has(from) ? from : (moves.get(from) ?? from));
  const pairs = [...old].map(([from, before]) => {
    const address = addressNow(from);
    return { from, address, before, after: now.get(address) };
  });
  const known = new Set(pairs.map(({ address }) => address));
  const created = [...now].filter(([address]) => !known.has(address));
  return {
    changes: [
      ...pairs.map(({ from, address, before, after }) =>
        after ? kept(from, address, before, after) : gone(from, before, forgotten),
      ),
      ...created.map(([address, { type, values }]) =>
        change(address, type, ["create"], undefined, values),
      ),
    ],
    findings: pairs.flatMap(({ address, before, after }) =>
      after ? lifecycle(address, before, after) : [],
    ),
  };
}

function gone(address: string, { type, values }: Resource, forgotten: ReadonlySet<string>): Change {
  return change(address, type, [forgotten.has(address) ? "forget" : "delete"], values, undefined);
}

function kept(from: string, address: string, before: Resource, after: Resource): Change {
  const order = after.createBeforeDestroy ? ["create", "delete"] : ["delete", "create"];
  const differs = !same(before.values, after.values);
  const actions = differs ? (replaces(before, after) ? order : ["update"]) : ["no-op"];
  const made = change(address, after.type, actions, before.values, after.values);
  return from === address ? made : { ...made, previousAddress: from };
}

function replaces({ type, values: before }: Resource, { values: after }: Resource): boolean {
  const differs = (name: string) => !same(before[name], after[name]);
  if (type === "aws_vpc_security_group_ingress_rule") {
    return sourceAttributes(type).some(
      (name) => (before[name] === undefined) !== (after[name] === undefined),
    );
  }
  const isOlderCache =
    type === "aws_elasticache_cluster" &&
    compareVersions(after.engine_version, before.engine_version) < 0;
  return isOlderCache || (REPLACING[type] ?? []).some(differs);
}

function change(
  address: string,
  type: string,
  actions: readonly string[],
  before: Values | undefined,
  after: Values | undefined,
): Change {
  const unknown = Object.entries(after ?? {}).filter(
    ([name, value]) => isReference(value) && !same(before?.[name], value),
  );
  const names = new Set(unknown.map(([name]) => name));
  return {
    address,
    previousAddress: undefined,
    type,
    actions,
    before,
    after: after && Object.fromEntries(Object.entries(after).filter(([name]) => !names.has(name))),
    unknown: Object.fromEntries(unknown.map(([name]) => [name, true])),
    sensitive: [],
    importing: false,
    deposed: undefined,
  };
}

/** A value that Terraform computes. */
function isReference(value: unknown): boolean {
  const text = JSON.stringify(value) ?? "";
  return text.includes("${") && !VPC_CIDR.test(String(value));
}

/** An approval covers it in the comparison only: a plan does not show it. */
export const PREVENT_DESTROY = "prevent-destroy";

function lifecycle(address: string, before: Resource, after: Resource): Finding[] {
  return before.preventDestroy && !after.preventDestroy
    ? [refused(PREVENT_DESTROY, address, "Drops prevent_destroy: the next plan may destroy it.")]
    : [];
}
