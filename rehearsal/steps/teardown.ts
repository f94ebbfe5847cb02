import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from "@aws-sdk/client-resource-groups-tagging-api";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { DatabaseStore } from "../../settings/data-stores";
import type { DatabaseSettings } from "../../settings/database/database";
import type { EnvironmentSettings } from "../../settings/environment";
import { changed, type DeployedAccount, type Rehearsal } from "../rehearsal";
import { expectThat, type Step } from "../step";
import { everyOne, type Progress, type WorkingStack } from "../workspace";
import { writtenCaches, writtenDatabases } from "../written-stores";

const REASON = "The rehearsal retires this environment.";

/** A protected database refuses the destroy; then the environment is retired in the two documented steps. */
export function teardown(rehearsal: Rehearsal): Step {
  return {
    name: "teardown",
    title: "Tear down the environment",
    async run(progress) {
      const place = await rehearsal.copy("teardown", progress);
      const { workspace } = place;
      await expectListed(place, rehearsal.namesBefore);
      const [database] = workspace.databases;
      const refusal = database ? [await refusalOf(place, database, progress)] : [];
      const steps = await unprotect(place, progress);
      const destroyed = await everyOne(workspace.stacks(progress).map((stack) => stack.destroy()));
      const left = await expectLeftovers(place, rehearsal.namesBefore);
      return {
        text: [...refusal, steps, `left: ${left.join(", ") || "nothing"}`].join("; "),
        work: destroyed.flatMap(({ work }) => work),
      };
    },
  };
}

/** Protects a database outside Terraform that its settings leave unprotected, and tries to destroy its stack. */
async function refusalOf(
  place: DeployedAccount,
  database: DatabaseStore,
  progress: Progress,
): Promise<string> {
  const { workspace, inventory } = place;
  if (somethingIsProtected(database.settings)) {
    return refusedDestroy(workspace.stack(database, progress));
  }
  const { identifier } = database.settings;
  await inventory.modifyInstance(identifier, { DeletionProtection: true });
  const refused = await refusedDestroy(workspace.stack(database, progress));
  await inventory.modifyInstance(identifier, { DeletionProtection: false });
  return refused;
}

async function refusedDestroy(stack: WorkingStack): Promise<string> {
  const { exitCode, errors, work } = await stack.run(["destroy", "-json", "-auto-approve"]);
  const said = errors.join("; ");
  expectThat(exitCode !== 0, "A protected database was destroyed.");
  if (/cannot be destroyed|prevent_destroy/.test(said)) {
    return "refused by the plan; nothing was destroyed";
  }
  expectThat(/deletion ?protection/i.test(said), `Destroy failed for another reason: ${said}`);
  return `refused by AWS, after ${work.length} other resources were destroyed`;
}

/** The first of the two steps: turns protection off in every stack that has it. */
async function unprotect(
  { workspace, ...place }: DeployedAccount,
  progress: Progress,
): Promise<string> {
  const protectedOnes = workspace.databases.filter(({ settings }) =>
    somethingIsProtected(settings),
  );
  workspace.write(changed({ workspace, ...place }, takeBackProtection));
  await everyOne(protectedOnes.map((store) => workspace.stack(store, progress).apply()));
  return protectedOnes.length > 0
    ? "then the two steps: apply without protection, destroy"
    : "then destroy";
}

/** Whether the settings refuse a destroy, of the instance or of a replica of it. */
export function somethingIsProtected(database: DatabaseSettings): boolean {
  const replicas = Object.values(database.readReplicas);
  return [database, ...replicas].some((one) => one.deletionProtection) || database.preventDestroy;
}

export function takeBackProtection(settings: EnvironmentSettings): void {
  for (const { settings: database } of writtenDatabases(settings)) {
    for (const one of [database, ...Object.values(database.readReplicas ?? {})]) {
      one.deletionProtection = false;
    }
    database.reasons = { ...database.reasons, deletionProtection: REASON };
    database.preventDestroy = false;
  }
  for (const { settings: cache } of writtenCaches(settings)) {
    cache.preventDestroy = false;
  }
}

