import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { partitionOf } from "../../settings/account";
import { accountOf } from "../access/account";

export interface MonitoringRoleProps {
  readonly name: string;
  /** The identifiers of the instance and its replicas. */
  readonly identifiers: readonly string[];
  readonly region: string;
  /** @default - the credentials' account, looked up */
  readonly account?: string | undefined;
}

/**
 * RDS appends `-green-` and six characters to the identifiers of the copies in a blue/green deployment.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-creating.html
 */
const GREEN_SUFFIX = "-green-??????";

/**
 * The role with which RDS writes a database's operating-system metrics to CloudWatch Logs. Only RDS can assume it, and
 * only for this database, its replicas and their blue/green copies. Without these conditions, anyone who may pass the role could use it for another database.
 *
 * @example
 * const role = new MonitoringRole(this, "role", { name: "news-api-dev-monitoring", identifiers: ["news-api-db"], region });
 * new DbInstance(this, "database", { monitoringRoleArn: role.arn, dependsOn: [role.permission], … });
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
 */
export class MonitoringRole extends Construct {
  readonly arn: string;
  /** RDS refuses the role until this policy is attached. */
  readonly permission: ITerraformDependable;

  constructor(scope: Construct, id: string, props: MonitoringRoleProps) {
    super(scope, id);
    const role = new IamRole(this, "role", {
      name: props.name,
      description: "Lets RDS write the metrics of the database's operating system",
      assumeRolePolicy: Fn.jsonencode(this.trust(props)),
    });
    role.overrideLogicalId("database_monitoring");
    const permission = new IamRolePolicyAttachment(this, "permission", {
      role: role.name,
      policyArn: `arn:${partitionOf(props.region)}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole`,
    });
    permission.overrideLogicalId("database_monitoring");
    this.arn = role.arn;
    this.permission = permission;
  }

  private trust({ identifiers, region, account: named }: MonitoringRoleProps) {
    const account = accountOf(this, named);
    const databases = identifiers
      .flatMap((identifier) => [identifier, `${identifier}${GREEN_SUFFIX}`])
      .map((identifier) => `arn:${partitionOf(region)}:rds:${region}:${account}:db:${identifier}`);
    return {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "monitoring.rds.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": account },
            ArnLike: { "aws:SourceArn": databases },
          },
        },
      ],
    };
  }
}
