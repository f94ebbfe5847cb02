import { judge, type StackApprovals } from "./approvals";
import { type Action, actionOf, attributeChanges, type Change, changeOf } from "./change";
import { type Drift, undoneDrift } from "./drift";
import type { Finding, JudgedFinding } from "./finding";
import { guard } from "./guard";
import { type Impact, impacts } from "./impact";
import type { Plan } from "./plan";
import { Redaction } from "./redaction";

/** A change of one resource, without sensitive values. */
export interface ReviewedChange {
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  readonly attributes: readonly {
    readonly attribute: string;
    readonly before: string;
    readonly after: string;
  }[];
}

/** A resource in the drawing. */
export interface DrawnResource {
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  /** For a rule, who may connect. For an instance with a standby, "multi-az". */
  readonly note: string;
}

export interface StackReview {
  readonly stack: string;
  readonly environment: string | undefined;
  /** `plan`, or the revision that the synthesized JSON is compared with. */
  readonly comparedWith: string;
  readonly counts: Readonly<Partial<Record<Action, number>>>;
  readonly findings: readonly JudgedFinding[];
  readonly unusedApprovals: readonly string[];
  readonly impacts: readonly Impact[];
  readonly drift: readonly Drift[];
  readonly changes: readonly ReviewedChange[];
  readonly notes: readonly string[];
  readonly resources: readonly DrawnResource[];
}

export type Verdict = "passed" | "refused" | "error";

/** The result of a review, and what `--format json` prints. */
export interface Review {
  readonly version: 1;
  readonly verdict: Verdict;
  readonly stacks: readonly StackReview[];
}

export function reviewOf(stacks: readonly StackReview[]): Review {
  return { version: 1, verdict: verdictOf(stacks), stacks };
}

/** A refusal counts more than an unused approval. */
function verdictOf(stacks: readonly StackReview[]): Verdict {
  if (stacks.some(({ findings }) => findings.some(({ approval }) => approval === undefined))) {
    return "refused";
  }
  return stacks.some(({ unusedApprovals }) => unusedApprovals.length > 0) ? "error" : "passed";
}

/** Reviews the plan of a stack. */
export function reviewPlan(plan: Plan, approvals: StackApprovals): StackReview {
  const changes = managed(plan.resource_changes);
  const drift = managed(plan.resource_drift);
  return reviewChanges({
    approvals,
    changes,
    drift,
    comparedWith: "plan",
    findings: guard(changes, drift),
    redaction: new Redaction([plan]),
    notes: notesOf(plan),
  });
}

function managed(resources: Plan["resource_changes"] = []): Change[] {
  return resources.filter(({ mode }) => mode === "managed").map(changeOf);
}

function notesOf({ complete, deferred_changes = [] }: Plan): string[] {
  return [
    ...(complete === false
      ? ["The plan is incomplete: it was made with -target, and leaves other changes out."]
      : []),
    ...(deferred_changes.length > 0
      ? ["Terraform has deferred changes, which this review cannot see."]
      : []),
  ];
}

export interface ReviewedChanges {
  readonly approvals: StackApprovals;
  readonly changes: readonly Change[];
  readonly drift: readonly Change[];
  readonly comparedWith: string;
  readonly findings: readonly Finding[];
  readonly redaction: Redaction;
  readonly notes: readonly string[];
}

export function reviewChanges({ redaction, ...given }: ReviewedChanges): StackReview {
  const { approvals, changes } = given;
  const { findings, unused } = judge(given.findings, approvals);
  const reviewed = changes.filter((change) => actionOf(change) !== "none" || change.deposed);
  return {
    stack: approvals.stack,
    environment: approvals.environment,
    comparedWith: given.comparedWith,
    counts: countsOf(reviewed),
    findings: findings.map((one) => ({ ...one, message: redaction.text(one.message) })),
    unusedApprovals: unused,
    impacts: impacts(changes),
    drift: undoneDrift(given.drift, changes).map((one) =>
      withoutSecrets(one, given.drift, redaction),
    ),
    changes: reviewed.map((change) => reviewedChange(change, redaction)),
    notes: given.notes,
    resources: changes.map((change) => drawn(change, redaction)),
  };
}

function countsOf(changes: readonly Change[]): Partial<Record<Action, number>> {
  const counts: Partial<Record<Action, number>> = {};
  for (const change of changes) {
    const action = actionOf(change);
    counts[action] = (counts[action] ?? 0) + 1;
  }
  return counts;
}

function reviewedChange(change: Change, redaction: Redaction): ReviewedChange {
  const action = actionOf(change);
  // Attributes that AWS sets are unknown in every replacement.
  const attributes =
    change.before && change.after
      ? attributeChanges(change).filter(({ unknown }) => !unknown || action !== "replace")
      : [];
  return {
    address: change.address,
    type: change.type,
    action,
    attributes: attributes.map(({ attribute, before, after, unknown }) => ({
      attribute,
      before: redaction.value(change, attribute, before),
      after:
        unknown && after === undefined
          ? "(known after apply)"
          : redaction.value(change, attribute, after),
    })),
  };
}

function withoutSecrets(drift: Drift, all: readonly Change[], redaction: Redaction): Drift {
  const change = all.find(({ address }) => address === drift.address) as Change;
  return {
    ...drift,
    attributes: drift.attributes.map((one) => ({
      ...one,
      before: redaction.value(change, one.attribute, one.before),
      after: redaction.value(change, one.attribute, one.after),
    })),
  };
}

const SOURCES = ["cidr_ipv4", "cidr_ipv6", "referenced_security_group_id", "prefix_list_id"];

function drawn(change: Change, redaction: Redaction): DrawnResource {
  const values = change.after ?? change.before ?? {};
  const source = SOURCES.map((name) => values[name]).find(Boolean);
  const standby = values.multi_az === true || values.multi_az_enabled === true ? "multi-az" : "";
  return {
    address: change.address,
    type: change.type,
    action: actionOf(change),
    note: redaction.text(String(source ?? standby)),
  };
}
