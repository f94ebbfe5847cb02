import type { Client } from "pg";
import { CommandError } from "../../../cli/command-error";
import { WorkFolder } from "../work-folder";
import { notOfExtension, OWN_SCHEMA } from "./catalog";
import { factsOf } from "./facts";
import { prepareReader } from "./fingerprint";
import { addressOf, connect, type Login } from "./login";
import { removeFolder } from "./password-files";
import { endLeftovers, lockTarget, putBack } from "./sessions";
import { stopFollowing } from "./stop-following";

export interface UndoProps {
  readonly source: Login;
  readonly target: Login;
  readonly workFolder: string;
  /** Names what `--follow` created. */
  readonly replicationName: string;
}

/**
 * Gives up an unfinished migration: removes everything from the target that was not there before, restores the source's
 * setting, and removes the dump.
 * @returns what was done
 * @throws CommandError when there is no such migration, when its cut-over is done, or the target is not empty afterwards.
 */
export async function undoMigration(props: UndoProps): Promise<string> {
  const { source, target, workFolder } = props;
  const folder = new WorkFolder(workFolder);
  const state = folder.read();
  if (
    !state ||
    state.selection.target !== addressOf(target) ||
    state.selection.source !== addressOf(source)
  ) {
    throw new CommandError(
      `${workFolder} holds no unfinished migration from ${addressOf(source)} to ${addressOf(target)}. There is nothing to undo.`,
    );
  }
  if (state.cutOver) {
    throw new CommandError(
      "The cut-over is done: the application may have written to the target, and --undo would empty it. To go back to the source: --stop-following, then --undo.",
    );
  }
  removeFolder(state.passwordFolder);
  if (state.selection.following) {
    await stopFollowing(props);
  }
  await inSession(target, async (client) => {
    await lockTarget(client);
    await endLeftovers(client);
    await empty(client, state.before);
    const { objects, largeObjects } = await factsOf(client);
    if (objects.length > 0 || largeObjects > 0) {
      throw new CommandError(
        `The target still has ${objects.join(", ")} and ${largeObjects} large objects. Drop them manually, then run --undo again.`,
      );
    }
  });
  await inSession(source, async (client) => {
    await endLeftovers(client);
    if (state.readOnly) {
      await putBack(client, state.readOnly.previous);
    }
  });
  folder.remove();
  return `The target is as empty as before, and ${workFolder} is removed.`;
}

async function inSession(login: Login, work: (client: Client) => Promise<void>): Promise<void> {
  const client = await prepareReader(await connect(login));
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Kinds of objects that no other DROP includes; event triggers first, because they would fire for the others. */
const STATEMENTS = `
  SELECT format('DROP EVENT TRIGGER IF EXISTS %I', evtname) AS statement FROM pg_event_trigger t WHERE ${notOfExtension("pg_event_trigger", "t.oid")}
  UNION ALL SELECT format('DROP PUBLICATION IF EXISTS %I', pubname) FROM pg_publication
  UNION ALL SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', n.nspname) FROM pg_namespace n
    WHERE ${OWN_SCHEMA} AND ${notOfExtension("pg_namespace", "n.oid")} AND n.nspname <> ALL($1)
  UNION ALL SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension WHERE extname <> ALL($2)
  UNION ALL SELECT format('DROP %s IF EXISTS %I.%I CASCADE',
      CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
      n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OWN_SCHEMA} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND ${notOfExtension("pg_class", "c.oid")}
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i' AND c.relkind = 'S')
  UNION ALL SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OWN_SCHEMA} AND ${notOfExtension("pg_proc", "p.oid")}
  UNION ALL SELECT format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, typname) FROM pg_type t
    JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE ${OWN_SCHEMA} AND typtype IN ('e', 'd', 'r') AND ${notOfExtension("pg_type", "t.oid")}
  UNION ALL SELECT format('DROP COLLATION IF EXISTS %I.%I CASCADE', n.nspname, collname) FROM pg_collation
    JOIN pg_namespace n ON n.oid = collnamespace WHERE ${OWN_SCHEMA}
  UNION ALL SELECT format('SELECT lo_unlink(%s)', oid) FROM pg_largeobject_metadata`;

async function empty(
  client: Client,
  before: { readonly schemas: readonly string[]; readonly extensions: readonly string[] },
): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(STATEMENTS, [
    before.schemas,
    before.extensions,
  ]);
  for (const { statement } of rows) {
    await client.query(statement);
  }
}
