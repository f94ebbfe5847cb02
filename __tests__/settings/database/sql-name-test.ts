import { problemsWith } from "../../minimal-environment";

const KEPT = "must not be a reserved word of PostgreSQL or RDS; got: %s. Choose another name.";

test.each(
  (
    "all analyse binary both collate column cross current_role distinct end freeze grant having " +
    "initially lateral leading natural only or placing primary references select similar table to " +
    "trailing union unique user using verbose when window with rds_admin pg_monitor User"
  ).split(" "),
)("neither a user nor a database is called %s", (name) => {
  const message = KEPT.replace("%s", JSON.stringify(name));
  expect(problemsWith({ "database.username": name, "database.dbName": name })).toEqual([
    `database.username: ${message}`,
    `database.dbName: ${message}`,
  ]);
});

test.each([
  ["username", "admin"],
  ["username", "public"],
  ["username", "rdsadmin"],
  ["username", "rdsrepladmin"],
  ["username", "none"],
  ["dbName", "rdsadmin"],
  ["dbName", "template0"],
  ["dbName", "template1"],
])("%s is not %s", (field, name) => {
  expect(problemsWith({ [`database.${field}`]: name })).toEqual([
    `database.${field}: ${KEPT.replace("%s", JSON.stringify(name))}`,
  ]);
});

test.each(["postgres", "Postgres", "newsadmin"])(
  "the master user name %s is accepted",
  (username) => {
    expect(problemsWith({ "database.username": username })).toEqual([]);
  },
);

test.each(["admin", "public", "none", "ards_1", "apg_1", "users"])(
  "the database name %s is accepted",
  (dbName) => {
    expect(problemsWith({ "database.dbName": dbName })).toEqual([]);
  },
);
