import { type Check, checkOn, inside, isSet } from "./check";
import type { Control, Demand, Filter } from "./control";
import { references } from "./expression";
import { allowsNothing, type Condition, everybody, type Statement } from "./policy";
import type { TerraformBlock } from "./terraform-block";
import { hasResources } from "./unscoped-actions";

const IS_POLICY: Filter = {
  says: "that is a policy or is named …_policy",
  takes: ({ address, attributes: { value } }) =>
    address.endsWith("_policy") || Object.hasOwn(Object(value), "Statement"),
};

function allows(
  attribute: string,
  must: string,
  wrong: (statement: Statement) => readonly string[],
): Check {
  return { attribute, must, look: (block) => allowsNothing(block, attribute, wrong) };
}

/** Every policy that grants permissions: attached here, or an output for others to attach. */
function policies(must: string, wrong: (statement: Statement) => readonly string[]): Demand[] {
  return [
    { type: "aws_iam_role_policy", checks: [allows("policy", must, wrong)] },
    { type: "aws_iam_policy", checks: [allows("policy", must, wrong)] },
    {
      type: "aws_iam_role",
      only: { says: "with inline policies", takes: (role) => role.has("inline_policy") },
      checks: [inside("inline_policy", allows("policy", must, wrong))],
    },
    { type: "output", only: IS_POLICY, checks: [allows("value", must, wrong)] },
  ];
}

const trusts = (must: string, wrong: (statement: Statement) => readonly string[]): Demand[] => [
  { type: "aws_iam_role", checks: [allows("assume_role_policy", must, wrong)] },
];

const GITHUB = "token.actions.githubusercontent.com";

/** By its ARN, or by reference to the provider of the stack. MDS.20 admits no other. */
const IS_GITHUB = new RegExp(
  `^Federated:(.*/${GITHUB}|\\$\\{aws_iam_openid_connect_provider\\..*)$`,
);

/** The claims of GitHub's tokens that a trust policy leaves open: other repositories, other jobs, another audience. */
function openToGithub({ principals, conditions }: Statement): string[] {
  if (!principals.some((who) => IS_GITHUB.test(who))) {
    return [];
  }
  const valuesOf = (claim: string) =>
    conditions.find(
      ({ test, variable }) => test === "StringEquals" && variable === `${GITHUB}:${claim}`,
    )?.values ?? [];
  const subjects = valuesOf("sub");
  const named = subjects.length > 0 && !subjects.some((subject) => /[*?]/.test(subject));
  return [...(named ? [] : ["any sub"]), ...(valuesOf("aud").length > 0 ? [] : ["any aud"])];
}

const isWildcard = (action: string) => action === "*" || action.endsWith(":*");
const everyKey = (resource: string) => /^\*$|:key\/\*$|^arn:[^:]*:kms:[^/]*:\*$/.test(resource);
const DECRYPTION = /^(\*|kms:(\*|decrypt|reencrypt\*|reencryptfrom))$/i;

/** A condition on a tag selects keys whose IDs do not exist yet. Security Hub itself ignores conditions. */
const namesByTag = ({ test, variable }: Condition) =>
  test === "StringEquals" && variable.startsWith("aws:ResourceTag/");

/** In every partition: arn:aws, arn:aws-cn, arn:aws-us-gov. */
const ADMINISTRATION = /^arn:[^:]+:iam::aws:policy\/(AdministratorAccess|IAMFullAccess)$/;

/** No AWS managed administrator policy. */
function givesNoAdministration(type: string, attribute: string): Demand {
  return {
    type,
    only: { says: "with policies by ARN", takes: (block) => block.has(attribute) },
    checks: [
      checkOn(
        attribute,
        "not be the AWS managed policy AdministratorAccess or IAMFullAccess",
        (arns) => !(arns as unknown[]).some((arn) => ADMINISTRATION.test(String(arn))),
        (block) => othersPolicies(block, attribute),
      ),
    ],
  };
}

