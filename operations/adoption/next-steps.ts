import type { CacheSettings } from "../../settings/cache/cache";
import { dataStoresOf } from "../../settings/data-stores";
import type { DatabaseSettings } from "../../settings/database/database";
import type { Environment } from "../../settings/environment";

/** A step from an adopted resource to the stack's default. Each step is a separate plan. */
export interface NextStep {
  readonly stackId: string;
  readonly step: string;
  /** What to change in the settings. */
  readonly how: string;
  /** What it costs: an outage, a reboot, money, or nothing. */
  readonly cost: string;
}

interface Step<Settings> extends Omit<NextStep, "stackId"> {
  readonly isLeft: (settings: Settings) => boolean;
}

/** The remaining steps of an adoption, in the recommended order. */
export function nextSteps(environment: Environment): NextStep[] {
  return dataStoresOf(environment).flatMap(({ stackId, ...store }) => {
    const own =
      store.kind === "database"
        ? left(DATABASE_STEPS, store.settings)
        : left(CACHE_STEPS, store.settings);
    return [...left(STEPS, store.settings), ...own].map((step) => ({ stackId, ...step }));
  });
}

function left<Settings>(steps: readonly Step<Settings>[], settings: Settings) {
  return steps
    .filter(({ isLeft }) => isLeft(settings))
    .map(({ step, how, cost }) => ({ step, how, cost }));
}

const STEPS: readonly Step<DatabaseSettings | CacheSettings>[] = [
  {
    isLeft: ({ adopted }) => adopted !== undefined,
    step: "import",
    how: "Apply, then remove `adopted`.",
    cost: "Nothing changes in AWS.",
  },
  {
    isLeft: ({ kept }) => kept?.tags === true,
    step: "tags",
    how: "Remove kept.tags. Terraform removes the tags that the environment does not name.",
    cost: "No outage. Policies with conditions on tags see the new tags.",
  },
  {
    isLeft: ({ kept }) => kept?.securityGroupIds !== undefined,
    step: "own security group",
    how: "Remove kept.securityGroupIds, and name every client in clients. The stack creates a security group with all rules and moves the data store to it. Terraform removes the rules that it manages in the old group.",
    cost: "Open connections stay. Clients that connect through rules that Terraform does not manage can no longer connect.",
  },
];

const DATABASE_STEPS: readonly Step<DatabaseSettings>[] = [
  {
    isLeft: ({ deletionProtection }) => !deletionProtection,
    step: "deletion protection",
    how: "Set deletionProtection to true, and remove its reason.",
    cost: "No outage.",
  },
  {
    isLeft: ({ skipFinalSnapshot, deleteAutomatedBackups }) =>
      skipFinalSnapshot || deleteAutomatedBackups,
    step: "final snapshot",
    how: "Remove skipFinalSnapshot, deleteAutomatedBackups and their reasons.",
    cost: "No outage: only the state changes.",
  },
  {
    isLeft: ({ backupRetentionDays }) => backupRetentionDays === 0,
    step: "backups",
    how: "Set backupRetentionDays to 1 or more, and remove its reason.",
    cost: "RDS takes a first snapshot: on a single-AZ instance, I/O pauses for seconds to minutes.",
  },
  {
    isLeft: ({ copyTagsToSnapshot }) => !copyTagsToSnapshot,
    step: "tags of snapshots",
    how: "Remove copyTagsToSnapshot.",
    cost: "No outage.",
  },
  {
    isLeft: ({ credentials }) =>
      credentials.kind === "existing" && credentials.passwordSecretArn === undefined,
    step: "URL in Secrets Manager",
    how: "Store the password with npm run connection -- ENV --set-password-from-stdin, and set credentials.passwordSecretArn to the ARN of the secret.",
    cost: "No outage. Secrets are billed per month.",
  },
  {
    isLeft: ({ credentials }) => credentials.kind === "existing",
    step: "rotation",
    how: 'Set credentials to { kind: "secret" }. Terraform sets a new password and stores the URL. Restart the application right after the apply.',
    cost: "From the apply until the restart, new connections with the old password fail.",
  },
  {
    isLeft: ({ kept }) => kept?.parameterGroupName !== undefined,
    step: "own parameter group",
    how: "Remove kept.parameterGroupName, and set in `parameters` what differs from the engine's defaults. The stack's group enforces TLS, so first make sure that every client connects with TLS.",
    cost: "A reboot that you start.",
  },
  {
    isLeft: ({ kept }) => kept?.logGroups === true,
    step: "own log groups",
    how: "Name the groups in `adopted`, and remove kept.logGroups.",
    cost: "No outage. Logs older than logRetentionDays are deleted.",
  },
  {
    isLeft: ({ kept }) => kept?.engineVersion === true,
    step: "version",
    how: 'Set engineVersion to the major version, such as "15", and remove kept.engineVersion.',
    cost: "When AWS upgrades, an outage of minutes in the maintenance window.",
  },
  {
    isLeft: ({ extendedSupport }) => extendedSupport,
    step: "extended support",
    how: "Extended support can be turned off only for a new instance. Do it together with the encryption. Until then, upgrade before the end of standard support.",
    cost: "After the end of standard support, it is billed by the hour.",
  },
  {
    isLeft: ({ storageEncrypted }) => !storageEncrypted,
    step: "encryption",
    how: "RDS encrypts an instance only when it creates it. Add an encrypted database, move the data with npm run migrate -- ENV --follow, and switch the application to the new URL: docs/guides/restore-and-upgrade.md#encrypt-a-database.",
    cost: "With --follow, writes stop only for seconds. Both instances are billed meanwhile.",
  },
];

const CACHE_STEPS: readonly Step<CacheSettings>[] = [
  {
    isLeft: ({ skipFinalSnapshot }) => skipFinalSnapshot,
    step: "final snapshot",
    how: "Remove skipFinalSnapshot.",
    cost: "No outage: only the state changes.",
  },
  {
    isLeft: ({ kept }) => kept?.parameterGroupName !== undefined,
    step: "own parameter group",
    how: "Remove kept.parameterGroupName, and set `eviction` or `parameters`.",
    cost: "No outage; some parameters wait for a reboot.",
  },
  {
    isLeft: ({ kept }) => kept?.engineVersion === true,
    step: "version",
    how: 'Make sure that engineVersion is the running version, set autoMinorVersionUpgrade to false unless engineVersion is "6.x", and remove kept.engineVersion.',
    cost: "No outage. A version below the running one would replace the cache. From then on, you upgrade it.",
  },
  {
    isLeft: ({ kind }) => kind === "cluster",
    step: "TLS and encryption",
    how: 'ElastiCache encrypts only replication groups. Add a cache of kind "replication-group", move the keys with npm run migrate, and switch the application to the new URL.',
    cost: "Both caches are billed meanwhile.",
  },
];
