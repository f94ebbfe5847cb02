/** A reason to refuse a plan: one problem with one resource. */
export interface Finding {
  /** `replace`, `public-access`: what happens, as an approval names it. */
  readonly id: string;
  readonly address: string;
  /** `refused`: it does harm. `cannot tell`: it may, which is known only after apply. */
  readonly verdict: "refused" | "cannot tell";
  readonly message: string;
}

/** A finding in a stack, and the approval that the environment gives it. */
export interface JudgedFinding extends Finding {
  /** The key of the approval that lets it pass: `database: replace aws_db_instance.database`. */
  readonly approvalKey: string;
  /** The sentence of the environment that approves it. */
  readonly approval: string | undefined;
}

export function refused(id: string, address: string, message: string): Finding {
  return { id, address, verdict: "refused", message };
}

export function cannotTell(id: string, address: string, message: string): Finding {
  return { id, address, verdict: "cannot tell", message };
}
