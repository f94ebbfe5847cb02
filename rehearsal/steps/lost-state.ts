import { AwsAccount } from "../../cli/aws-account";
import { type ImportIds, importIds, NOT_IMPORTED } from "../../operations/adoption/import-ids";
import type { ReviewedChange, StackReview } from "../../operations/review/review";
import { dataStoresOf } from "../../settings/data-stores";
import { changed, type DeployedAccount, type Rehearsal } from "../rehearsal";
import { StateObject } from "../state-object";
import { expectThat, type Step } from "../step";
import { everyOne, type Progress, type Workspace } from "../workspace";
import { writtenCaches, writtenDatabases } from "../written-stores";
import { changeText, expectNoFindings } from "./adopt";

/** The finding of a new master password: an empty state does not have the version of the old one. */
const PASSWORD = "rotate-password";

/** The states and their versions are gone. The account shows what to import. */
export function lostState(rehearsal: Rehearsal): Step {
  return {
    name: "lost-state",
    title: "Rebuild lost states from the account by imports",
    async run(progress) {
      const place = await rehearsal.copy("lost-state", progress);
      const { workspace } = place;
      const before = await idsOf(workspace, progress);
      for (const store of dataStoresOf(workspace.environment)) {
        await new StateObject(place, store).remove();
      }
      progress("looking for import IDs");
      const found = await idsIn(place, progress);
      const missing = [...found.values()].flatMap((ids) => [
        ...ids.missing,
        ...ids.ambiguous.map(({ address }) => address),
      ]);
      expectThat(missing.length === 0, `No import ID was found for ${missing.join(", ")}.`);
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
          await stack.applyReviewed();
          return review;
        }),
      );
      const all = reviews.flatMap(({ changes }) => changes);
      const harmful = all.filter((change) => !isExpected(change));
      expectThat(harmful.length === 0, `More than imports: ${harmful.map(changeText).join("; ")}`);
      const after = await idsOf(workspace, progress);
      const wrong = [...after].filter(([address, id]) => before.get(address) !== id);
      expectThat(
        wrong.length === 0 && after.size === before.size,
        `Imported something else: ${wrong.map(([address, id]) => `${address} ${id}`).join("; ")}`,
      );
      // The environment needs no `adopted` any more.
      workspace.write(place.settings);
      await workspace.expectNoChanges(progress);
      return {
        text: `${all.filter(isImported).length} imported, ${count(all, "create")} created (secret versions and markers), nothing replaced or destroyed${newPasswords(reviews)}; the next plan is empty`,
        tables: [
          {
            title: "Arguments that an import cannot read, and the apply sets",
            head: ["change"],
            rows: all.filter(({ action }) => action !== "import").map((one) => [changeText(one)]),
          },
        ],
      };
    },
  };
}

/** The provider invents the ID of a policy attachment. */
const WITHOUT_IDENTITY = [...NOT_IMPORTED, "aws_iam_role_policy_attachment"];

/** The IDs of everything that Terraform imports, by stack and address. */
async function idsOf(
  workspace: Workspace,
  progress: Progress,
): Promise<ReadonlyMap<string, string>> {
  const states = workspace.stacks(progress).map(async (stack) => {
    const ids = [...(await stack.ids())];
    return ids
      .filter(([address]) => !WITHOUT_IDENTITY.some((type) => address.startsWith(`${type}.`)))
      .map(([address, id]) => [`${stack.id} ${address}`, id] as const);
  });
  return new Map((await everyOne(states)).flat());
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

/** Also true where the apply sets an argument that AWS does not return. */
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
