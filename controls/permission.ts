import { type Check, checkOn, inside, isSet } from "./check";
import type { Control, Demand, Filter } from "./control";
import { references } from "./expression";
import { allowsNothing, type Condition, everybody, type Statement } from "./policy";
import type { TerraformBlock } from "./terraform-block";
import { hasResources } from "./unscoped-actions";

const IS_POLICY: Filter = {
  says: "that is a policy, or is named …_policy, for somebody to attach",
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

/** Every policy that gives somebody permissions: attached here, or an output that somebody attaches. */
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

/** By its ARN, or the provider of the stack. MDS.20 lets in no other. */
const IS_GITHUB = new RegExp(
  `^Federated:(.*/${GITHUB}|\\$\\{aws_iam_openid_connect_provider\\..*)$`,
);

/** What a trust in GitHub's tokens leaves open: other repositories, other jobs, tokens for somebody else. */
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

/** A condition on a tag names keys whose ids are made up later. Security Hub itself reads no conditions. */
const namesByTag = ({ test, variable }: Condition) =>
  test === "StringEquals" && variable.startsWith("aws:ResourceTag/");

/** In every partition: arn:aws, arn:aws-cn, arn:aws-us-gov. */
const ADMINISTRATION = /^arn:[^:]+:iam::aws:policy\/(AdministratorAccess|IAMFullAccess)$/;

/** No administrator's policy among those of AWS that somebody gets. */
function givesNoAdministration(type: string, attribute: string): Demand {
  return {
    type,
    only: { says: "with policies by ARN", takes: (block) => block.has(attribute) },
    checks: [
      checkOn(
        attribute,
        "have neither AdministratorAccess nor IAMFullAccess of AWS",
        (arns) => !(arns as unknown[]).some((arn) => ADMINISTRATION.test(String(arn))),
        (block) => othersPolicies(block, attribute),
      ),
    ],
  };
}

/** The ARNs of policies that are not the stack's own: other controls look at those. */
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

/** Who may do what: IAM policies and roles, and the policies of keys. */
export const permissionControls: readonly Control[] = [
  {
    id: "IAM.1",
    also: ["CKV_AWS_1", "CKV_AWS_62", "CKV2_AWS_40", "CIS-5.0.0/1.15"],
    demands: "No policy allows everything.",
    on: policies("allow no * on *", ({ actions, resources }) =>
      actions.includes("*") && resources.includes("*") ? ["* on *"] : [],
    ),
  },
  {
    id: "IAM.21",
    also: ["CKV_AWS_49", "CKV_AWS_63"],
    demands: "No policy allows every action of a service.",
    on: policies("allow no action that is * or ends in :*", ({ actions }) =>
      actions.filter(isWildcard),
    ),
  },
  {
    id: "CKV_AWS_355",
    also: ["CKV_AWS_356"],
    demands: "A policy names the resources that it is about, where IAM can tell them apart.",
    on: policies("allow nothing on every resource", ({ actions, resources }) => {
      const found = resources.includes("*") ? actions.filter(hasResources) : [];
      return found.length > 0 ? [`${found.join(", ")} on *`] : [];
    }),
  },
  {
    id: "KMS.2",
    also: ["KMS.1"],
    demands: "No policy allows to decrypt with every key.",
    on: policies("allow no decryption with every key", ({ actions, resources, conditions }) =>
      resources.some(everyKey) && !conditions.some(namesByTag)
        ? actions.filter((action) => DECRYPTION.test(action))
        : [],
    ),
  },
  {
    id: "CKV_AWS_60",
    also: [],
    demands: "A role's trust policy names the principals that may assume it.",
    on: trusts("trust not everybody", ({ principals }) => principals.filter((who) => who === "*")),
  },
  {
    id: "CKV_AWS_61",
    also: [],
    demands: "A role is not for everybody in an account.",
    on: trusts("trust no whole account", ({ principals }) =>
      principals.filter((who) => /^AWS:(\d{12}|arn:.*:root)$/.test(who)),
    ),
  },
  {
    id: "CKV_AWS_358",
    also: [],
    demands: "A role that GitHub's jobs take says which jobs of which repository.",
    on: trusts("name repository and job in …:sub, and the audience", openToGithub),
  },
  {
    id: "CKV_AWS_274",
    also: ["CKV_AWS_275", "CKV2_AWS_56"],
    demands: "No role gets AWS's administrator policies.",
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
    demands: "A key has a policy of its own.",
    on: [{ type: "aws_kms_key", checks: [isSet("policy")] }],
  },
  {
    id: "KMS.5",
    also: ["CKV_AWS_33"],
    demands: "A key is not for everybody.",
    on: [
      {
        type: "aws_kms_key",
        only: { says: "with a policy of its own", takes: (key) => key.has("policy") },
        checks: [allows("policy", "allow nothing to everybody", everybody)],
      },
    ],
  },
  {
    id: "MDS.8",
    also: [],
    demands: "Terraform refuses to run with another account's credentials.",
    production: true,
    on: [{ type: "provider.aws", checks: [isSet("allowed_account_ids")] }],
  },
];
