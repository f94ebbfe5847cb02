import { type Client, escapeIdentifier } from "pg";

/** A value of every built-in type that a table can store, and of arrays, ranges and types of one's own. */
const VALUES: readonly (readonly [type: string, value: string])[] = [
  ["boolean", "true"],
  ["smallint", "-32768"],
  ["integer", "2147483647"],
  ["bigint", "-9223372036854775808"],
  ["numeric", "'NaN'"],
  ["numeric(38, 10)", "1234567890123456789012345678.0123456789"],
  ["real", "'-Infinity'"],
  ["double precision", "0.1::double precision + 0.2"],
  ["money", "'-12.34'"],
  ["text", "E'UTF-8: \\u00e9\\u4e2d\\U0001F986, tab\\t, backslash \\\\, quote '' and \"'"],
  ["varchar(20)", "''"],
  ["char(10)", "'padded'"],
  ['"char"', "'x'"],
  ["name", "'a name'"],
  ["bytea", "'\\x00ff5c0a'"],
  ["date", "'-infinity'"],
  ["time", "'23:59:59.999999'"],
  ["timetz", "'12:00:00+05:30'"],
  ["timestamp", "'4713-01-01 00:00:00 BC'"],
  ["timestamptz", "'2026-03-29 01:30:00+01'"],
  ["interval", "'-1 year 2 mons -3 days 04:05:06.789'"],
  ["uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  ["json", `'{"b": 1,  "a": [null, "🦆"]}'`],
  ["jsonb", `'{"b": 1, "a": [null, 1e400]}'`],
  ["jsonpath", "'$.a[*] ? (@ > 1)'"],
  ["xml", "'<a b=\"c\">&amp;</a>'"],
  ["inet", "'2001:db8::1/64'"],
  ["cidr", "'10.1.0.0/16'"],
  ["macaddr", "'08:00:2b:01:02:03'"],
  ["macaddr8", "'08:00:2b:01:02:03:04:05'"],
  ["bit(5)", "B'10101'"],
  ["bit varying", "B''"],
  ["tsvector", "to_tsvector('english', 'a fat cat sat')"],
  ["tsquery", "to_tsquery('english', 'fat & !rat')"],
  ["point", "'(1.5, -2)'"],
  ["line", "'{1, 2, 3}'"],
  ["lseg", "'[(0, 0), (1, 1)]'"],
  ["box", "'((0, 0), (2, 2))'"],
  ["path", "'[(0, 0), (1, 1), (2, 0)]'"],
  ["polygon", "'((0, 0), (1, 1), (2, 0))'"],
  ["circle", "'<(0, 0), 5>'"],
  ["oid", "4294967295"],
  ["regclass", "'pg_class'"],
  ["regproc", "'pg_catalog.now'"],
  ["regprocedure", "'abs(integer)'"],
  ["regoper", "'||/'"],
  ["regoperator", "'+(integer, integer)'"],
  ["regtype", "'integer'"],
  ["regrole", "'pg_monitor'"],
  ["regnamespace", "'pg_catalog'"],
  ["regconfig", "'english'"],
  ["regdictionary", "'simple'"],
  ["regcollation", "'\"C\"'"],
  ["tid", "'(1, 2)'"],
  ["xid", "'3'"],
  ["xid8", "'4'"],
  ["cid", "'5'"],
  ["pg_lsn", "'16/B374D848'"],
  ["pg_snapshot", "'10:20:10,14'"],
  ["txid_snapshot", "'10:20:10,14'"],
  ["refcursor", "'cursor'"],
  ["int4range", "'[1, 10)'"],
  ["int8range", "'empty'"],
  ["numrange", "'(, 5.5]'"],
  ["daterange", "'[2026-01-01, infinity)'"],
  ["tsrange", "'[2026-01-01 00:00, 2026-01-02 00:00)'"],
  ["tstzrange", "'[2026-01-01 00:00+00, 2026-01-02 00:00+00)'"],
  ["int4multirange", "'{[1, 3), [5, 7)}'"],
  ["text[]", `'{"a,b", NULL, "\\"q\\"", ""}'`],
  ["integer[][]", "'[0:1][2:3]={{1, 2}, {3, 4}}'"],
  ["double precision[]", "'{NaN, -0, 1e-300}'"],
  ["shop.mood", "'🙂 fine'"],
  ["shop.email", "'a@example.com'"],
  ["shop.address", "ROW('1, Main \"St\"', NULL)"],
  ["shop.address[]", "ARRAY[ROW('x', 1)::shop.address]"],
  ["hstore", "'a => 1, b => NULL'"],
];

/** Names that need quotes, or that programs stumble over. */
export const ODD_NAMES: readonly string[] = [
  "select",
  "Mixed Case",
  'a "quoted" name',
  "it's",
  "back\\slash",
  "dots.in.a.name",
  "line\nbreak",
  " spaces at both ends ",
  "percent %s %I $1 ${x}",
  "--dash",
  "*?|[x]",
  "🦆 canard",
  "long_".repeat(12).slice(0, 63),
];

const STRUCTURE = `
  CREATE SCHEMA shop;
  CREATE SCHEMA "odd schema. ""x""";
  CREATE EXTENSION hstore;
  CREATE EXTENSION pg_trgm SCHEMA shop;
  CREATE TYPE shop.mood AS ENUM ('sad', '🙂 fine');
  CREATE DOMAIN shop.email AS text COLLATE "C" CHECK (VALUE LIKE '%@%');
  CREATE TYPE shop.address AS (street text, number integer);
  CREATE COLLATION shop.german (provider = icu, locale = 'de-DE');
  CREATE SEQUENCE shop.down INCREMENT -2 MINVALUE -1000 MAXVALUE 100 START 100 CYCLE;
  CREATE SEQUENCE shop.untouched START 5;
  SELECT nextval('shop.down'), nextval('shop.down');

  CREATE TABLE shop.author (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE shop.german NOT NULL,
    favorite bigint,
    upper_name text GENERATED ALWAYS AS (upper(name)) STORED,
    gone integer,
    born daterange,
    EXCLUDE USING gist (born WITH &&)
  );
  ALTER TABLE shop.author DROP COLUMN gone;
  CREATE TABLE shop.article (
    id serial PRIMARY KEY,
    author bigint NOT NULL REFERENCES shop.author DEFERRABLE INITIALLY DEFERRED,
    parent integer REFERENCES shop.article ON DELETE CASCADE,
    title varchar(200) NOT NULL DEFAULT 'untitled' CHECK (title <> ''),
    body text,
    UNIQUE (author, title) INCLUDE (parent)
  );
  ALTER TABLE shop.author ADD CONSTRAINT cycle FOREIGN KEY (favorite) REFERENCES shop.article DEFERRABLE INITIALLY DEFERRED;
  ALTER TABLE shop.article ADD CONSTRAINT "not valid" CHECK (length(body) < 1000000) NOT VALID;
  CREATE INDEX ON shop.article (lower(title) DESC NULLS LAST) WHERE parent IS NULL;
  CREATE INDEX article_trigrams ON shop.article USING gin (body shop.gin_trgm_ops);
  CREATE STATISTICS shop.correlated (dependencies) ON author, parent FROM shop.article;
  COMMENT ON TABLE shop.article IS 'What people read: 🦆';
  COMMENT ON COLUMN shop.article.body IS 'it''s text';

  CREATE TABLE shop.event (at timestamptz NOT NULL, kind text NOT NULL, payload jsonb) PARTITION BY RANGE (at);
  CREATE TABLE shop.event_2025 PARTITION OF shop.event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE shop.event_2026 PARTITION OF shop.event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (kind);
  CREATE TABLE shop.event_2026_click PARTITION OF shop.event_2026 FOR VALUES IN ('click');
  CREATE TABLE shop.event_2026_rest PARTITION OF shop.event_2026 DEFAULT;
  CREATE TABLE shop.event_rest PARTITION OF shop.event DEFAULT;
  CREATE INDEX ON shop.event (kind, at);
  CREATE TABLE shop.shard (id bigint PRIMARY KEY) PARTITION BY HASH (id);
  CREATE TABLE shop.shard_0 PARTITION OF shop.shard FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE shop.shard_1 PARTITION OF shop.shard FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  CREATE TABLE shop.sharded (shard bigint REFERENCES shop.shard);

  CREATE TABLE shop.base (a integer);
  CREATE TABLE shop.child (b integer) INHERITS (shop.base);
  ALTER TABLE shop.base ADD COLUMN c text;
  CREATE TABLE shop.nothing ();
  CREATE TABLE shop.empty (id integer PRIMARY KEY);
  CREATE TABLE shop.doubles (value integer);
  CREATE UNLOGGED TABLE shop.scratch (value integer);

  CREATE VIEW shop.recent WITH (security_barrier) AS SELECT id, title FROM shop.article WHERE parent IS NULL;
  CREATE MATERIALIZED VIEW shop.per_author AS SELECT author, count(*) FROM shop.article GROUP BY 1;
  CREATE UNIQUE INDEX ON shop.per_author (author);
  CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := trim(NEW.title); RETURN NEW; END $$;
  CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON shop.article FOR EACH ROW EXECUTE FUNCTION shop.touch();
  CREATE FUNCTION shop.double(x integer DEFAULT 1) RETURNS integer IMMUTABLE LANGUAGE sql RETURN x * 2;
  CREATE PROCEDURE shop.noop() LANGUAGE sql AS '';
  CREATE AGGREGATE shop.product (integer) (SFUNC = int4mul, STYPE = integer, INITCOND = 1);
  CREATE RULE no_delete AS ON DELETE TO shop.doubles DO INSTEAD NOTHING;
  ALTER TABLE shop.doubles ENABLE ROW LEVEL SECURITY;
  CREATE POLICY positive ON shop.doubles FOR SELECT USING (value > 0);
  CREATE PUBLICATION everything FOR TABLE shop.article, shop.doubles;
  ALTER TABLE shop.doubles REPLICA IDENTITY FULL;
`;

const ROWS = `
  BEGIN;
  INSERT INTO shop.author (name, favorite, born)
    SELECT 'author ' || i, i, daterange('2000-01-01'::date + i, '2000-01-01'::date + i + 1) FROM generate_series(1, 100) i;
  INSERT INTO shop.article (author, parent, title, body)
    SELECT (i % 100) + 1, NULLIF(i / 2, 0), 'title ' || i, repeat(md5(i::text) || ' 🦆 ', i % 200) FROM generate_series(1, 500) i;
  COMMIT;
  DELETE FROM shop.author WHERE false;
  INSERT INTO shop.event SELECT '2024-06-01'::timestamptz + i * '1 day'::interval, CASE WHEN i % 3 = 0 THEN 'click' ELSE 'other' END, jsonb_build_object('i', i)
    FROM generate_series(1, 900) i;
  INSERT INTO shop.shard SELECT generate_series(1, 50);
  INSERT INTO shop.sharded SELECT generate_series(1, 50);
  INSERT INTO shop.base VALUES (1, 'in the parent');
  INSERT INTO shop.child VALUES (2, 3, 'in the child');
  INSERT INTO shop.nothing DEFAULT VALUES;
  INSERT INTO shop.doubles VALUES (1), (1), (1), (NULL), (NULL);
  INSERT INTO shop.scratch VALUES (1);
  SELECT lo_from_bytea(0, decode(repeat('00ff10', 10000), 'hex')), lo_from_bytea(0, ''), lo_from_bytea(4000000000, '\\x5c');
  REFRESH MATERIALIZED VIEW shop.per_author;
`;

export interface OddDatabaseProps {
  /** Tables besides those with a purpose. @default 20 */
  readonly tables?: number;
  /** Rows in each of them. @default 100 */
  readonly rows?: number;
  /** Bytes in each row, about. @default 100 */
  readonly rowBytes?: number;
}

/** Fills a database with everything that a migration may meet. */
export async function createOddDatabase(
  client: Client,
  { tables = 20, rows = 100, rowBytes = 100 }: OddDatabaseProps = {},
): Promise<void> {
  await client.query(STRUCTURE);
  await client.query(ROWS);
  await createEveryType(client);
  for (const [index, name] of ODD_NAMES.entries()) {
    await createOddTable(client, index % 2 === 0 ? 'odd schema. "x"' : "public", name);
  }
  for (let table = 0; table < tables; table++) {
    await client.query(`
      CREATE TABLE shop.filler_${table} (id bigserial PRIMARY KEY, a text, b double precision, c timestamptz, d jsonb);
      INSERT INTO shop.filler_${table} (a, b, c, d) SELECT
        (SELECT string_agg(md5(concat(${table}, i, part)), '') FROM generate_series(1, ${Math.max(1, Math.round(rowBytes / 32))}) part),
        random(), '2026-01-01'::timestamptz + random() * '1 year'::interval, jsonb_build_object('i', i, 'emoji', '🦆')
        FROM generate_series(1, ${rows}) i;
      CREATE INDEX ON shop.filler_${table} (b, c)`);
  }
  await client.query("ANALYZE");
}

async function createEveryType(client: Client): Promise<void> {
  const columns = VALUES.map(([type], index) => `v${index} ${type}`);
  const values = VALUES.map(([, value]) => value);
  await client.query(`CREATE TABLE shop.every_type (id integer, ${columns.join(", ")})`);
  await client.query(`INSERT INTO shop.every_type VALUES (1, ${values.join(", ")})`);
  await client.query("INSERT INTO shop.every_type (id) VALUES (2)");
}

async function createOddTable(client: Client, schema: string, name: string): Promise<void> {
  const [table, column] = [schema, name].map(escapeIdentifier) as [string, string];
  await client.query(`
    CREATE TABLE ${table}.${column} (${column} serial PRIMARY KEY, value text CHECK (value <> ''));
    INSERT INTO ${table}.${column} (value) SELECT 'row ' || i FROM generate_series(1, 7) i;
    COMMENT ON COLUMN ${table}.${column}.${column} IS 'odd'`);
  await client.query(
    `CREATE INDEX ${escapeIdentifier(`i ${name}`.slice(0, 40))} ON ${table}.${column} (value)`,
  );
}
