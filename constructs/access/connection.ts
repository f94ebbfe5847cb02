import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Fn, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { serviceDomain } from "../../settings/account";

/** A statement of an IAM policy that allows something. */
export interface Allowed {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface ConnectionProps {
  /** The policy's name, unique in the role. */
  readonly name: string;
  /** Variables whose value ECS fetches when it starts a task: name → ARN. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Variables whose value is in the task definition: name → value. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Permissions that the task execution role needs to fetch them. An empty list creates no policy. */
  readonly allowed: readonly Allowed[];
  /** The role that the policy is attached to. @default - none */
  readonly executionRoleName?: string | undefined;
}

/**
 * What the application gets: the `secrets` and `environment` entries of an ECS container definition, and the
 * least-privilege policy that lets the task execution role fetch the secrets. All of them are outputs; none is a secret.
 *
 * @example
 * new Connection(this, "connection", {
 *   name: "news-api-dev-database",
 *   secrets: { DATABASE_URL: secret.arn },
 *   allowed: [{ Sid: "ReadDatabaseUrl", Action: ["secretsmanager:GetSecretValue"], Resource: [secret.arn] }],
 * });
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
export class Connection extends Construct {
  constructor(scope: Construct, id: string, props: ConnectionProps) {
    super(scope, id);
    const policy = props.allowed.length > 0 ? policyOf(props.allowed) : undefined;
    const outputs = {
      ecs_secrets: entries(props.secrets, "valueFrom"),
      ecs_environment: entries(props.environment ?? {}, "value"),
      ...(policy && { execution_role_policy: policy }),
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value }).overrideLogicalId(name);
    }
    if (policy && props.executionRoleName) {
      const attached = new IamRolePolicy(this, "policy", {
        name: props.name,
        role: props.executionRoleName,
        policy: Fn.jsonencode(policy),
      });
      attached.overrideLogicalId("execution_role");
    }
  }
}

/** An IAM policy document of statements that allow. */
export function policyOf(allowed: readonly Allowed[]) {
  return {
    Version: "2012-10-17",
    Statement: allowed.map((statement) => ({ Effect: "Allow", ...statement })),
  };
}

/**
 * The statement that lets a role read secrets under a customer managed key. It allows decryption through Secrets Manager
 * only. Without a key, there is no statement.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function allowedDecrypt(kmsKeyArn: string | undefined, region: string): Allowed[] {
  const Condition = {
    StringEquals: { "kms:ViaService": `secretsmanager.${region}.${serviceDomain(region)}` },
  };
  return kmsKeyArn
    ? [{ Sid: "Decrypt", Action: ["kms:Decrypt"], Resource: [kmsKeyArn], Condition }]
    : [];
}

function entries(variables: Readonly<Record<string, string>>, key: "value" | "valueFrom") {
  return Object.entries(variables).map(([name, value]) => ({ name, [key]: value }));
}
