import { somethingIsProtected } from "../../rehearsal/steps/goodbye";
import { environmentWith } from "../minimal-environment";

const OPEN = { production: false, "database.deletionProtection": false };

test.each<[boolean, object]>([
  [false, {}],
  [true, { "database.deletionProtection": true }],
  [true, { "database.preventDestroy": true }],
  [true, { "database.readReplicas": { reports: { deletionProtection: true } } }],
  [false, { "database.readReplicas": { reports: {} } }],
])("that a destroy is refused is %j with %j", (expected, changes) => {
  expect(somethingIsProtected(environmentWith({ ...OPEN, ...changes }).database)).toBe(expected);
});
