import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from "@aws-sdk/client-resource-groups-tagging-api";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Environment, EnvironmentSettings } from "../../settings/environment";
import { changed, type Place, type Rehearsal } from "../rehearsal";
import { expectThat, type Step } from "../step";
import { everyOne, type Say, type WorkingStack } from "../workspace";

const REASON = "The rehearsal retires this environment.";

/** Destroy is refused while the database is protected; then it is retired in the two documented steps. */
export function goodbye(rehearsal: Rehearsal): Step {
  return {
    name: "goodbye",
    title: "Retire the environment",
    async run(say) {
      const place = await rehearsal.copy("goodbye", say);
      const { workspace, inventory } = place;
      const isProtected = somethingIsProtected(workspace.environment.database);
      if (!isProtected) {
        await inventory.modifyInstance({ DeletionProtection: true });
      }
      await expectListed(place, rehearsal.namesBefore);
      const refusal = await refusedDestroy(workspace.stack("database", say));
      await unprotect(place, say);
      const destroyed = await everyOne(workspace.stacks(say).map((stack) => stack.destroy()));
      const left = await expectLeftovers(place, rehearsal.namesBefore);
      const how = isProtected
        ? "then the two steps: protection off and apply, destroy"
        : "protection, which this environment does without, off again; destroy";
      return {
        text: `${refusal}; ${how}; left: ${left.join(", ") || "nothing"}`,
        work: destroyed.flatMap(({ work }) => work),
      };
    },
  };
}

async function refusedDestroy(stack: WorkingStack): Promise<string> {
  const { exitCode, errors, work } = await stack.run(["destroy", "-json", "-auto-approve"]);
  const said = errors.join("; ");
  expectThat(exitCode !== 0, "A protected database was destroyed.");
  if (/cannot be destroyed|prevent_destroy/.test(said)) {
    return "refused by the plan, nothing was touched";
  }
  expectThat(/deletion ?protection/i.test(said), `Destroy failed for another reason: ${said}`);
  return `refused by AWS, after ${work.length} resources around the database were gone`;
}

/** The first of the two steps; the cache's protection is in its configuration alone. */
async function unprotect(place: Place, say: Say): Promise<void> {
  const { workspace, inventory } = place;
  const wasProtected = somethingIsProtected(workspace.environment.database);
  workspace.write(changed(place, takeBackProtection));
  if (wasProtected) {
    await workspace.stack("database", say).apply();
  } else {
    await inventory.modifyInstance({ DeletionProtection: false });
  }
}

/** Whether the settings refuse a destroy, of the instance or of a replica of it. */
export function somethingIsProtected(database: Environment["database"]): boolean {
  const replicas = Object.values(database.readReplicas);
  return [database, ...replicas].some((one) => one.deletionProtection) || database.preventDestroy;
}

function takeBackProtection({ database, cache }: EnvironmentSettings): void {
  for (const one of [database, ...Object.values(database.readReplicas ?? {})]) {
    one.deletionProtection = false;
  }
  database.reasons = { ...database.reasons, deletionProtection: REASON };
  database.preventDestroy = false;
  cache.preventDestroy = false;
}

const SNAPSHOT = /:(rds|elasticache):[^:]*:[^:]*:snapshot:/;

/** @throws StepFailure when the lists that are empty at the end do not show what is there now. */
async function expectListed(place: Place, namesBefore: readonly string[]): Promise<void> {
  const names = (await place.inventory.names()).filter((name) => !namesBefore.includes(name));
  const arns = await taggedArns(place);
  expectThat(
    names.length > 0 && arns.length > 0,
    `What is deployed is not listed: ${names.length} names, ${arns.length} tagged resources.`,
  );
}

/** @throws StepFailure when anything is left but snapshots, and secrets and keys that AWS deletes after some days. */
async function expectLeftovers(place: Place, namesBefore: readonly string[]): Promise<string[]> {
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
      ? [`${waiting.length} secrets and keys until their waiting time ends`]
      : []),
  ];
}

/** @throws StepFailure unless each data store has left the snapshots that its settings ask for. */
async function expectFinalSnapshots({ inventory, workspace }: Place): Promise<string[]> {
  const { database, cache } = workspace.environment;
  const ofDatabase = await inventory.databaseSnapshots();
  const finals = ofDatabase.filter(({ isAutomated }) => !isAutomated);
  expectCount("the database", finals.length, database.skipFinalSnapshot ? 0 : 1);
  const ofCache = await inventory.cacheSnapshots();
  expectCount("the cache", ofCache.length, cache.snapshotRetentionDays > 0 ? 1 : 0);
  return [...ofDatabase.map(({ name }) => name), ...ofCache];
}

function expectCount(name: string, found: number, expected: number): void {
  expectThat(found === expected, `${name} has left ${found} final snapshots, not ${expected}.`);
}

async function secretsInRecoveryWindow({ emulator }: Place): Promise<string[]> {
  const secrets = new SecretsManagerClient(emulator.clientConfig);
  const command = new ListSecretsCommand({ IncludePlannedDeletion: true });
  const { SecretList = [] } = await secrets.send(command);
  return SecretList.filter(({ DeletedDate }) => DeletedDate).map(({ ARN = "" }) => ARN);
}

async function keysToBeDeleted({ emulator }: Place, arns: readonly string[]): Promise<string[]> {
  const kms = new KMSClient(emulator.clientConfig);
  const keys: string[] = [];
  for (const KeyId of arns.filter((arn) => /:kms:/.test(arn))) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    keys.push(...(KeyMetadata?.KeyState === "PendingDeletion" ? [KeyId] : []));
  }
  return keys;
}

/** What still has the stacks' tags, by the account's own list. */
async function taggedArns({ emulator, workspace }: Place): Promise<string[]> {
  const tagging = new ResourceGroupsTaggingAPIClient(emulator.clientConfig);
  const Values = workspace.stacks(() => {}).map(({ id }) => id);
  const { ResourceTagMappingList = [] } = await tagging.send(
    new GetResourcesCommand({ TagFilters: [{ Key: "stack", Values }] }),
  );
  return ResourceTagMappingList.map(({ ResourceARN = "" }) => ResourceARN);
}
