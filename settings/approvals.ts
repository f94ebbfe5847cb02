import { z } from "zod";
import { reasonSchema } from "../validation/exception";
import { type FieldsRule, rule } from "../validation/rule";
import type { BastionSettings } from "./bastion";
import { type WrittenStores, writtenStores } from "./data-stores";
import { BASTION } from "./names";

/** The store of approvals for the stack of the state bucket. */
export const STATE_BUCKET = "state-bucket";

const KEY = /^[a-z][a-z0-9-]*: [a-z][a-z-]* \S+$/;

const keySchema = z.string().check(
  rule<string>({
    holds: (key) => KEY.test(key),
    must: 'must be "STORE: FINDING ADDRESS"',
    instead: "Copy the line from the report of `npm run review`.",
  }),
);

/** Accepted findings of `npm run review`, each with a reason. */
export const approvalsSchema = z
  .record(keySchema, reasonSchema)
  .describe(
    'approved findings of npm run review, as "STORE: FINDING ADDRESS": sentence, such as { "database: rotate-password aws_db_instance.database": "…" }',
  );

export type Approvals = z.output<typeof approvalsSchema>;

interface Fields extends WrittenStores {
  readonly approvals: Approvals;
  readonly bastion?: BastionSettings | undefined;
}

/** An approval names an existing stack. */
export function approvalsRules<Written extends Fields>({
  approvals,
  bastion,
  ...stores
}: Written): readonly FieldsRule<Written>[] {
  const names = [
    ...writtenStores(stores).map(({ name }) => name),
    ...(bastion ? [BASTION] : []),
    STATE_BUCKET,
  ];
  return Object.keys(approvals).map((key) => {
    const [store = ""] = key.split(":");
    return {
      fields: [],
      at: `approvals.${key}`,
      holds: () => names.includes(store),
      must: "must start with the name of a data store, or state-bucket",
      got: () => store,
      instead: `Use one of: ${names.join(", ")}.`,
    };
  });
}
