import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import { parse } from "pg-connection-string";
import { DatabaseStack } from "../../../stacks/database-stack";
import { filledIn, passwords } from "../../database-url";
import { synthesized } from "../../synthesized";

const RUNS = 10_000;
const HOST = "news-api-db.c9z8v7x2y3z4.us-east-1.rds.amazonaws.com";

const { resource } = synthesized(DatabaseStack, { "database.dbName": "newsdb" });
const url = String(resource.aws_secretsmanager_secret_version?.database_url?.secret_string_wo);

test(`${RUNS} passwords that RDS accepts survive in the URL, with WHATWG's parser and with pg's`, () => {
  let roundTripped = 0;
  fc.assert(
    fc.property(passwords, (password) => {
      const filled = filledIn(url, { password, host: HOST, port: 5432 });
      const whatwg = new URL(filled);
      deepStrictEqual(
        [
          whatwg.protocol,
          decodeURIComponent(whatwg.username),
          decodeURIComponent(whatwg.password),
          whatwg.hostname,
          whatwg.port,
          whatwg.pathname,
          whatwg.search,
        ],
        ["postgresql:", "newsadmin", password, HOST, "5432", "/newsdb", "?sslmode=require"],
      );
      // This only changes how pg reads sslmode: like libpq and the other drivers.
      const pg = parse(`${filled}&uselibpqcompat=true`);
      deepStrictEqual(
        [pg.user, pg.password, pg.host, pg.port, pg.database],
        ["newsadmin", password, HOST, "5432", "newsdb"],
      );
      roundTripped++;
    }),
    { numRuns: RUNS },
  );
  process.stdout.write(`${roundTripped} passwords round-tripped through DATABASE_URL\n`);
  expect(roundTripped).toBe(RUNS);
});
