import { AwsAccount } from "../../cli/aws-account";
import { type ImportIds, importIds, NOT_IMPORTED } from "../../operations/adoption/import-ids";
import type { ReviewedChange, StackReview } from "../../operations/review/review";
import { dataStoresOf } from "../../settings/data-stores";
import { changed, type DeployedAccount, type Rehearsal } from "../rehearsal";
import { StateObject } from "../state-object";
import { expectThat, type Step } from "../step";
import { everyOne, type Progress } from "../workspace";
import { writtenCaches, writtenDatabases } from "../written-stores";
import { changeText, expectNoFindings } from "./adopt";

/** The finding of a new master password: an empty state does not have the version of the old one. */
const PASSWORD = "rotate-password";

/** The states are gone, and so are their versions: the account tells what to import. */
export function lostState(rehearsal: Rehearsal): Step {
  return {
    name: "lost-state",
    title: "Rebuild lost states from the account by imports",
    async run(progress) {
      const place = await rehearsal.copy("lost-state", progress);
      const { workspace } = place;
      for (const store of dataStoresOf(workspace.environment)) {
        await new StateObject(place, store).remove();
      }
      progress("looking for import ids");
      const found = await idsIn(place, progress);
      const missing = [...found.values()].flatMap((ids) => ids.missing);
      expectThat(missing.length === 0, `The account does not have ${missing.join(", ")}.`);
      const environment = workspace.write(
        changed(place, (settings) => {
          for (const store of [...writtenDatabases(settings), ...writtenCaches(settings)]) {
            store.settings.adopted = { ...found.get(store.name)?.adopted };
          }
        }),
      );
      const reviews = await everyOne(
        workspace.stacks(progress).map(async (stack) => {
          const review = await stack.review(environment);
          expectNoFindings(review.findings.filter(({ id }) => id !== PASSWORD));
          await stack.apply();
          return review;
        }),
      );
      const all = reviews.flatMap(({ changes }) => changes);
      const harmful = all.filter((change) => !isExpected(change));
      expectThat(harmful.length === 0, `More than imports: ${harmful.map(changeText).join("; ")}`);
      // The environment needs no `adopted` any more.
      workspace.write(place.settings);
      await workspace.expectNoChanges(progress);
      return {
        text: `${all.filter(isImported).length} imported, ${count(all, "create")} created (secret versions and markers), nothing replaced or destroyed${newPasswords(reviews)}; the next plan is empty`,
        tables: [
          {
            title: "What an import cannot know, and the apply sets",
            head: ["change"],
            rows: all.filter(({ action }) => action !== "import").map((one) => [changeText(one)]),
          },
        ],
      };
    },
  };
}

/** By the name of the data store. */
async function idsIn(
  { emulator, workspace }: DeployedAccount,
  progress: Progress,
): Promise<ReadonlyMap<string, ImportIds>> {
  const account = new AwsAccount(workspace.environment, emulator.clientConfig);
  const found = dataStoresOf(workspace.environment).map(async (store) => {
    const resources = workspace.stack(store, progress).resources();
    return [store.name, await importIds(account, store.stackId, resources)] as const;
  });
  return new Map(await Promise.all(found));
}

/** Also where the apply sets an argument that AWS does not tell. */
function isImported({ action }: ReviewedChange): boolean {
  return action === "import" || action === "update";
}

function isExpected(change: ReviewedChange): boolean {
  return change.action === "create" ? NOT_IMPORTED.includes(change.type) : isImported(change);
}

function newPasswords(reviews: readonly StackReview[]): string {
  const rotated = reviews.flatMap(({ findings }) => findings.map(({ address }) => address));
  return rotated.length === 0 ? "" : "; the review asks to approve the new password";
}

function count(changes: readonly ReviewedChange[], action: ReviewedChange["action"]): number {
  return changes.filter((change) => change.action === action).length;
}
