import { isDeepStrictEqual } from "node:util";
import type { Emulator } from "../../emulator/emulator";
import { type Named, translateEnvironment } from "../../operations/adoption/environment";
import { readAccount } from "../../operations/adoption/read-account";
import type { ReviewedChange, StackReview } from "../../operations/review/review";
import { dataStoresOf } from "../../settings/data-stores";
import type { Environment, EnvironmentSettings } from "../../settings/environment";
import { createExistingStores, type ExistingStores } from "../existing-stores";
import type { Rehearsal } from "../rehearsal";
import { expectThat, type Step, type StepResult } from "../step";
import { everyOne, type Progress, type WorkingStack, type Workspace } from "../workspace";
import { writtenCaches, writtenDatabases } from "../written-stores";
import { CHAPTER_REGION, CHAPTER_STORES } from "./baseline";

/** Actions that read, and those of Terraform's own S3 backend. */
const HARMLESS = /:(Describe|List|Get|Head)|^s3:|^sts:/;

/** Imports what the chapter's commands created, without a change. */
export function adoptBaseline(rehearsal: Rehearsal, made: { readonly emulator?: Emulator }): Step {
  return {
    name: "adopt-baseline",
    title: "Adopt the baseline: import everything, change nothing",
    async run(progress) {
      expectThat(made.emulator !== undefined, "The chapter's commands did not run.");
      const emulator = await rehearsal.copyOf(made.emulator);
      return adopt(rehearsal, emulator, { app: "news-api", ...CHAPTER_STORES }, progress);
    },
  };
}

/** The same for data stores that need more settings. */
export function adoptExisting(rehearsal: Rehearsal): Step {
  return {
    name: "adopt-existing",
    title: "Adopt an encrypted Multi-AZ database with a replica, and a replication group with TLS",
    async run(progress) {
      progress("starting another account");
      const emulator = await rehearsal.newEmulator(CHAPTER_REGION);
      const stores = await createExistingStores(emulator);
      return adopt(rehearsal, emulator, { app: "shop", ...stores }, progress);
    },
  };
}

async function adopt(
  rehearsal: Rehearsal,
  emulator: Emulator,
  { app, ...stores }: ExistingStores & { readonly app: string },
  progress: Progress,
): Promise<StepResult> {
  const named = { app, name: "live", stateBucket: `${app}-live-terraform-state` };
  await emulator.createBucket(named.stateBucket);
  const workspace = await rehearsal.newWorkspace(`adopt-${app}`, emulator);
  const rows = await expectAdoption({ emulator, workspace, named, stores }, progress);
  return {
    text: `${rows.length} to import, 0 to add, 0 to change, 0 to destroy; the next plan is empty`,
    tables: [{ title: "Imported", head: ["resource", "import ID"], rows }],
  };
}

/** Data stores in an account, and where to describe them. */
export interface Adoption {
  readonly emulator: Emulator;
  readonly workspace: Workspace;
  readonly named: Named;
  readonly stores: Partial<ExistingStores>;
}

/**
 * Adopts data stores as `npm run adopt` does, applies, and plans again.
 * @returns the resources that Terraform has imported, each with its import ID.
 * @throws StepFailure when a plan does more than import, or when the apply changes anything in the account.
 */
export async function expectAdoption(
  { emulator, workspace, named, stores }: Adoption,
  progress: Progress,
): Promise<string[][]> {
  const sought = { region: CHAPTER_REGION, ...stores };
  const before = await readAccount(sought, emulator.clientConfig);
  const writes = await writesIn(emulator);
  const { settings, refusals } = translateEnvironment(before, named);
  expectThat(
    refusals.length === 0,
    `The adoption is refused: ${refusals.map(({ found }) => found).join(" ")}`,
  );
  const environment = workspace.write(settings);
  await everyOne(workspace.stacks(progress).map((stack) => importInto(stack, environment)));
  workspace.write(imported(settings));
  await everyOne(workspace.stacks(progress).map((stack) => stack.expectNoChanges()));
  const after = await readAccount(sought, emulator.clientConfig);
  expectThat(
    isDeepStrictEqual(timeless(after), timeless(before)),
    "AWS describes the data stores differently after the import.",
  );
  const more = (await writesIn(emulator)).filter((action) => !writes.includes(action));
  expectThat(more.length === 0, `The import called ${more.join(", ")}.`);
  return dataStoresOf(environment).flatMap(({ settings: { adopted = {} } }) =>
    Object.entries(adopted),
  );
}

async function importInto(stack: WorkingStack, environment: Environment): Promise<void> {
  if (!stack.isInitialized) {
    await stack.init();
  }
  const { changes, findings } = await stack.review(environment);
  const others = changes.filter(({ action }) => action !== "import");
  const { adopted = {} } =
    dataStoresOf(environment).find(({ stackId }) => stackId === stack.id)?.settings ?? {};
  expectThat(
    others.length === 0,
    `${stack.id} does more than import: ${others.map(changeText).join("; ")}`,
  );
  expectThat(
    changes.length === Object.keys(adopted).length,
    `${stack.id} imports ${changes.length} resources instead of ${Object.keys(adopted).length}.`,
  );
  expectNoFindings(findings);
  await stack.applyReviewed();
}

/** `update aws_db_instance.database (tags, password_wo)` */
export function changeText({ action, address, attributes }: ReviewedChange): string {
  return `${action} ${address} (${attributes.map(({ attribute }) => attribute).join(", ")})`;
}

/** @throws StepFailure when the review finds something. */
export function expectNoFindings(findings: StackReview["findings"]): void {
  const listed = findings.map(({ address, message }) => `${address}: ${message}`);
  expectThat(listed.length === 0, `The review finds: ${listed.join(" ")}`);
}

/** The settings without the imports, which are in the state by now. */
function imported(settings: EnvironmentSettings): EnvironmentSettings {
  const copy = structuredClone(settings);
  for (const store of [...writtenDatabases(copy), ...writtenCaches(copy)]) {
    delete store.settings.adopted;
  }
  return copy;
}

/** The calls that change something, but for the states: each as `rds:ModifyDBInstance arn:…`, once. */
export async function writesIn(emulator: Emulator): Promise<string[]> {
  const calls = await emulator.calls();
  return calls
    .filter(({ action }) => !HARMLESS.test(action))
    .map(({ action, resource }) => `${action} ${resource}`);
}

/** Without the latest restorable time, which changes by itself. */
function timeless(described: object): unknown {
  return JSON.parse(
    JSON.stringify(described, (key, value) => (key === "LatestRestorableTime" ? undefined : value)),
  );
}
