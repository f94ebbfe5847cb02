import { setTimeout as sleep } from "node:timers/promises";
import { CreateSecurityGroupCommand } from "@aws-sdk/client-ec2";
import type { EnvironmentSettings } from "../../settings/environment";
import { Inventory, inventoried, ruleText } from "../inventory";
import { changed, type DeployedAccount, type Rehearsal } from "../rehearsal";
import { expectThat, type ReportTable, type Rule, type Step } from "../step";
import type { Progress } from "../workspace";
import { expectRulesAsExpected } from "./verify-deployment";

const LOOK_EVERY_MS = 250;
/** The name of the new client, which no environment uses. */
const NEW_CLIENT = "rehearsed_service";

/** Replaces the current clients with one security group, in two applies. A client must be admitted at every moment. */
export function tightenClients(rehearsal: Rehearsal): Step {
  return {
    name: "tighten-clients",
    title: "Tighten the clients to one security group",
    async run(progress) {
      const place = await rehearsal.copy("tighten-clients", progress);
      const before = await place.inventory.rules();
      const client = { securityGroupId: await newSecurityGroup(place) };
      const add = changed(place, (settings) => {
        settings.clients = { ...settings.clients, [NEW_CLIENT]: client };
      });
      const keep = changed(place, (settings) => {
        settings.clients = { [NEW_CLIENT]: client };
      });
      const first = await watched(place, before, () => applied(place, add, progress));
      const second = await watched(place, first.rules, () => applied(place, keep, progress));
      return {
        text: `two applies, ${first.looks + second.looks} checks of the rules meanwhile: a client was admitted at every moment`,
        tables: [tableOf([before, first.rules, second.rules])],
      };
    },
  };
}

function tableOf(rules: readonly (readonly Rule[])[]): ReportTable {
  return {
    title: "The security group rules, as AWS lists them",
    head: ["before", "after the first apply", "after the second"],
    rows: [rules.map((some) => some.map(ruleText).sort().join("\n"))],
  };
}

async function newSecurityGroup({ inventory }: DeployedAccount): Promise<string> {
  const created = await inventory.ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: NEW_CLIENT,
      Description: "The ECS service",
      VpcId: await inventory.vpcId(),
    }),
  );
  return created.GroupId ?? "";
}

/** Applies these settings. The next plan must be empty, and AWS must list exactly the rules of the clients. */
async function applied(
  place: DeployedAccount,
  settings: EnvironmentSettings,
  progress: Progress,
): Promise<Rule[]> {
  const { emulator, workspace } = place;
  await workspace.change(settings, progress);
  const inventory = new Inventory(emulator, inventoried(workspace.environment));
  return expectRulesAsExpected({ ...place, inventory });
}

/**
 * Polls the rules while something else runs.
 * @throws StepFailure when a data store that had a rule before was without one for a moment.
 */
async function watched(
  { inventory }: DeployedAccount,
  before: readonly Rule[],
  work: () => Promise<Rule[]>,
): Promise<{ readonly rules: Rule[]; readonly looks: number }> {
  const stores = [...new Set(before.map(({ store }) => store))];
  let looks = 0;
  let working = true;
  const done = work().finally(() => {
    working = false;
  });
  const watching = (async () => {
    while (working) {
      for (const store of stores) {
        const { length } = await inventory.rulesOf(store);
        looks += 1;
        expectThat(length > 0, `For a moment, no rule admitted a client to the ${store}.`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  })();
  await Promise.allSettled([done, watching]);
  await watching;
  return { rules: await done, looks };
}
