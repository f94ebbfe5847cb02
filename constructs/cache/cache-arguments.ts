import type { TerraformResourceLifecycle } from "cdktf";
import { hasDataTiering } from "../../settings/aws/instance-class";
import {
  type CacheSettings,
  engineOf,
  hasTlsMode,
  type ReplicationGroupSettings,
} from "../../settings/cache/cache";
import { ignoredChanges } from "../../settings/kept";

/** The arguments that both kinds of cache share. */
export function commonArguments(cache: CacheSettings) {
  return {
    engine: engineOf(cache),
    engineVersion: cache.engineVersion,
    // A string in the bindings, which Terraform reads as a boolean.
    autoMinorVersionUpgrade: String(cache.autoMinorVersionUpgrade),
    nodeType: cache.nodeType,
    port: cache.port,
    maintenanceWindow: cache.maintenanceWindow,
    applyImmediately: cache.applyImmediately,
    lifecycle: lifecycleOf(cache),
  };
}

/**
 * These stacks set no auth token. After an import it has no value. The provider's default would then be an update: it
 * calls ModifyReplicationGroup immediately, with an empty token.
 */
const NEVER_MANAGED = "auth_token_update_strategy";

/** Until Terraform manages the tags of an adopted group, the plan must not update it: each update would call AWS. */
function ignoredOnGroups({ kind, kept }: CacheSettings): string[] {
  if (kind === "cluster") {
    return [];
  }
  return kept?.tags ? [NEVER_MANAGED, "apply_immediately"] : [NEVER_MANAGED];
}

function lifecycleOf(cache: CacheSettings): TerraformResourceLifecycle | undefined {
  const { preventDestroy, kept } = cache;
  const ignored = [...ignoredChanges(kept), ...ignoredOnGroups(cache)];
  const ignoreChanges = ignored.length > 0 ? ignored : undefined;
  return preventDestroy || ignoreChanges
    ? { preventDestroy: preventDestroy || undefined, ignoreChanges }
    : undefined;
}

/** The nodes of a replication group, and how they are encrypted. */
export function replicationGroupArguments(cache: ReplicationGroupSettings) {
  return {
    replicationGroupId: cache.replicationGroupId,
    description: cache.description,
    numCacheClusters: cache.nodes,
    automaticFailoverEnabled: cache.nodes > 1,
    multiAzEnabled: cache.multiAz,
    preferredCacheClusterAzs: cache.availabilityZones,
    dataTieringEnabled: hasDataTiering(cache.nodeType) || undefined,
    transitEncryptionEnabled: true,
    transitEncryptionMode: hasTlsMode(cache) ? cache.transitEncryptionMode : undefined,
    // A string in the bindings of provider 6, which both majors read as a boolean.
    atRestEncryptionEnabled: "true",
    kmsKeyId: cache.kmsKeyArn,
  };
}
