import { migrateCache } from "../../operations/migration/cache/migration";
import { migrateDatabase } from "../../operations/migration/database/migration";

/** Migrates as the properties in a variable say, in a process of its own that a test can kill. */
const { MIGRATION, CACHE_MIGRATION } = process.env;
const migration = MIGRATION
  ? migrateDatabase(JSON.parse(MIGRATION))
  : migrateCache(JSON.parse(String(CACHE_MIGRATION)));

migration.then(
  ({ verification, findings }) => {
    console.log(JSON.stringify({ agrees: verification?.agrees, findings }));
  },
  (error) => {
    console.error(error.message);
    process.exitCode = error.exitCode ?? 1;
  },
);
