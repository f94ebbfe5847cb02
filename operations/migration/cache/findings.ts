import { type Finding, note, refused, warning } from "../finding";
import type { CacheFacts } from "./redis-store";

const MIB = 1024 ** 2;
/** The share of the target's memory above which it soon evicts keys or refuses writes. */
const FULL = 0.9;
/** The first version with absolute expiries in RESTORE. */
const OLDEST_VERSION = 5;
const MOST_NAMES = 8;

export interface CacheSituation {
  readonly source: CacheFacts;
  readonly target: CacheFacts;
  /** The databases to migrate. */
  readonly databases: readonly number[];
  readonly options: { readonly readOnly: boolean; readonly acceptWriters: boolean };
  /** Whether keys of this migration are already there. */
  readonly continues: boolean;
}

/** Everything that blocks the migration of a cache. */
export function cacheFindings(situation: CacheSituation): Finding[] {
  return [versions, targetState, databases, memory, writers].flatMap((rule) => rule(situation));
}

/** The dump format of each release, which an older release may not read. */
function format(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 10 + minor;
}

function versions({ source, target }: CacheSituation): Finding[] {
  return [
    ...(format(source.version) > format(target.version)
      ? [
          refused(
            "versions",
            `the source is Redis ${source.version}, newer than the target's ${target.version}, which might not read its dumps. Raise engineVersion and deploy.`,
          ),
        ]
      : []),
    ...(Number.parseInt(target.version, 10) < OLDEST_VERSION
      ? [
          refused(
            "versions",
            `the target is Redis ${target.version}. Raise engineVersion to ${OLDEST_VERSION}.0 or later.`,
          ),
        ]
      : []),
  ];
}

function targetState({ target, continues }: CacheSituation): Finding[] {
  const keys = Object.values(target.keys).reduce((sum, one) => sum + one, 0);
  return [
    ...(target.role === "master"
      ? []
      : [refused("target", "it is a replica, which accepts no writes.")]),
    ...(keys > 0 && !continues
      ? [
          refused(
            "target",
            `it is not empty: ${keys} keys. Empty it (FLUSHALL), or migrate before the application uses it.`,
          ),
        ]
      : []),
  ];
}

function databases({ source, target, databases: all }: CacheSituation): Finding[] {
  const others = all.filter((one) => one !== 0);
  const left = Object.keys(source.keys)
    .map(Number)
    .filter((one) => !all.includes(one));
  return [
    ...(target.isCluster && others.length > 0
      ? [
          refused(
            "databases",
            `a cluster has only database 0, and the source has keys in ${others.join(", ")}. Name one in the URL: redis://HOST:PORT/0.`,
          ),
        ]
      : []),
    ...(left.length > 0
      ? [
          warning(
            "databases",
            `the URL names ${all.join(", ")}; the keys in ${left.join(", ")} are left out.`,
          ),
        ]
      : []),
  ];
}

function memory({ source, target }: CacheSituation): Finding[] {
  const size = `the source uses ${Math.ceil(source.usedMemory / MIB)} MiB, and the target has ${Math.floor(target.maxMemory / MIB)} MiB`;
  return target.maxMemory > 0 && source.usedMemory > FULL * target.maxMemory
    ? [
        refused(
          "memory",
          `${size} (${target.maxMemoryPolicy}). Choose a larger nodeType and deploy.`,
        ),
      ]
    : [];
}

function writers({ source, options }: CacheSituation): Finding[] {
  const { clients } = source;
  if (options.readOnly) {
    return [
      note(
        "writers",
        "--read-only: writes to the source wait until the migration ends (CLIENT PAUSE).",
      ),
    ];
  }
  if (clients.length === 0) {
    return [];
  }
  const more = clients.length - MOST_NAMES;
  const list = `${clients.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return [
    options.acceptWriters
      ? warning("writers", `${list} may write: keys that change meanwhile will differ.`)
      : refused(
          "writers",
          `${list} may write, and keys that change meanwhile will differ. Stop the application, use --read-only, or use --accept-writers if that is what you want.`,
        ),
  ];
}
