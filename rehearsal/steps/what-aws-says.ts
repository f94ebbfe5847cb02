import type { CacheCluster } from "@aws-sdk/client-elasticache";
import type { Environment } from "../../settings/environment";
import { replicaIdentifier } from "../../settings/names";
import {
  cacheNodeAsAsked,
  type Difference,
  differences,
  instanceAsAsked,
  isOfVersion,
  replicaAsAsked,
} from "../as-asked";
import { ruleText } from "../inventory";
import type { Place, Rehearsal } from "../rehearsal";
import { expectThat, type Step } from "../step";

/** The data stores and their rules, asked by SDK: Terraform's own word does not count. */
export function whatAwsSays(rehearsal: Rehearsal): Step {
  return {
    name: "what-aws-says",
    title: "Ask AWS, without Terraform",
    async run(say) {
      const place = await rehearsal.copy("what-aws-says", say);
      say(
        "the chapter's checks: describe-db-instances, describe-cache-clusters, …-security-groups",
      );
      const { nodes, replicas } = await expectStoresAsAsked(place);
      const rules = await expectRulesAsAsked(place);
      return {
        text: `the database, ${replicas} replicas and ${nodes} cache node(s) as asked; ${rules.length} rules, exactly the clients'`,
        rules,
      };
    },
  };
}

/** @throws StepFailure naming every attribute that is not as the environment asks. */
export async function expectStoresAsAsked(place: Place) {
  const { environment } = place.workspace;
  await expectDatabaseAsAsked(place);
  const nodes = await place.inventory.cacheNodes();
  const count = environment.cache.kind === "cluster" ? 1 : environment.cache.nodes;
  expectThat(nodes.length === count, `The cache has ${nodes.length} nodes, not ${count}.`);
  for (const node of nodes) {
    expectNodeAsAsked(environment, node);
  }
  const replicas = Object.keys(environment.database.readReplicas).length;
  return { nodes: nodes.length, replicas };
}

async function expectDatabaseAsAsked({ inventory, workspace }: Place): Promise<void> {
  const { environment } = workspace;
  const { engineVersion, port, readReplicas, identifier } = environment.database;
  const instance = await inventory.instance();
  expectNone("the database", differences(instanceAsAsked(environment), instance));
  expectVersion("the database", instance.EngineVersion, engineVersion);
  const { Address, Port } = instance.Endpoint ?? {};
  expectThat(!!Address && Port === port, `The database is at ${Address}:${Port}, not at ${port}.`);
  for (const name of Object.keys(readReplicas)) {
    const replica = await inventory.instance(replicaIdentifier(identifier, name));
    expectNone(`the replica ${name}`, differences(replicaAsAsked(environment, name), replica));
  }
}

function expectNodeAsAsked(environment: Environment, node: CacheCluster): void {
  const { CacheClusterId: name = "", CacheNodes: [{ Endpoint } = {}] = [] } = node;
  const { engineVersion, port } = environment.cache;
  expectNone(name, differences(cacheNodeAsAsked(environment), node));
  expectVersion(name, node.EngineVersion, engineVersion);
  const { Address, Port } = Endpoint ?? {};
  expectThat(!!Address && Port === port, `${name} is at ${Address}:${Port}, not at ${port}.`);
}

function expectVersion(name: string, release = "", version: string): void {
  expectThat(isOfVersion(release, version), `${name} runs ${release}, asked was ${version}.`);
}

function expectNone(name: string, found: readonly Difference[]): void {
  const listed = found.map(
    ({ attribute, ...one }) => `${attribute} is ${one.found}, asked was ${one.expected}`,
  );
  expectThat(found.length === 0, `AWS says otherwise of ${name}: ${listed.join("; ")}`);
}

/** @throws StepFailure naming every rule too many and every rule missing. */
export async function expectRulesAsAsked({ inventory }: Place) {
  const { foreign, missing } = await inventory.ruleProblems();
  const problems = [
    ...foreign.map((rule) => `lets in ${ruleText(rule)}, which no client asks for`),
    ...missing.map((rule) => `does not let in ${ruleText(rule)}`),
  ];
  expectThat(problems.length === 0, `AWS ${problems.join("; ")}`);
  return inventory.rules();
}
