/** A finding before a migration starts. */
export interface Finding {
  /** `refused`: blocks the migration. */
  readonly verdict: "refused" | "warning" | "note";
  /** `extensions`, `writers` … */
  readonly name: string;
  /** The problem, and what to do. */
  readonly message: string;
}

export function refused(name: string, message: string): Finding {
  return { verdict: "refused", name, message };
}

export function warning(name: string, message: string): Finding {
  return { verdict: "warning", name, message };
}

export function note(name: string, message: string): Finding {
  return { verdict: "note", name, message };
}

/** A line for each finding, the refused ones first. */
export function findingLines(findings: readonly Finding[]): string[] {
  const order = ["refused", "warning", "note"];
  return [...findings]
    .sort((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
    .map(({ verdict, name, message }) => `${verdict.padEnd(8)} ${name}: ${message}`);
}
