import type { PlanJson } from "./fingerprint";

/** More would hide the rest of a page. */
const MOST_ROWS = 100;
/** GitHub's markdown reads these in a table. */
const SPECIAL = /[|`<>\\]/g;

/** The changes of a plan as Markdown: addresses and actions without values, so that it contains nothing sensitive. */
export function planReport(stack: string, { resource_changes = [] }: PlanJson): string {
  const changes = resource_changes
    .filter(({ change: { actions } }) => !actions.every((one) => ["no-op", "read"].includes(one)))
    .map(({ address, change }) => ({ address, action: actionOf(change.actions) }));
  const rows = changes
    .slice(0, MOST_ROWS)
    .map(({ address, action }) => `| \`${address.replace(SPECIAL, "")}\` | ${action} |`);
  const more = changes.length > MOST_ROWS ? [`\nand ${changes.length - MOST_ROWS} more`] : [];
  const table = rows.length > 0 ? ["", "| resource | action |", "| --- | --- |", ...rows] : [];
  return [`### ${stack}: ${countsOf(changes)}`, ...table, ...more, ""].join("\n");
}

function actionOf(actions: readonly string[]): string {
  return actions.length === 2
    ? `**replace** (${actions.join(", ")})`
    : emphasized(actions.join(", "));
}

function emphasized(action: string): string {
  return action === "delete" || action === "forget" ? `**${action}**` : action;
}

function countsOf(changes: readonly { readonly action: string }[]): string {
  const counts = new Map<string, number>();
  for (const { action } of changes) {
    const name = action.replaceAll("*", "").replace(/ \(.*/, "");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const texts = [...counts].map(([action, count]) => `${count} to ${action}`);
  return texts.length > 0 ? texts.join(", ") : "no changes";
}
