import { somethingIsProtected } from "../../../rehearsal/steps/teardown";
import { type DatabaseStore, databasesOf } from "../../../settings/data-stores";
import { environmentWith } from "../../minimal-environment";

const isProtectedWith = (changes: object) =>
  somethingIsProtected((databasesOf(environmentWith({ ...changes }))[0] as DatabaseStore).settings);

const OPEN = { production: false, "database.deletionProtection": false };

test.each<[boolean, object]>([
  [false, {}],
  [true, { "database.deletionProtection": true }],
  [true, { "database.preventDestroy": true }],
  [true, { "database.readReplicas": { reports: { deletionProtection: true } } }],
  [false, { "database.readReplicas": { reports: {} } }],
])("that a destroy is refused is %j with %j", (expected, changes) => {
  expect(isProtectedWith({ ...OPEN, ...changes })).toBe(expected);
});
