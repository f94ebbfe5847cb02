import { memoryGibOf, processorOf } from "../../../settings/aws/instance-size";
import { cacheNodeTypes, dbClasses } from "../../../settings/aws/offers";

// From the tables that instance-size.ts links to.
test.each<[string, number, number]>([
  ["db.t4g.micro", 2, 1],
  ["db.t3.small", 2, 2],
  ["db.t4g.medium", 2, 4],
  ["db.t4g.large", 2, 8],
  ["db.t3.xlarge", 4, 16],
  ["db.t3.2xlarge", 8, 32],
  ["db.m5.large", 2, 8],
  ["db.m5d.24xlarge", 96, 384],
  ["db.m6idn.32xlarge", 128, 512],
  ["db.m7g.large", 2, 8],
  ["db.m7g.16xlarge", 64, 256],
  ["db.m8g.48xlarge", 192, 768],
  ["db.r5.xlarge", 4, 32],
  ["db.r8gd.2xlarge", 8, 64],
  ["db.r7i.12xlarge", 48, 384],
  ["db.c6gd.medium", 1, 2],
  ["db.c6gd.8xlarge", 32, 64],
  ["db.x2g.4xlarge", 16, 256],
  ["db.x2idn.16xlarge", 64, 1024],
  ["db.x2iedn.xlarge", 4, 128],
  ["db.x2iedn.32xlarge", 128, 4096],
  ["db.z1d.12xlarge", 48, 384],
])("%s has %i vCPUs and %i GiB", (instanceClass, vcpus, memoryGib) => {
  expect(processorOf(instanceClass)?.vcpus).toBe(vcpus);
  expect(memoryGibOf(instanceClass)).toBe(memoryGib);
});

test.each<[string, number]>([
  ["cache.t2.micro", 1],
  ["cache.t2.small", 1],
  ["cache.t2.medium", 2],
  ["cache.t3.micro", 2],
  ["cache.t4g.medium", 2],
  ["cache.m7g.large", 2],
  ["cache.r6gd.xlarge", 4],
  ["cache.m4.10xlarge", 40],
  ["cache.c7gn.16xlarge", 64],
])("%s has %i vCPUs", (nodeType, vcpus) => {
  expect(processorOf(nodeType)?.vcpus).toBe(vcpus);
});

test.each<[string, number | undefined]>([
  ["cache.t2.micro", undefined],
  ["cache.t4g.micro", 12],
  ["db.t3.micro", 12],
  ["db.t4g.small", 24],
  ["db.t4g.medium", 24],
  ["db.t4g.large", 36],
  ["db.t4g.xlarge", 96],
  ["db.t4g.2xlarge", 192],
  ["db.m7g.large", undefined],
])("%s earns %j credits an hour", (instanceClass, credits) => {
  expect(processorOf(instanceClass)?.cpuCreditsPerHour).toBe(credits);
});

test.each(["db.t4g.4xlarge", "db.m7g.micro", "db.m7g", ""])("%j has no size", (instanceClass) => {
  expect(processorOf(instanceClass)).toBeUndefined();
  expect(memoryGibOf(instanceClass)).toBeUndefined();
});

test("t2 has fewer sizes than its successors", () => {
  expect(processorOf("cache.t2.large")).toBeUndefined();
});

test("every class that AWS offers has a size", () => {
  for (const instanceClass of dbClasses()) {
    expect([instanceClass, memoryGibOf(instanceClass)]).toEqual([
      instanceClass,
      expect.any(Number),
    ]);
  }
  for (const one of [...dbClasses(), ...cacheNodeTypes()]) {
    expect([one, processorOf(one)?.vcpus]).toEqual([one, expect.any(Number)]);
  }
});

test("a size larger than every known size has vCPUs and memory too", () => {
  expect(processorOf("db.m9g.96xlarge")).toEqual({ vcpus: 384 });
  expect(memoryGibOf("db.m9g.96xlarge")).toBe(1536);
});