/** The ARNs of policies outside the stack. Other controls evaluate the stack's own policies. */
function othersPolicies(block: TerraformBlock, attribute: string): unknown[] {
  const isOwn = (value: unknown) => {
    const [address = ""] = references(value);
    return block.stack.at(address)?.type === "aws_iam_policy";
  };
  return [block.attributes[attribute] ?? []]
    .flat()
    .filter((value) => !isOwn(value))
    .map((value) => block.stack.resolve(value));
}

/** Permissions: IAM policies, roles and key policies. */
export const permissionControls: readonly Control[] = [
  {
    id: "IAM.1",
    also: ["CKV_AWS_1", "CKV_AWS_62", "CKV2_AWS_40", "CIS-5.0.0/1.15"],
    demands: "No policy allows everything.",
    on: policies("not allow the action * on the resource *", ({ actions, resources }) =>
      actions.includes("*") && resources.includes("*") ? ["* on *"] : [],
    ),
  },
  {
    id: "IAM.21",
    also: ["CKV_AWS_49", "CKV_AWS_63"],
    demands: "No policy allows every action of a service.",
    on: policies("not allow an action that is * or ends in :*", ({ actions }) =>
      actions.filter(isWildcard),
    ),
  },
  {
    id: "CKV_AWS_355",
    also: ["CKV_AWS_356"],
    demands: "A policy names its resources, except for actions without resource-level permissions.",
    on: policies(
      "name the resources of every action with resource-level permissions",
      ({ actions, resources }) => {
        const found = resources.includes("*") ? actions.filter(hasResources) : [];
        return found.length > 0 ? [`${found.join(", ")} on *`] : [];
      },
    ),
  },
  {
    id: "KMS.2",
    also: ["KMS.1"],
    demands: "No policy allows decryption with every key.",
    on: policies("not allow decryption with every key", ({ actions, resources, conditions }) =>
      resources.some(everyKey) && !conditions.some(namesByTag)
        ? actions.filter((action) => DECRYPTION.test(action))
        : [],
    ),
  },
  {
    id: "CKV_AWS_60",
    also: [],
    demands: "A role's trust policy names the principals that may assume it.",
    on: trusts("not trust everyone", ({ principals }) => principals.filter((who) => who === "*")),
  },
  {
    id: "CKV_AWS_61",
    also: [],
    demands: "No role trusts a whole account.",
    on: trusts("not trust a whole account", ({ principals }) =>
      principals.filter((who) => /^AWS:(\d{12}|arn:.*:root)$/.test(who)),
    ),
  },
  {
    id: "CKV_AWS_358",
    also: [],
    demands: "A role for GitHub Actions trusts only named jobs of a named repository.",
    on: trusts("name the repository and the job in …:sub, and the audience in …:aud", openToGithub),
  },
  {
    id: "CKV_AWS_274",
    also: ["CKV_AWS_275", "CKV2_AWS_56"],
    demands: "No role has an AWS managed administrator policy.",
    on: [
      givesNoAdministration("aws_iam_role_policy_attachment", "policy_arn"),
      givesNoAdministration("aws_iam_policy_attachment", "policy_arn"),
      givesNoAdministration("aws_iam_role_policy_attachments_exclusive", "policy_arns"),
      givesNoAdministration("aws_iam_role", "managed_policy_arns"),
    ],
  },
  {
    id: "CKV2_AWS_64",
    also: [],
    demands: "A key has an explicit policy.",
    on: [{ type: "aws_kms_key", checks: [isSet("policy")] }],
  },
  {
    id: "KMS.5",
    also: ["CKV_AWS_33"],
    demands: "No key policy allows anything to everyone.",
    on: [
      {
        type: "aws_kms_key",
        only: { says: "with a policy", takes: (key) => key.has("policy") },
        checks: [allows("policy", "allow nothing to everyone", everybody)],
      },
    ],
  },
  {
    id: "MDS.8",
    also: [],
    demands: "Terraform refuses credentials of other accounts.",
    production: true,
    on: [{ type: "provider.aws", checks: [isSet("allowed_account_ids")] }],
  },
];
