import { hashSlot } from "../../../operations/migration/cache/hash-slot";

/** Of `CLUSTER KEYSLOT`, and of the specification: 0x31C3 for 123456789. */
test.each([
  ["123456789", 0x31c3],
  ["foo", 12182],
  ["", 0],
  ["{foo}.bar", 12182],
  ["a{foo}{bar}", 12182],
  ["somekey", 11058],
])("%j is in slot %i", (key, slot) => {
  expect(hashSlot(Buffer.from(key))).toBe(slot);
});

test("empty and open braces do not count", () => {
  expect(hashSlot(Buffer.from("{}foo"))).not.toBe(hashSlot(Buffer.from("{}bar")));
  expect(hashSlot(Buffer.from("{foo"))).not.toBe(hashSlot(Buffer.from("foo")));
});
