import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import execa from "execa";

/** Debian and Ubuntu keep the programs of each major version there. */
const DEBIAN = "/usr/lib/postgresql";

/** A pg_dump and a pg_restore of the same version. */
export interface Programs {
  readonly dump: string;
  readonly restore: string;
  /** `17.2` */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
}

/** Every pair of programs on the PATH and under Debian's folder, the lowest version first. */
export async function findPrograms(path = process.env.PATH ?? ""): Promise<Programs[]> {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  // Debian's folder first: the script on its PATH chooses a version itself.
  const folders = [
    ...debian.map((version) => join(DEBIAN, version, "bin")),
    ...path.split(delimiter),
  ];
  const found = await Promise.all([...new Set(folders)].map(programsIn));
  const versions = new Map<string, Programs>();
  for (const programs of found.filter((one) => one !== undefined)) {
    versions.set(programs.version, versions.get(programs.version) ?? programs);
  }
  return [...versions.values()].sort(
    (one, other) => one.major - other.major || one.minor - other.minor,
  );
}

async function programsIn(folder: string): Promise<Programs | undefined> {
  const [dump, restore] = [join(folder, "pg_dump"), join(folder, "pg_restore")];
  if (!existsSync(dump) || !existsSync(restore)) {
    return undefined;
  }
  const { stdout } = await execa(dump, ["--version"], { reject: false });
  const [, version, major] = /^pg_dump \(PostgreSQL\) ((\d+)[.\w]*)/.exec(stdout) ?? [];
  // A release candidate, such as 18rc1, is older than 18.0.
  const minor = Number(version?.split(".")[1] ?? -1);
  return version ? { dump, restore, version, major: Number(major), minor } : undefined;
}

/**
 * The oldest programs that know both servers: newer ones may send settings that an older target does not know.
 * @param majors of the source and of the target.
 */
export function suitable(
  found: readonly Programs[],
  ...majors: readonly number[]
): Programs | undefined {
  const enough = found.filter(({ major }) => major >= Math.max(...majors));
  const oldest = Math.min(...enough.map(({ major }) => major));
  return enough.filter(({ major }) => major === oldest).at(-1);
}
