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
require("./settings/database/database-test");
require("./settings/cache/cache-test");
require("./settings/environment-test");
require("./settings/database/blue-green-test");
require("./settings/client-test");
require("./settings/account-test");
require("./settings/cache/eviction-test");
require("./settings/alarms-test");
require("./settings/database/connection-limit-test");
require("./settings/aws/instance-size-test");
require("./settings/free-tier-test");
require("./settings/aws/group-name-test");
require("./settings/database/monitoring-test");
require("./settings/names-test");
require("./settings/aws/parameters-test");
require("./settings/database/read-replica-test");
require("./settings/database/restore-test");
require("./settings/silence-test");
require("./settings/database/sql-name-test");
require("./settings/aws/support-test");
require("./validation/problem-test");
require("./settings/waivers-test");
require("./settings/aws/window-test");
require("./validation/structure-test");
