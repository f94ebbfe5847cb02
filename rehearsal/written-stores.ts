import type { EnvironmentSettings } from "../settings/environment";

export type WrittenDatabase = NonNullable<EnvironmentSettings["database"]>;
export type WrittenCache = NonNullable<EnvironmentSettings["cache"]>;

/** A data store as the operator wrote it, and where. */
interface Written<Settings> {
  readonly name: string;
  /** `database` or `databases.orders` */
  readonly at: string;
  readonly settings: Settings;
}

/** The databases as the operator wrote them, to be changed. */
export function writtenDatabases(settings: EnvironmentSettings): Written<WrittenDatabase>[] {
  return written("database", settings.database, settings.databases);
}

/** The caches as the operator wrote them, to be changed. */
export function writtenCaches(settings: EnvironmentSettings): Written<WrittenCache>[] {
  return written("cache", settings.cache, settings.caches);
}

/** The database of a name, as the operator wrote it, to be changed. */
export function writtenDatabase(settings: EnvironmentSettings, name: string): WrittenDatabase {
  const found = writtenDatabases(settings).find((one) => one.name === name);
  if (!found) {
    throw new Error(`The settings have no database ${name}.`);
  }
  return found.settings;
}

function written<Settings>(
  kind: string,
  unnamed: Settings | undefined,
  named: Readonly<Record<string, Settings>> = {},
): Written<Settings>[] {
  const all = Object.entries(named).map(([name, settings]) => ({
    name,
    at: `${kind}s.${name}`,
    settings,
  }));
  return unnamed ? [{ name: kind, at: kind, settings: unnamed }, ...all] : all;
}
