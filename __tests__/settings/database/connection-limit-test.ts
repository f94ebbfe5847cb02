import { connectionLimit, usesFormula } from "../../../settings/database/connection-limit";

const limit = (instanceClass: string, parameters = {}) =>
  connectionLimit({ instanceClass, parameters });

// Known limits of instances by memory: 2 GiB 198, 4 GiB 413, 8 GiB 856.
test.each<[string, number]>([
  ["db.t4g.micro", 84],
  ["db.t4g.small", 197],
  ["db.t4g.medium", 422],
  ["db.m7g.large", 856],
  ["db.r7g.large", 1712],
  ["db.r7g.xlarge", 3424],
  ["db.r7g.2xlarge", 5000],
  ["db.x2iedn.32xlarge", 5000],
])("%s accepts about %i connections", (instanceClass, connections) => {
  expect(limit(instanceClass)).toBe(connections);
});

test("the parameter overrides the estimate for the class", () => {
  expect(limit("db.t4g.micro", { max_connections: "200" })).toBe(200);
});

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ work_mem: "{DBInstanceClassMemory/1024}" }, false],
  [{ max_connections: "200" }, false],
  [{ max_connections: "LEAST({DBInstanceClassMemory/9531392},5000)" }, true],
  [{ max_connections: "2e3" }, true],
])("whether %j has a formula is %j", (parameters, formula) => {
  expect(usesFormula(parameters)).toBe(formula);
});
