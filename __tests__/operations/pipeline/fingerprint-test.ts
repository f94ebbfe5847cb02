import { fingerprintOf, hasChanges, type PlanJson } from "../../../operations/pipeline/fingerprint";

const update = (after: object, before: object = {}): PlanJson => ({
  resource_changes: [
    {
      address: "aws_db_instance.database",
      change: {
        actions: ["update"],
        before: { id: "db-1", allocated_storage: 20, latest_restorable_time: "noon", ...before },
        after: { id: "db-1", allocated_storage: 30, latest_restorable_time: "noon", ...after },
        after_unknown: {},
      },
    },
  ],
});

const plan = (change: object, address = "aws_security_group.database_access"): PlanJson => ({
  resource_changes: [{ address, change: { actions: ["create"], before: null, ...change } }],
});

const SAME = fingerprintOf(update({}));

test("a fingerprint is 64 hexadecimal digits, and reveals nothing about the plan", () => {
  expect(SAME).toMatch(/^[0-9a-f]{64}$/);
});

test("what changes without Terraform does not count", () => {
  const later = { latest_restorable_time: "one o'clock" };
  expect(fingerprintOf(update(later, later))).toBe(SAME);
});

test.each([
  ["another value", update({ allocated_storage: 40 })],
  ["another value before", update({}, { allocated_storage: 25 })],
  ["another attribute", update({ multi_az: true })],
  ["nothing", {}],
  ["a resource more", { resource_changes: [...resourcesOf(update({})), ...resourcesOf(plan({}))] }],
])("a plan with %s has another fingerprint", (_, other) => {
  expect(fingerprintOf(other)).not.toBe(SAME);
});

function resourcesOf({ resource_changes = [] }: PlanJson) {
  return resource_changes;
}

test.each([
  ["an action", { actions: ["delete", "create"] }],
  ["a value", { after: { name: "b" } }],
  ["what is known after the apply", { after_unknown: { arn: true } }],
  ["an import", { importing: { id: "sg-1" } }],
  ["what forces the replacement", { replace_paths: [["name"]] }],
])("plans that differ in %s differ", (_, difference) => {
  const base = { after: { name: "a" }, after_unknown: {} };
  expect(fingerprintOf(plan({ ...base, ...difference }))).not.toBe(fingerprintOf(plan(base)));
});

test("plans that move different resources differ", () => {
  const moved = (previous_address: string): PlanJson => ({
    resource_changes: resourcesOf(plan({})).map((one) => ({ ...one, previous_address })),
  });
  expect(fingerprintOf(moved("a.a"))).not.toBe(fingerprintOf(moved("a.b")));
});

test("the order of resources and attributes does not count", () => {
  const [a, b] = [plan({ after: { x: 1, y: 2 } }, "a.a"), plan({}, "b.b")].map(resourcesOf);
  const [c] = resourcesOf(plan({ after: { y: 2, x: 1 } }, "a.a"));
  const one = fingerprintOf({ resource_changes: [...(a ?? []), ...(b ?? [])] });
  expect(fingerprintOf({ resource_changes: [...(b ?? []), ...(c ? [c] : [])] })).toBe(one);
});

test.each([
  ["no resources", {}, false],
  ["nothing but reads", plan({ actions: ["read"] }), false],
  ["an update", update({}), true],
  ["an import alone", plan({ actions: ["no-op"], importing: { id: "sg-1" } }), true],
  ["another output", { output_changes: { url: { actions: ["update"] } } }, true],
])("with %s, whether the plan changes anything is %j", (_, json: PlanJson, changes) => {
  expect(hasChanges(json)).toBe(changes);
});
