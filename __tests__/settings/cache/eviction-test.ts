import { withEviction } from "../../../settings/cache/eviction";
import { problemsWith } from "../../minimal-environment";

const eviction = (preset: unknown, policy?: string) =>
  problemsWith({
    "cache.eviction": preset,
    "cache.parameters": policy ? { "maxmemory-policy": policy } : {},
  });

test.each([
  ["cache", undefined],
  ["queue", undefined],
  ["cache", "allkeys-lru"],
  ["queue", "noeviction"],
  [undefined, "allkeys-lfu"],
])("the eviction %j is accepted with the policy %j", (preset, policy) => {
  expect(eviction(preset, policy)).toEqual([]);
});

test.each([
  [
    "cache",
    "noeviction",
    'cache.eviction: must agree with parameters: it means maxmemory-policy "allkeys-lru", and parameters set "noeviction"; got: "cache". Remove one of them.',
  ],
  [
    "queue",
    "allkeys-lru",
    'cache.eviction: must agree with parameters: it means maxmemory-policy "noeviction", and parameters set "allkeys-lru"; got: "queue". Remove one of them.',
  ],
  [
    "lru",
    undefined,
    'cache.eviction: must be one of "cache", "queue"; got: "lru". Use one of them.',
  ],
])("the eviction %j is refused with the policy %j", (preset, policy, message) => {
  expect(eviction(preset, policy)).toEqual([message]);
});

test("a preset is added to the other parameters", () => {
  const parameters = { timeout: "20" };
  expect(withEviction({ parameters })).toEqual(parameters);
  expect(withEviction({ eviction: "cache", parameters })).toEqual({
    "maxmemory-policy": "allkeys-lru",
    timeout: "20",
  });
  expect(withEviction({ eviction: "queue", parameters: {} })).toEqual({
    "maxmemory-policy": "noeviction",
  });
});
