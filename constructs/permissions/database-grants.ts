import {
  arnOf,
  EVERYTHING,
  type Grant,
  grant,
  type Place,
  type RoleGrants,
  serviceLinkedRole,
  together,
} from "./grant";
import { logGroupGrants } from "./log-group-grants";

export interface DatabaseGrantsProps extends Place {
  readonly stackId: string;
  /** The instance's identifier. Names that start with it and a hyphen are covered too: replicas, blue/green copies. */
  readonly identifier: string;
  readonly subnetGroupName: string;
  /** The prefix of the parameter groups' names. */
  readonly parameterGroupPrefix: string;
  /** Existing groups that the instance uses instead of the stack's. @default - none */
  readonly kept?: KeptGroups | undefined;
  /** Who manages the password. */
  readonly credentials: "secret" | "rds-managed" | "existing";
  /** The prefix of the stack's secrets. */
  readonly secretPath: string;
  /** An existing secret that holds the password. @default - none */
  readonly passwordSecretArn?: string | undefined;
  /** The role that the stack creates for enhanced monitoring. @default - none */
  readonly monitoringRoleName?: string | undefined;
  /** An existing role for enhanced monitoring. @default - none */
  readonly monitoringRoleArn?: string | undefined;
  /** The role that gets permission to read the secrets. @default - none */
  readonly executionRoleName?: string | undefined;
  readonly blueGreen: boolean;
  /** The source of the restore. @default - a new, empty instance */
  readonly restoreFrom?: "snapshot" | "point-in-time" | undefined;
}

interface KeptGroups {
  readonly subnetGroupName?: string | undefined;
  readonly parameterGroupName?: string | undefined;
  readonly optionGroupName?: string | undefined;
}

/** A database's stack: instance and replicas, groups, logs, secrets, role, event subscriptions. */
export function databaseGrants(props: DatabaseGrantsProps): RoleGrants {
  return together([
    instanceGrants(props),
    logGrants(props),
    secretGrants(props),
    monitoringGrants(props),
    executionRoleGrants(props),
    startGrants(props),
  ]);
}

function rds(props: DatabaseGrantsProps, ...names: readonly string[]): string[] {
  return names.map((name) => arnOf(props, "rds", name));
}

/** The groups that the instance uses: the stack's own or kept ones. */
function groupsOf(props: DatabaseGrantsProps) {
  const { subnetGroupName, parameterGroupPrefix, kept = {} } = props;
  const parameters = kept.parameterGroupName ?? `${parameterGroupPrefix}-*`;
  return {
    parameters: rds(props, `pg:${parameters}`),
    subnets: rds(props, `subgrp:${kept.subnetGroupName ?? subnetGroupName}`),
    options: rds(props, `og:${kept.optionGroupName ?? "default:*"}`),
  };
}

/** Grants on the stack's own groups; none on kept groups. */
function ownGroupGrants({ kept = {} }: DatabaseGrantsProps, groups: ReturnType<typeof groupsOf>) {
  const { parameters, subnets } = groups;
  return {
    plan: [
      ...(kept.parameterGroupName
        ? []
        : [grant("rds", "DescribeDBParameterGroups DescribeDBParameters", parameters)]),
      ...(kept.subnetGroupName ? [] : [grant("rds", "DescribeDBSubnetGroups", subnets)]),
    ],
    apply: [
      ...(kept.parameterGroupName
        ? []
        : [
            grant(
              "rds",
              "CreateDBParameterGroup ModifyDBParameterGroup ResetDBParameterGroup DeleteDBParameterGroup",
              parameters,
            ),
          ]),
      ...(kept.subnetGroupName
        ? []
        : [grant("rds", "CreateDBSubnetGroup ModifyDBSubnetGroup DeleteDBSubnetGroup", subnets)]),
    ],
  };
}

