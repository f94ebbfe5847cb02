import { Command } from "commander";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { table } from "../cli/table";
import type { Result } from "../operations/preflight/check";
import { checksOf } from "../operations/preflight/preflight";
import { runChecks } from "../operations/preflight/run-checks";
import { parseEnvironments } from "../settings/environment";

/** The table fits a terminal of 140 columns. */
const TEXT_WIDTH = 72;

async function preflight(name: string, { json = false }: { json?: boolean }): Promise<number> {
  const environment = named(parseEnvironments(readEnvironments()), name);
  const checks = checksOf(environment);
  const shown = process.stderr.isTTY && !json;
  let count = 0;
  const onResult = ({ id }: Result) => {
    count++;
    if (shown) {
      process.stderr.write(`\r\u001b[K${count} of ${checks.length + 1} checks: ${id}`);
    }
  };
  const results = await runChecks(environment, checks, { onResult });
  if (shown) {
    process.stderr.write("\r\u001b[K");
  }
  console.log(json ? JSON.stringify(results, null, 2) : report(results));
  return results.every(({ status }) => status === "passed") ? 0 : 1;
}

function report(results: readonly Result[]): string {
  const rows = results.map(({ status, id, subject, found, fix }) => [
    status,
    id,
    subject,
    fix ? `${found}\n${fix}` : found,
  ]);
  const count = (status: Result["status"]) =>
    results.filter((result) => result.status === status).length;
  return [
    table(["status", "check", "of", "finding, and what to do"], rows, TEXT_WIDTH),
    `${count("passed")} passed, ${count("failed")} failed, ${count("unknown")} unknown.`,
  ].join("\n");
}

const program = new Command("npm run preflight --")
  .description(
    "Checks in the AWS account what a plan does not: that the resources in the settings exist, classes can be ordered, names are free and quotas suffice. It changes nothing.",
  )
  .argument("<environment>", "its name, such as prod")
  .option("--json", "print the results as JSON: [{ id, subject, status, found, fix }]")
  .addHelpText(
    "after",
    "\nExit codes: 0 every check passed; 1 a check failed, or a permission is missing.",
  )
  .action((name: string, options: { json?: boolean }) => run(() => preflight(name, options)));

program.parseAsync();
