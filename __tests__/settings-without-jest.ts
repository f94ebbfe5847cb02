import { expect } from "expect";

// Mutation testing runs the tests of the settings once for each of some thousand mutants, so they run here without
// jest: bundled into one file, stopping at the first failure, in a fraction of a second.

type Body = (...row: never[]) => void;

function test(_name: string, body: () => void): void {
  body();
}

test.each = (rows: readonly unknown[]) => (_name: string, body: Body) => {
  for (const row of rows) {
    body(...((Array.isArray(row) ? row : [row]) as never[]));
  }
};

Object.assign(globalThis, { test, expect });

// What kills most mutants comes first; the slow properties of whole environments are left out.
require("./settings/json-schema-test");
require("./settings/database-test");
require("./settings/cache-test");
require("./settings/environment-test");
require("./settings/blue-green-test");
require("./settings/client-test");
require("./settings/account-test");
require("./settings/eviction-test");
require("./settings/alarms-test");
require("./settings/connection-limit-test");
require("./settings/instance-size-test");
require("./settings/free-tier-test");
require("./settings/group-name-test");
require("./settings/monitoring-test");
require("./settings/names-test");
require("./settings/parameters-test");
require("./settings/read-replica-test");
require("./settings/restore-test");
require("./settings/silence-test");
require("./settings/sql-name-test");
require("./settings/support-test");
require("./settings/problem-test");
require("./settings/waivers-test");
require("./settings/window-test");
require("./settings/expression-test");
