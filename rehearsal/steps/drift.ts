import type { DatabaseStore } from "../../settings/data-stores";
import { ruleText } from "../inventory";
import type { DeployedAccount, Rehearsal } from "../rehearsal";
import { expectThat, type Rule, type Step } from "../step";
import type { Change } from "../terraform-events";
import { firstDatabase } from "./concurrency";
import { expectRulesAsExpected } from "./verify-deployment";

const ANYWHERE = "0.0.0.0/0";

/** Changes outside Terraform: a plan shows those to managed resources, and no others. */
export function drift(rehearsal: Rehearsal): Step {
  return {
    name: "drift",
    title: "Detect and repair drift",
    async run(progress) {
      const database = firstDatabase(rehearsal);
      const place = await rehearsal.copy("drift", progress);
      progress("lowering the backup retention, deleting the rules, adding a rule for everyone");
      const { removed, lowered, days, port } = await changeByHand(place, database);
      const stack = place.workspace.stack(database, progress);
      expectInPlan((await stack.plan()).changes, removed);
      await expectForeign(place);
      const { work } = await stack.apply();
      await stack.expectNoChanges();
      const { BackupRetentionPeriod } = await place.inventory.instance(
        database.settings.identifier,
      );
      expectThat(BackupRetentionPeriod === days, "The retention is not repaired.");
      await expectForeign(place);
      await place.inventory.revoke(database, { port, cidr: ANYWHERE });
      await expectRulesAsExpected(place);
      return {
        text: `the plan showed the retention (${days} → ${lowered} days) and ${removed.length} deleted rule(s), and the apply repaired them; only the check of the rules found the added rule for ${ANYWHERE} on ${port}, because no plan shows it`,
        work,
      };
    },
  };
}

async function changeByHand({ inventory }: DeployedAccount, database: DatabaseStore) {
  const { identifier, port, backupRetentionDays: days } = database.settings;
  const removed = await inventory.rulesOf(database.name);
  const lowered = days > 1 ? days - 1 : 2;
  await inventory.modifyInstance(identifier, {
    BackupRetentionPeriod: lowered,
    ApplyImmediately: true,
  });
  if (removed.length > 0) {
    await inventory.revokeAll(database);
  }
  await inventory.authorize(database, { port, cidr: ANYWHERE });
  return { removed, lowered, days, port };
}

/** @throws StepFailure unless the plan repairs the instance and creates each rule again. */
function expectInPlan(changes: readonly Change[], removed: readonly Rule[]): void {
  const seen = changes.map(({ action, address }) => `${action} ${address}`);
  const rules = seen.filter((one) => /^create aws_vpc_security_group_ingress_rule/.test(one));
  expectThat(
    seen.includes("update aws_db_instance.database") && rules.length === removed.length,
    `The plan does not show the changes made outside Terraform: ${seen.join(", ")}`,
  );
}

/** @throws StepFailure unless the check of the rules reports the foreign one, and no other. */
async function expectForeign({ inventory }: DeployedAccount): Promise<void> {
  const { foreign } = await inventory.ruleProblems();
  expectThat(
    foreign.length === 1 && foreign[0]?.source === ANYWHERE,
    `The check of the rules should report only ${ANYWHERE}, not: ${foreign.map(ruleText).join(", ")}`,
  );
}