function instanceGrants(props: DatabaseGrantsProps): RoleGrants {
  const { identifier, stackId } = props;
  const instances = rds(props, `db:${identifier}`, `db:${identifier}-*`);
  const { parameters, subnets, options } = groupsOf(props);
  const events = rds(props, `es:${stackId}-*`);
  const own = ownGroupGrants(props, groupsOf(props));
  const all = [
    ...instances,
    ...(props.kept?.parameterGroupName ? [] : parameters),
    ...(props.kept?.subnetGroupName ? [] : subnets),
    ...events,
  ];
  const used = [...instances, ...parameters, ...subnets, ...options];
  return {
    plan: [
      // The provider looks up an instance by its resource ID, which is not an ARN.
      grant("rds", "DescribeDBInstances", rds(props, "db:*")),
      ...own.plan,
      grant("rds", "DescribeEventSubscriptions", events),
      grant("rds", "ListTagsForResource", all),
    ],
    apply: [
      grant("rds", "CreateDBInstance CreateDBInstanceReadReplica ModifyDBInstance", used),
      grant("rds", "DeleteDBInstance", instances),
      ...own.apply,
      grant(
        "rds",
        "CreateEventSubscription ModifyEventSubscription DeleteEventSubscription AddSourceIdentifierToSubscription RemoveSourceIdentifierFromSubscription",
        events,
      ),
      grant("rds", "AddTagsToResource RemoveTagsFromResource", all),
      serviceLinkedRole(props, "rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ],
  };
}

function logGrants(props: DatabaseGrantsProps): RoleGrants {
  const { identifier } = props;
  const prefix = "log-group:/aws/rds/instance";
  return logGroupGrants([
    arnOf(props, "logs", `${prefix}/${identifier}/*`),
    arnOf(props, "logs", `${prefix}/${identifier}-*`),
  ]);
}

function secretGrants(props: DatabaseGrantsProps): RoleGrants {
  const { credentials, secretPath, passwordSecretArn } = props;
  if (credentials === "existing" && !passwordSecretArn) {
    return { plan: [], apply: [] };
  }
  if (credentials === "rds-managed") {
    // RDS creates its own secret with the permissions of the caller that creates the instance.
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
    const managed = [arnOf(props, "secretsmanager", "secret:rds!*")];
    return { plan: [], apply: [grant("secretsmanager", "CreateSecret TagResource", managed)] };
  }
  const secrets = [arnOf(props, "secretsmanager", `secret:${secretPath}/*`)];
  return {
    plan: [
      // The ephemeral password is generated in every run, and the stored one is read back.
      ...(passwordSecretArn
        ? [grant("secretsmanager", "GetSecretValue", [passwordSecretArn])]
        : [grant("secretsmanager", "GetRandomPassword", EVERYTHING)]),
      grant("secretsmanager", "DescribeSecret GetResourcePolicy GetSecretValue", secrets),
    ],
    apply: [
      grant(
        "secretsmanager",
        "CreateSecret DeleteSecret PutSecretValue UpdateSecret UpdateSecretVersionStage TagResource UntagResource",
        secrets,
      ),
    ],
  };
}

/** RDS services to which the role may be passed. */
const MONITORING = ["monitoring.rds.amazonaws.com", "rds.amazonaws.com"];

function monitoringGrants(props: DatabaseGrantsProps): RoleGrants {
  const { monitoringRoleName, monitoringRoleArn } = props;
  const own = monitoringRoleName && arnOf(props, "iam", `role/${monitoringRoleName}`);
  const role = own ?? monitoringRoleArn;
  const pass: Grant[] = role
    ? [
        grant("iam", "PassRole", [role], {
          StringEquals: { "iam:PassedToService": MONITORING },
        }),
      ]
    : [];
  return own
    ? together([{ plan: [], apply: pass }, ownRoleGrants(own)])
    : { plan: [], apply: pass };
}

function ownRoleGrants(role: string): RoleGrants {
  const partition = role.split(":")[1];
  const policy = `arn:${partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole`;
  return {
    plan: [grant("iam", "GetRole ListRolePolicies ListAttachedRolePolicies", [role])],
    apply: [
      grant(
        "iam",
        "CreateRole DeleteRole UpdateRole UpdateAssumeRolePolicy TagRole UntagRole ListInstanceProfilesForRole",
        [role],
      ),
      grant("iam", "AttachRolePolicy DetachRolePolicy", [role], {
        ArnEquals: { "iam:PolicyARN": [policy] },
      }),
    ],
  };
}

function executionRoleGrants(props: DatabaseGrantsProps): RoleGrants {
  const { executionRoleName } = props;
  const roles = executionRoleName ? [arnOf(props, "iam", `role/${executionRoleName}`)] : [];
  return roles.length > 0
    ? {
        plan: [grant("iam", "GetRolePolicy", roles)],
        apply: [grant("iam", "PutRolePolicy DeleteRolePolicy", roles)],
      }
    : { plan: [], apply: [] };
}

/** The grants for a restore and a blue/green deployment, if the settings use them. */
function startGrants(props: DatabaseGrantsProps): RoleGrants {
  const { identifier, restoreFrom, blueGreen } = props;
  const { parameters, subnets, options } = groupsOf(props);
  const instance = rds(props, `db:${identifier}`);
  const made = [...instance, ...subnets, ...parameters, ...options];
  const deployments = rds(props, "deployment:*");
  const copies = [...instance, ...rds(props, `db:${identifier}-*`), ...parameters];
  return {
    plan: blueGreen ? [grant("rds", "DescribeBlueGreenDeployments", deployments)] : [],
    apply: [
      ...(restoreFrom === "snapshot"
        ? [grant("rds", "RestoreDBInstanceFromDBSnapshot", [...made, ...rds(props, "snapshot:*")])]
        : []),
      ...(restoreFrom === "point-in-time"
        ? [
            grant("rds", "RestoreDBInstanceToPointInTime", [
              ...made,
              ...rds(props, "db:*", "auto-backup:*"),
            ]),
          ]
        : []),
      ...(blueGreen
        ? [
            grant("rds", "CreateBlueGreenDeployment", [...copies, ...deployments]),
            grant("rds", "SwitchoverBlueGreenDeployment DeleteBlueGreenDeployment", deployments),
          ]
        : []),
    ],
  };
}
