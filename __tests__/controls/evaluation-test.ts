import { isTrue } from "../../controls/check";
import type { Control } from "../../controls/control";
import { countsOf, evaluate, unusedWaivers } from "../../controls/evaluation";
import { SynthesizedStack } from "../../controls/synthesized-stack";

const LIT: Control = {
  id: "TEST.1",
  also: [],
  demands: "A lamp is lit.",
  reason: "light",
  on: [{ type: "aws_lamp", checks: [isTrue("lit")] }],
};
const SPARE: Control = {
  ...LIT,
  id: "TEST.2",
  production: true,
  on: [{ type: "aws_lamp", checks: [isTrue("spare")] }],
};

const lamps = (...all: object[]) =>
  new SynthesizedStack("house", {
    resource: { aws_lamp: Object.fromEntries(all.map((lamp, index) => [`l${index}`, lamp])) },
  } as never);

const STRICT = { waivers: {}, production: true };
const ON = { lit: true };
const OFF = { lit: false };
const excused = (light: string) => ({ ...OFF, "//": { reasons: { light } } });

test("one failing block among many is a violation, and all blocks are evaluated", () => {
  const [result] = evaluate([LIT], [lamps(ON, ON, OFF, ON), lamps(ON)], STRICT);
  expect(result).toEqual({
    control: LIT,
    status: "violated",
    evaluated: 5,
    findings: [
      {
        stack: "house",
        address: "aws_lamp.l2",
        attribute: "lit",
        must: "be true",
        got: "false",
        unknown: false,
        reason: undefined,
      },
    ],
  });
});

test("a value known only after apply is a violation and is marked as unknown", () => {
  const [result] = evaluate([LIT], [lamps(ON, { lit: "${var.lit}" })], STRICT);
  expect(result).toMatchObject({
    status: "violated",
    findings: [{ address: "aws_lamp.l1", got: "${var.lit}", unknown: true }],
  });
});

test("a control without blocks is not applicable", () => {
  expect(evaluate([LIT], [lamps()], STRICT)).toMatchObject([
    { status: "not applicable", evaluated: 0 },
  ]);
});

test.each([
  [
    "a sentence of the operator",
    [OFF],
    { waivers: { "TEST.1": "said" }, production: true },
    "said",
  ],
  ["the reason that the setting has", [excused("dark"), ON], STRICT, "dark"],
  ["several reasons", [excused("dark"), excused("dark"), excused("old")], STRICT, "dark old"],
  [
    "the sentence before the reason",
    [excused("dark")],
    { waivers: { "TEST.1": "said" }, production: true },
    "said",
  ],
])("%s waives", (_name, blocks, waiverContext, reason) => {
  expect(evaluate([LIT], [lamps(...blocks)], waiverContext)).toMatchObject([
    { status: "waived", reason, evaluated: blocks.length },
  ]);
});

test("a reason for one block waives only that block", () => {
  expect(evaluate([LIT], [lamps(excused("dark"), OFF)], STRICT)).toMatchObject([
    { status: "violated", findings: [{ reason: "dark" }, { reason: undefined }] },
  ]);
});

test("outside production, only controls for production are waived", () => {
  const waiverContext = { waivers: {}, production: false };
  expect(evaluate([LIT, SPARE], [lamps(OFF)], waiverContext)).toMatchObject([
    { status: "violated" },
    { status: "waived", reason: "production: false; required in production only" },
  ]);
  expect(evaluate([SPARE], [lamps({ spare: "${var.spare}" })], waiverContext)).toMatchObject([
    { status: "violated" },
  ]);
});

test("a waiver of a met or not applicable control is unused", () => {
  const waiverContext = { waivers: { "TEST.1": "said", "TEST.2": "said" }, production: true };
  const idle = (...blocks: object[]) =>
    unusedWaivers(evaluate([LIT, SPARE], [lamps(...blocks)], waiverContext), waiverContext).map(
      ({ control, status }) => [control.id, status],
    );
  expect(idle(ON)).toEqual([["TEST.1", "met"]]);
  expect(idle()).toEqual([
    ["TEST.1", "not applicable"],
    ["TEST.2", "not applicable"],
  ]);
  expect(idle(OFF)).toEqual([]);
});

test("the counts include the evaluated blocks", () => {
  expect(countsOf(evaluate([LIT, SPARE], [lamps(ON, ON)], STRICT))).toEqual({
    controls: 2,
    met: 1,
    waived: 0,
    violated: 1,
    notApplicable: 0,
    evaluations: 4,
  });
});
