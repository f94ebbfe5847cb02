import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { mergeOffers } from "../../../operations/offers/merge-offers";
import { offersText } from "../../../operations/offers/offers-text";
import type { RegionOffers } from "../../../operations/offers/region-offers";
import type { Offers } from "../../../settings/aws/offers";
import offers from "../../../settings/aws/offers.json";

const OLD: Offers = {
  date: "2026-05",
  postgres: { 15: { offered: [10, 12], withdrawn: [2] } },
  redis: ["7.1"],
  valkey: ["8.0"],
  dbFamilies: { m5: ["large"], r5: ["large"] },
  cacheFamilies: { t3: ["micro"] },
  regions: { "cn-north-1": ["r5"], "us-east-1": ["m5"] },
};

const FOUND: RegionOffers = {
  region: "us-east-1",
  postgres: [
    { version: "15.12", isAvailable: true },
    { version: "15.13", isAvailable: true },
    { version: "15.11", isAvailable: false },
    { version: "19.1", isAvailable: true },
    { version: "9.6.22", isAvailable: false },
    { version: "12.22", isAvailable: false },
  ],
  dbClasses: ["db.m9g.10xlarge", "db.m9g.large", "db.r5.large.tpc1.mem2x", "db.serverless"],
  nodeTypes: ["cache.t4g.micro", "cache.t3.micro"],
  redis: ["5.0.6", "7.1.0", "7.1"],
  valkey: ["9.0.1", "8.0"],
};

test("regions that answered have new rows, and others keep theirs", () => {
  expect(mergeOffers(OLD, [FOUND], "2026-11")).toEqual({
    date: "2026-11",
    postgres: {
      15: { offered: [12, 13], withdrawn: [2, 10, 11] },
      19: { offered: [1], withdrawn: [] },
    },
    redis: ["7.1"],
    valkey: ["9.0", "8.0"],
    // m5 is in no region any more.
    dbFamilies: { r5: ["large"], m9g: ["10xlarge", "large"] },
    cacheFamilies: { t3: ["micro"], t4g: ["micro"] },
    regions: { "cn-north-1": ["r5"], "us-east-1": ["m9g"] },
  });
});

test("the text is sorted, whatever the order of the answers", () => {
  const text = offersText(mergeOffers(OLD, [FOUND], "2026-11"));
  expect(text).toContain('    "m9g": ["large", "10xlarge"],\n    "r5": ["large"]\n');
  expect(text).toContain('  "valkey": ["8.0", "9.0"]');
  expect(JSON.parse(text).regions).toEqual({ "cn-north-1": ["r5"], "us-east-1": ["m9g"] });
});

test("the committed table is as the command writes it", () => {
  const file = resolve("settings", "aws", "offers.json");
  expect(offersText(offers)).toBe(readFileSync(file, "utf8"));
});
