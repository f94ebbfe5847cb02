import type { Grant } from "./grant";

/** The size limit of a managed policy, without white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LONGEST_POLICY = 6144;
const VERSION = "2012-10-17";
const AN_ACCOUNT = "123456789012";

export interface Statement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Grant["condition"];
}

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/**
 * The smallest number of IAM policies that holds the grants. Grants of the same actions under the
 * same condition become one statement.
 * @param account the account in the ARNs. A reference counts as long as an account ID.
 */
export function policyDocuments(grants: readonly Grant[], account: string): PolicyDocument[] {
  const policies: Statement[][] = [[]];
  const lengthOf = (statements: readonly Statement[]) =>
    JSON.stringify(document(statements)).replaceAll(account, AN_ACCOUNT).length;
  for (const statement of merged(grants).flatMap((one) => split(one, lengthOf))) {
    const last = policies.at(-1) as Statement[];
    if (lengthOf([...last, statement]) > LONGEST_POLICY) {
      policies.push([statement]);
    } else {
      last.push(statement);
    }
  }
  return policies.map(document);
}

function document(statements: readonly Statement[]): PolicyDocument {
  return { Version: VERSION, Statement: statements };
}

function merged(grants: readonly Grant[]): Statement[] {
  const byActions = new Map<string, Statement>();
  for (const { actions, resources, condition } of grants) {
    const key = JSON.stringify([actions, condition]);
    const Resource = [...new Set([...(byActions.get(key)?.Resource ?? []), ...resources])];
    byActions.set(key, {
      Effect: "Allow",
      Action: actions,
      Resource,
      ...(condition ? { Condition: condition } : {}),
    });
  }
  return [...byActions.values()];
}

/** Halves a statement until each part fits into one policy. */
function split(
  statement: Statement,
  lengthOf: (statements: readonly Statement[]) => number,
): Statement[] {
  const { Resource } = statement;
  if (lengthOf([statement]) <= LONGEST_POLICY || Resource.length === 1) {
    return [statement];
  }
  const half = Math.ceil(Resource.length / 2);
  return [Resource.slice(0, half), Resource.slice(half)].flatMap((part) =>
    split({ ...statement, Resource: part }, lengthOf),
  );
}
