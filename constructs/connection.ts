import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Fn, TerraformOutput } from "cdktf";
import { Construct } from "constructs";

/** A statement of an IAM policy that allows something. */
export interface Allowed {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

export interface ConnectionProps {
  /** The policy's name, unique in the role. */
  readonly name: string;
  /** Variables whose value ECS fetches when it starts a task: name → ARN. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Variables whose value stands in the task definition: name → value. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the task execution role must be allowed, to fetch them. */
  readonly allowed: readonly Allowed[];
  /** @default - the policy is attached to no role */
  readonly executionRoleName?: string | undefined;
}

/**
 * What the application gets: the `secrets` and `environment` entries of an ECS container definition, and the
 * least-privilege policy that lets the task execution role fetch them. All of them are outputs, none is a secret.
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
    const policy = policyOf(props.allowed);
    const outputs = {
      ecs_secrets: entries(props.secrets, "valueFrom"),
      ecs_environment: entries(props.environment ?? {}, "value"),
      execution_role_policy: policy,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value }).overrideLogicalId(name);
    }
    if (props.executionRoleName) {
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

/** The statement that a customer's own key costs whoever reads what it encrypts; none without a key. */
export function allowedDecrypt(kmsKeyArn: string | undefined): Allowed[] {
  return kmsKeyArn ? [{ Sid: "Decrypt", Action: ["kms:Decrypt"], Resource: [kmsKeyArn] }] : [];
}

function entries(variables: Readonly<Record<string, string>>, key: "value" | "valueFrom") {
  return Object.entries(variables).map(([name, value]) => ({ name, [key]: value }));
}
