import type { CacheCluster } from "@aws-sdk/client-elasticache";
import type { CacheSettings } from "../../settings/cache/cache";
import type { CacheStore, DatabaseStore } from "../../settings/data-stores";
import { replicaIdentifier } from "../../settings/names";
import {
  cacheNodeAsExpected,
  type Difference,
  differences,
  instanceAsExpected,
  isOfVersion,
  replicaAsExpected,
} from "../expected-state";
import { ruleText } from "../inventory";
import type { DeployedAccount, Rehearsal } from "../rehearsal";
import { expectThat, type Step } from "../step";
import { everyOne } from "../workspace";

/** Reads the data stores and their rules through the AWS SDK: what Terraform reports does not count. */
export function verifyDeployment(rehearsal: Rehearsal): Step {
  return {
    name: "verify-deployment",
    title: "Verify the deployment through the AWS SDK",
    async run(progress) {
      const place = await rehearsal.copy("verify-deployment", progress);
      progress(
        "the chapter's checks: describe-db-instances, describe-cache-clusters, …-security-groups",
      );
      const { databases, replicas, nodes } = await expectStoresAsExpected(place);
      const rules = await expectRulesAsExpected(place);
      return {
        text: `${databases} database(s), ${replicas} replica(s) and ${nodes} cache node(s) as configured; ${rules.length} rule(s), exactly those of the clients`,
        rules,
      };
    },
  };
}

/** @throws StepFailure naming every attribute that differs from the settings. */
export async function expectStoresAsExpected(place: DeployedAccount) {
  const { databases, caches } = place.workspace;
  for (const store of databases) {
    await expectDatabaseAsExpected(place, store);
  }
  const nodes = await everyOne(caches.map((store) => expectCacheAsExpected(place, store)));
  const replicas = databases.flatMap(({ settings }) => Object.keys(settings.readReplicas));
  return {
    databases: databases.length,
    replicas: replicas.length,
    nodes: nodes.reduce((sum, count) => sum + count, 0),
  };
}

async function expectCacheAsExpected(
  { inventory }: DeployedAccount,
  store: CacheStore,
): Promise<number> {
  const { name, settings: cache } = store;
  const nodes = await inventory.cacheNodes(store);
  const count = cache.kind === "cluster" ? 1 : cache.nodes;
  expectThat(nodes.length === count, `The cache ${name} has ${nodes.length} nodes, not ${count}.`);
  for (const node of nodes) {
    expectNodeAsExpected(cache, node);
  }
  return count;
}

async function expectDatabaseAsExpected(
  { inventory }: DeployedAccount,
  store: DatabaseStore,
): Promise<void> {
  const { name, settings: database } = store;
  const { engineVersion, port, readReplicas, identifier } = database;
  const instance = await inventory.instance(identifier);
  expectNone(name, differences(instanceAsExpected(database), instance));
  expectVersion(name, instance.EngineVersion, engineVersion);
  const { Address, Port } = instance.Endpoint ?? {};
  expectThat(!!Address && Port === port, `${name} is at ${Address}:${Port}, not at ${port}.`);
  for (const replica of Object.keys(readReplicas)) {
    const found = await inventory.instance(replicaIdentifier(identifier, replica));
    expectNone(`the replica ${replica}`, differences(replicaAsExpected(database, replica), found));
  }
}

function expectNodeAsExpected(cache: CacheSettings, node: CacheCluster): void {
  const { CacheClusterId: name = "", CacheNodes: [{ Endpoint } = {}] = [] } = node;
  const { engineVersion, port } = cache;
  expectNone(name, differences(cacheNodeAsExpected(cache), node));
  expectVersion(name, node.EngineVersion, engineVersion);
  const { Address, Port } = Endpoint ?? {};
  expectThat(!!Address && Port === port, `${name} is at ${Address}:${Port}, not at ${port}.`);
}

function expectVersion(name: string, release = "", version: string): void {
  expectThat(isOfVersion(release, version), `${name} runs ${release} instead of ${version}.`);
}

function expectNone(name: string, found: readonly Difference[]): void {
  const listed = found.map(
    ({ attribute, ...one }) => `${attribute} is ${one.found} instead of ${one.expected}`,
  );
  expectThat(found.length === 0, `AWS reports other values for ${name}: ${listed.join("; ")}`);
}

/** @throws StepFailure naming every extra rule and every missing one. */
export async function expectRulesAsExpected({ inventory }: DeployedAccount) {
  const { foreign, missing } = await inventory.ruleProblems();
  const problems = [
    ...foreign.map((rule) => `admits ${ruleText(rule)}, which is no client in the settings`),
    ...missing.map((rule) => `does not admit ${ruleText(rule)}`),
  ];
  expectThat(problems.length === 0, `AWS ${problems.join("; ")}`);
  return inventory.rules();
}
