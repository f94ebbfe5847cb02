import fc from "fast-check";
import { identifiers } from "./valid-environments";

export const INSTANCE_CLASSES: readonly string[] = [
  "db.t3.micro",
  "db.m7g.large",
  "db.r6g.2xlarge",
];
export const POSTGRES_VERSIONS: readonly string[] = ["13.20", "14.5", "15.4", "16.6", "17.2"];

/** The storage of a DB instance, as somebody creates it. */
export const storages: fc.Arbitrary<{
  readonly StorageType: string;
  readonly AllocatedStorage: number;
  readonly Iops?: number;
  readonly StorageThroughput?: number;
}> = fc.oneof(
  fc.record({
    StorageType: fc.constant("gp3"),
    AllocatedStorage: fc.integer({ min: 20, max: 399 }),
  }),
  fc.record({
    StorageType: fc.constant("gp3"),
    AllocatedStorage: fc.integer({ min: 400, max: 2000 }),
    Iops: fc.integer({ min: 12_000, max: 64_000 }),
    StorageThroughput: fc.integer({ min: 500, max: 3000 }),
  }),
  fc.record({
    StorageType: fc.constant("gp2"),
    AllocatedStorage: fc.integer({ min: 20, max: 900 }),
  }),
);

/** Some of the keys, each with a value. */
export function tagsOf(...keys: string[]) {
  return fc
    .dictionary(fc.constantFrom(...keys), identifiers(9))
    .map((all) => Object.entries(all).map(([Key, Value]) => ({ Key, Value })));
}
