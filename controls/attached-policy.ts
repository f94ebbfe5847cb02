import { isAgentsPolicy } from "./bastion";
import type { Check } from "./check";
import type { Control, Demand } from "./control";
import { references } from "./expression";
import { allowsNothing } from "./policy";

const MONITORING = /^arn:[^:]+:iam::aws:policy\/service-role\/AmazonRDSEnhancedMonitoringRole$/;

const knownPolicy: Check = {
  attribute: "policy_arn",
  must: "be a policy of the stack or the AWS managed policy AmazonRDSEnhancedMonitoringRole; for an instance, AmazonSSMManagedInstanceCore",
  look: (attachment) => {
    const value = attachment.attributes.policy_arn;
    const [address = ""] = references(value);
    const isKnown =
      attachment.stack.at(address)?.type === "aws_iam_policy" ||
      MONITORING.test(String(value)) ||
      isAgentsPolicy(attachment);
    return isKnown
      ? { verdict: "holds", got: "such a policy" }
      : { verdict: "unknown", got: String(value) };
  },
};

const APPLICATION =
  /^(secretsmanager:(GetSecretValue|DescribeSecret)|kms:Decrypt|rds-db:connect|elasticache:Connect)$/;

/** The application's permissions: to read its secrets, use its keys, and log in. */
const readsOnlySecrets = (attribute: string): Check => ({
  attribute,
  must: "allow only what an application needs, on secrets and keys by name: secretsmanager:GetSecretValue, kms:Decrypt, rds-db:connect, elasticache:Connect",
  look: (block) =>
    allowsNothing(block, attribute, ({ actions, resources, withExceptions }) => [
      ...(withExceptions ? ["everything with exceptions"] : []),
      ...actions.filter((action) => !APPLICATION.test(action)),
      ...resources.filter(
        (arn) => /[*?]/.test(arn) && !/:(dbuser|user|replicationgroup):/.test(arn),
      ),
    ]),
});

const applicationPolicies: Demand[] = [
  { type: "aws_iam_role_policy", checks: [readsOnlySecrets("policy")] },
  {
    type: "output",
    only: {
      says: "that is a policy",
      takes: ({ address, attributes: { value } }) =>
        address.endsWith("_policy") || Object.hasOwn(Object(value), "Statement"),
    },
    checks: [readsOnlySecrets("value")],
  },
];

/** The policies of roles, especially of the application's role. */
export const attachedPolicyControls: readonly Control[] = [
  {
    id: "MDS.23",
    also: [],
    demands:
      "A role has only policies that the controls evaluate, and the application's role only the permissions it needs.",
    on: [{ type: "aws_iam_role_policy_attachment", checks: [knownPolicy] }, ...applicationPolicies],
  },
];
