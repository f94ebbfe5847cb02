import { accountIn, isOwnAccount } from "./account";
import { isInstanceRole } from "./bastion";
import { type Check, isOneOf } from "./check";
import type { Control } from "./control";
import { references } from "./expression";
import { allowsNothing, type Condition, type Statement } from "./policy";
import type { TerraformBlock } from "./terraform-block";

/** The services that the stacks trust. */
const SERVICES =
  /^Service:((cloudwatch|events\.rds|monitoring\.rds|elasticache)\.amazonaws\.com|logs\.[a-z0-9-]+\.amazonaws\.com(\.cn)?)$/;
/** EC2 acts for instances and supports no such condition. The instance profile names the role. */
const INSTANCES = /^Service:ec2\.amazonaws\.com(\.cn)?$/;
/** Actions that use a key, not those that administer it. */
const KEY_USE = /^(\*|kms:(\*|.*\*.*|Encrypt|Decrypt|ReEncrypt.*|GenerateDataKey.*|CreateGrant))$/i;
/** The issuer whose tokens a role may trust. CKV_AWS_358 evaluates the claims. */
const GITHUB = "token.actions.githubusercontent.com";
const PROVIDER = "aws_iam_openid_connect_provider";

/** An unknown operator, such as StringNotEquals, counts as every account. */
const ANY_ACCOUNT = "*";

/** The accounts that one condition admits. Conditions on other keys only narrow a statement further. */
function accountsIn({ test, variable, values }: Condition): readonly string[] {
  if (/^aws:SourceAccount$/i.test(variable)) {
    return /^StringEquals$/i.test(test) ? values : [ANY_ACCOUNT];
  }
  if (/^(aws:SourceArn|kms:EncryptionContext:aws:logs:arn)$/i.test(variable)) {
    return /^(StringLike|ArnLike|StringEquals|ArnEquals)$/i.test(test)
      ? values.map(accountIn)
      : [ANY_ACCOUNT];
  }
  return [];
}

/** Whether a statement admits only requests on behalf of the account. */
function actsForItsAccount(block: TerraformBlock, { conditions }: Statement): boolean {
  const accounts = conditions.flatMap(accountsIn);
  return accounts.length > 0 && accounts.every((account) => isOwnAccount(block, account));
}

/** GitHub's OIDC provider in the account, or that of the stack, which has its own control. */
function isKnownProvider(block: TerraformBlock, who: string): boolean {
  const [address = ""] = references(who);
  const arn = who.replace(/^Federated:/, "");
  return (
    block.stack.at(address)?.type === PROVIDER ||
    (arn.endsWith(`:oidc-provider/${GITHUB}`) && isOwnAccount(block, accountIn(arn)))
  );
}

function isTrusted(block: TerraformBlock, statement: Statement, who: string): boolean {
  if (who.startsWith("Federated:")) {
    return block.type === "aws_iam_role" && isKnownProvider(block, who);
  }
  if (INSTANCES.test(who)) {
    return isInstanceRole(block);
  }
  if (who.startsWith("Service:")) {
    return SERVICES.test(who) && actsForItsAccount(block, statement);
  }
  const arn = who.replace(/^AWS:/, "");
  return who.startsWith("AWS:") && arn.includes(":iam::") && isOwnAccount(block, accountIn(arn));
}

/** The principals that must not be trusted. */
function strangersIn(block: TerraformBlock, statement: Statement): string[] {
  return statement.principals.length === 0
    ? ["a statement without principals"]
    : statement.principals.filter((who) => !isTrusted(block, statement, who));
}

function trustsItsAccount(attribute: string): Check {
  return {
    attribute,
    must: "trust only principals of its own account, AWS services with a condition on aws:SourceAccount or an ARN of that account, and GitHub's OIDC provider",
    look: (block) => allowsNothing(block, attribute, (statement) => strangersIn(block, statement)),
  };
}

/** A role's trust policy must name the resource. Otherwise anyone who may pass the role could use it for another one. */
const namesItsInstance: Check = {
  attribute: "assume_role_policy",
  must: "name the resource in aws:SourceArn for each service",
  look: (role) =>
    allowsNothing(role, "assume_role_policy", ({ principals, conditions }) => {
      const named = conditions.some(
        ({ variable, values }) =>
          variable === "aws:SourceArn" && values.every((arn) => !/:[^:]*\*$/.test(arn)),
      );
      const isNamed = (who: string) => named || (INSTANCES.test(who) && isInstanceRole(role));
      return principals.filter((who) => who.startsWith("Service:") && !isNamed(who));
    }),
};

/** Without alarm names in the policy, CloudWatch publishes for every alarm of the account. */
function namesItsAlarms(attribute: string): Check {
  return {
    attribute,
    must: "trust CloudWatch only with alarm names in aws:SourceArn",
    look: (block) =>
      allowsNothing(block, attribute, ({ principals, conditions }) => {
        const named = conditions.some(
          ({ variable, values }) =>
            /^aws:SourceArn$/i.test(variable) &&
            values.every((arn) => /^arn:[^*?]+:cloudwatch:.*:alarm:[^*?]+[*?]*$/.test(arn)),
        );
        return named ? [] : principals.filter((who) => who.startsWith("Service:cloudwatch."));
      }),
  };
}

/** Principals of the account use a key through AWS services only. */
const usedThroughServices: Check = {
  attribute: "policy",
  must: "allow principals to use the key only with a condition on kms:ViaService",
  look: (key) =>
    allowsNothing(key, "policy", ({ principals, actions, conditions }) => {
      const through = conditions.some(
        ({ test, variable, values }) =>
          test === "StringEquals" &&
          variable === "kms:ViaService" &&
          values.every((value) => /^[a-z-]+\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(value)),
      );
      const uses = actions.filter((action) => KEY_USE.test(action));
      return !through && principals.some((who) => who.startsWith("AWS:")) ? uses : [];
    }),
};

/** Trust in principals. */
export const trustControls: readonly Control[] = [
  {
    id: "MDS.20",
    also: [],
    demands: "Keys, topics and roles trust their own account only, and AWS services on its behalf.",
    on: [
      {
        type: "aws_kms_key",
        checks: [trustsItsAccount("policy"), namesItsAlarms("policy"), usedThroughServices],
      },
      {
        type: "aws_sns_topic_policy",
        checks: [trustsItsAccount("policy"), namesItsAlarms("policy")],
      },
      { type: "aws_iam_role", checks: [trustsItsAccount("assume_role_policy"), namesItsInstance] },
      {
        type: PROVIDER,
        checks: [
          isOneOf("url", [`https://${GITHUB}`]),
          isOneOf("client_id_list", ["sts.amazonaws.com"]),
        ],
      },
    ],
  },
];