const SNAPSHOT = /:(rds|elasticache):[^:]*:[^:]*:snapshot:/;

/** @throws StepFailure when the lists that are empty at the end do not show what is there now. */
async function expectListed(place: DeployedAccount, namesBefore: readonly string[]): Promise<void> {
  const names = (await place.inventory.names()).filter((name) => !namesBefore.includes(name));
  const arns = await taggedArns(place);
  expectThat(
    // A cache's stack may have nothing that is listed by name.
    arns.length > 0 && (names.length > 0 || place.workspace.databases.length === 0),
    `What is deployed is not listed: ${names.length} names, ${arns.length} tagged resources.`,
  );
}

/** @throws StepFailure when anything is left but snapshots, and secrets and keys that AWS deletes after some days. */
async function expectLeftovers(
  place: DeployedAccount,
  namesBefore: readonly string[],
): Promise<string[]> {
  const arns = await taggedArns(place);
  const waiting = [
    ...(await secretsInRecoveryWindow(place)),
    ...(await keysToBeDeleted(place, arns)),
  ];
  const names = await place.inventory.names();
  const others = [
    ...arns.filter((arn) => !SNAPSHOT.test(arn) && !waiting.includes(arn)),
    ...names.filter((name) => !namesBefore.includes(name)),
  ];
  expectThat(others.length === 0, `Still there: ${others.join(", ")}`);
  return [
    ...(await expectFinalSnapshots(place)),
    ...(waiting.length > 0
      ? [`${waiting.length} secrets and keys until their waiting period ends`]
      : []),
  ];
}

/** @throws StepFailure unless each data store has left the snapshots that its settings ask for. */
async function expectFinalSnapshots({ inventory, workspace }: DeployedAccount): Promise<string[]> {
  const left: string[] = [];
  for (const { name, settings } of workspace.databases) {
    const snapshots = await inventory.databaseSnapshots(settings.identifier);
    const finals = snapshots.filter(({ isAutomated }) => !isAutomated);
    expectCount(`the database ${name}`, finals.length, settings.skipFinalSnapshot ? 0 : 1);
    left.push(...snapshots.map((snapshot) => snapshot.name));
  }
  const ofCaches = await inventory.cacheSnapshots();
  const kept = workspace.caches.filter(({ settings }) => settings.snapshotRetentionDays > 0);
  expectCount("caches", ofCaches.length, kept.length);
  return [...left, ...ofCaches];
}

function expectCount(name: string, found: number, expected: number): void {
  expectThat(found === expected, `${name} has left ${found} final snapshots, not ${expected}.`);
}

async function secretsInRecoveryWindow({ emulator }: DeployedAccount): Promise<string[]> {
  const secrets = new SecretsManagerClient(emulator.clientConfig);
  const command = new ListSecretsCommand({ IncludePlannedDeletion: true });
  const { SecretList = [] } = await secrets.send(command);
  return SecretList.filter(({ DeletedDate }) => DeletedDate).map(({ ARN = "" }) => ARN);
}

async function keysToBeDeleted(
  { emulator }: DeployedAccount,
  arns: readonly string[],
): Promise<string[]> {
  const kms = new KMSClient(emulator.clientConfig);
  const keys: string[] = [];
  for (const KeyId of arns.filter((arn) => /:kms:/.test(arn))) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    keys.push(...(KeyMetadata?.KeyState === "PendingDeletion" ? [KeyId] : []));
  }
  return keys;
}

/** The resources that still have the stacks' tags, as AWS lists them. */
async function taggedArns({ emulator, workspace }: DeployedAccount): Promise<string[]> {
  const tagging = new ResourceGroupsTaggingAPIClient(emulator.clientConfig);
  const Values = workspace.stacks(() => {}).map(({ id }) => id);
  const { ResourceTagMappingList = [] } = await tagging.send(
    new GetResourcesCommand({ TagFilters: [{ Key: "stack", Values }] }),
  );
  return ResourceTagMappingList.map(({ ResourceARN = "" }) => ResourceARN);
}
