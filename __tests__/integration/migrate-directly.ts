import { migrateCache } from "../../operations/migration/cache/migration";
import { cutOver } from "../../operations/migration/database/cut-over";
import { followDatabase } from "../../operations/migration/database/follow";
import { migrateDatabase } from "../../operations/migration/database/migration";

/** What the names of variables stand for. */
const WAYS = {
  MIGRATION: migrateDatabase,
  CACHE_MIGRATION: migrateCache,
  FOLLOW: followDatabase,
  CUT_OVER: cutOver,
} as const;

/** Migrates as the properties in a variable say, in a process of its own that a test can kill. */
const [way, props] = Object.entries(process.env).find(([name]) => name in WAYS) ?? [];
const migration = WAYS[way as keyof typeof WAYS](JSON.parse(String(props)));

migration.then(
  ({ verification, findings }) => {
    console.log(JSON.stringify({ agrees: verification?.agrees, findings }));
  },
  (error) => {
    console.error(error.message);
    process.exitCode = error.exitCode ?? 1;
  },
);
