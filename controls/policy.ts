import type { Outcome } from "./check";
import { references, Unknown } from "./expression";
import type { TerraformBlock } from "./terraform-block";

/** A statement of an IAM policy, in any of the forms that Terraform accepts. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** `*`, `AWS:arn:…`, `Service:monitoring.rds.amazonaws.com` */
  readonly principals: readonly string[];
  readonly conditions: readonly Condition[];
  /** Whether it has exceptions, such as NotAction: then it allows much, or denies little. */
  readonly withExceptions: boolean;
}

export interface Condition {
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const texts = (value: unknown): string[] => [value ?? []].flat().map(String);

/**
 * The statements of the policy in an attribute: a document by reference, `jsonencode(…)`, JSON, or an object.
 * `Unknown` for a policy that is only known after apply.
 */
export function statementsOf(
  block: TerraformBlock,
  attribute: string,
): readonly Statement[] | Unknown {
  const policy = block.attributes[attribute];
  const [address = ""] = references(policy);
  const document = block.stack.at(address);
  if (document?.type === "data.aws_iam_policy_document") {
    return documentStatements(document);
  }
  const json = typeof policy === "string" ? parsed(policy) : policy;
  const statements = (json as Json | undefined)?.Statement;
  return statements === undefined
    ? new Unknown(String(policy))
    : [statements].flat().map((statement) => jsonStatement(statement as Json));
}

/** `jsonencode({"Action" = ["s3:GetObject"], "Resource" = [aws_s3_bucket.a.arn]})`, as cdktf writes it, or plain JSON. */
function parsed(policy: string): unknown {
  const [, encoded] = /^\$\{jsonencode\((.*)\)\}$/s.exec(policy) ?? [];
  const json = encoded?.replace(/"(?:[^"\\]|\\.)*"|=|[a-z][\w.-]*/g, asJson) ?? policy;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Names and numbers are the same in HCL and JSON. References become strings. */
function asJson(token: string): string {
  if (token === "=") {
    return ":";
  }
  return token.includes(".") && !token.startsWith('"') ? JSON.stringify(`\${${token}}`) : token;
}

function documentStatements(document: TerraformBlock): readonly Statement[] | Unknown {
  if (document.has("source_policy_documents") || document.has("override_policy_documents")) {
    return new Unknown(`\${${document.address}.json}`);
  }
  return document.blocks("statement").map((statement) => ({
    effect: String(statement.attributes.effect ?? "Allow"),
    actions: orEverything(statement.attributes.actions, statement.attributes.not_actions),
    resources: orEverything(statement.attributes.resources, statement.attributes.not_resources),
    principals: [
      ...statement
        .blocks("principals")
        .flatMap(({ attributes: { type, identifiers } }) => named(String(type), identifiers)),
      ...(statement.has("not_principals") ? ["*"] : []),
    ],
    conditions: statement.blocks("condition").map(({ attributes: { test, variable, values } }) => ({
      test: String(test),
      variable: String(variable),
      values: texts(values),
    })),
    withExceptions: ["not_actions", "not_resources", "not_principals"].some((name) =>
      statement.has(name),
    ),
  }));
}

function jsonStatement(statement: Json): Statement {
  const { Principal = {}, Condition = {} } = statement;
  return {
    effect: String(statement.Effect),
    actions: orEverything(statement.Action, statement.NotAction),
    resources: orEverything(statement.Resource, statement.NotResource),
    principals: [
      ...(Principal === "*"
        ? ["*"]
        : Object.entries(Principal as Json).flatMap(([type, who]) => named(type, who))),
      ...(statement.NotPrincipal ? ["*"] : []),
    ],
    conditions: Object.entries(Condition as Record<string, Json>).flatMap(([test, variables]) =>
      Object.entries(variables).map(([variable, values]) => ({
        test,
        variable,
        values: texts(values),
      })),
    ),
    withExceptions: ["NotAction", "NotResource", "NotPrincipal"].some((name) =>
      Object.hasOwn(statement, name),
    ),
  };
}

/** A list with exceptions counts as everything that it may allow. */
function orEverything(values: unknown, except: unknown): string[] {
  return except === undefined ? texts(values) : ["*"];
}

/** `*` means everyone, under any type. */
function named(type: string, identifiers: unknown): string[] {
  return texts(identifiers).map((who) => (who === "*" ? "*" : `${type}:${who}`));
}

/** Condition keys that identify the origin of a request. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const ORIGIN =
  /^(aws:(Source(Account|Arn|Owner|OrgID|OrgPaths|Vpc|Vpce)|Principal(Account|Arn|OrgID|OrgPaths))|kms:CallerAccount)$/i;
/** Not Not…, …IfExists or ForAllValues:, which also match a request without the key. */
const DEMANDING = /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like))$/i;
const ANYTHING = /^(arn:)?[*?:]*$/;

function narrows({ test, variable, values }: Condition): boolean {
  return (
    DEMANDING.test(test) && ORIGIN.test(variable) && !values.some((value) => ANYTHING.test(value))
  );
}

/** The principals of a statement that mean everyone, unless a condition limits the origin. */
export function everybody({ principals, conditions }: Statement): string[] {
  return conditions.some(narrows) ? [] : principals.filter((who) => who === "*");
}

/** Whether every statement that allows something passes. */
export function allowsNothing(
  block: TerraformBlock,
  attribute: string,
  wrong: (statement: Statement) => readonly string[],
): Outcome {
  const statements = statementsOf(block, attribute);
  if (statements instanceof Unknown) {
    return { verdict: "unknown", got: statements.expression };
  }
  const found = statements.filter(({ effect }) => effect === "Allow").flatMap(wrong);
  return found.length === 0
    ? { verdict: "holds", got: "nothing of the kind" }
    : { verdict: "fails", got: found.join(", ") };
}
