import { STATE_BUCKET } from "../../settings/approvals";
import { bastionsOf } from "../../settings/bastion";
import { cachesOf, databasesOf } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";
import { BASTION, stateBucketStackId } from "../../settings/names";
import type { Finding, JudgedFinding } from "./finding";

/** The approvals of an environment for one stack. */
export interface StackApprovals {
  readonly stack: string;
  /** The first part of its approvals' keys: `database`, or `state-bucket`. */
  readonly store: string;
  readonly environment: string | undefined;
  /** Finding and address → the sentence. */
  readonly approved: Readonly<Record<string, string>>;
}

/** The approvals of every stack that the environments have. */
function approvalsOf(environments: readonly Environment[]): StackApprovals[] {
  return environments.flatMap((environment) => {
    const stores = [...databasesOf(environment), ...cachesOf(environment)];
    const stacks = [
      ...stores.map(({ stackId, name }) => ({ stack: stackId, store: name })),
      ...bastionsOf(environment).map(({ stackId }) => ({ stack: stackId, store: BASTION })),
      { stack: stateBucketStackId(environment.stateBucket.name), store: STATE_BUCKET },
    ];
    return stacks.map(({ stack, store }) => ({
      stack,
      store,
      environment: `${environment.app}-${environment.name}`,
      approved: approvedIn(environment.approvals, store),
    }));
  });
}

function approvedIn(approvals: Readonly<Record<string, string>>, store: string) {
  const prefix = `${store}: `;
  return Object.fromEntries(
    Object.entries(approvals)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, sentence]) => [key.slice(prefix.length), sentence]),
  );
}

/** The approvals of one stack. A state bucket may have several environments, which approve together. */
export function approvalsFor(stack: string, environments: readonly Environment[]): StackApprovals {
  const found = approvalsOf(environments).filter((one) => one.stack === stack);
  const [first = { stack, store: stack, environment: undefined }] = found;
  return { ...first, approved: Object.assign({}, ...found.map(({ approved }) => approved)) };
}

export interface Judged {
  readonly findings: readonly JudgedFinding[];
  /** Keys of unused approvals. */
  readonly unused: readonly string[];
}

/** An approval covers one finding at one address, so that it cannot cover anything else. */
export function judge(findings: readonly Finding[], { store, approved }: StackApprovals): Judged {
  const keyOf = ({ id, address }: Finding) => `${id} ${address}`;
  const needed = new Set(findings.map(keyOf));
  return {
    findings: findings.map((finding) => ({
      ...finding,
      approvalKey: `${store}: ${keyOf(finding)}`,
      approval: approved[keyOf(finding)],
    })),
    unused: Object.keys(approved)
      .filter((key) => !needed.has(key))
      .map((key) => `${store}: ${key}`),
  };
}
