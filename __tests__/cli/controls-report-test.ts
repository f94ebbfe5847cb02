import { isBroken, jsonReport, type Report, textReport } from "../../cli/controls-report";
import { isTrue } from "../../controls/check";
import type { Control } from "../../controls/control";
import { evaluate } from "../../controls/evaluation";
import { NOT_DEMANDED } from "../../controls/not-demanded";
import { SynthesizedStack } from "../../controls/synthesized-stack";

const control = (id: string, attribute: string): Control => ({
  id,
  also: [],
  demands: `A lamp is ${attribute}.`,
  on: [{ type: "aws_lamp", checks: [isTrue(attribute)] }],
});

const HOUSE = new SynthesizedStack("house", {
  resource: { aws_lamp: { hall: { lit: true, red: "${var.red}" }, door: { lit: true } } },
});
const CATALOGUE = [control("A.1", "lit"), control("A.2", "red"), control("A.3", "new")];

function report(waivers: Record<string, string>, stacks = [HOUSE]): Report {
  const waiverContext = { waivers, production: true };
  return { name: "prod", results: evaluate(CATALOGUE, stacks, waiverContext), waiverContext };
}

test("the text report ends with the required actions", () => {
  const text = textReport(report({ "A.3": "because they are old", "A.1": "said for nothing" }));
  expect(text.split("\n").map((line) => line.replace(/ +│$/, " │"))).toEqual([
    "┌──────────┬─────────┬───────────────┬───────────────────────────────────────────────────────────────────┐",
    "│ status   │ control │ evaluated     │ requirement │",
    "├──────────┼─────────┼───────────────┼───────────────────────────────────────────────────────────────────┤",
    "│ met      │ A.1     │ 2             │ A lamp is lit. │",
    "│ waived   │ A.3     │ 2 of 2 failed │ A lamp is new. │",
    "│          │         │               │ Waived: because they are old │",
    "│ violated │ A.2     │ 2 of 2 failed │ A lamp is red. │",
    "│          │         │               │ - house, aws_lamp.hall: red must be true; known after apply: │",
    "│          │         │               │ ${var.red} │",
    "│          │         │               │ - house, aws_lamp.door: red must be true; got: nothing │",
    "└──────────┴─────────┴───────────────┴───────────────────────────────────────────────────────────────────┘",
    'waivers: "A.1" is unused, because the control is met. Remove it.',
    'Resolve each violation in the environment\'s settings, or give a reason: in `reasons` beside the setting, or in waivers: { "CONTROL": "a sentence" }.',
    "3 controls of environment prod: 1 met, 1 waived, 1 violated, 0 not applicable. They evaluated 6 blocks.",
  ]);
});

test("a long word is wrapped without losing characters", () => {
  const name = "x".repeat(100);
  const house = new SynthesizedStack("house", { resource: { aws_lamp: { [name]: {} } } });
  const text = textReport(report({}, [house]));
  expect(text.match(/x/g)?.length).toBe(3 * name.length);
});

test("the JSON report has the catalogue with the results", () => {
  const { controls, ...rest } = jsonReport(report({ "A.3": "because they are old" }));
  expect(rest).toEqual({
    environment: "prod",
    counts: { controls: 3, met: 1, waived: 1, violated: 1, notApplicable: 0, evaluations: 6 },
    unusedWaivers: [],
    notDemanded: NOT_DEMANDED,
  });
  expect(JSON.parse(JSON.stringify(controls[2]))).toMatchObject({
    id: "A.3",
    demands: "A lamp is new.",
    on: [{ type: "aws_lamp", checks: [{ attribute: "new", must: "be true" }] }],
    status: "waived",
    evaluated: 2,
    reason: "because they are old",
    findings: [{ address: "aws_lamp.hall", got: "nothing" }, { address: "aws_lamp.door" }],
  });
});

test.each([
  ["a violation", { "A.3": "because they are old" }, true],
  ["a waiver for nothing", { "A.1": "for nothing", "A.2": "red", "A.3": "old" }, true],
  ["neither", { "A.2": "red", "A.3": "old" }, false],
])("%s decides whether action is required", (_name, waivers, broken) => {
  expect(isBroken(report(waivers))).toBe(broken);
});

test("without applicable controls, no action is required", () => {
  const nothing = report({}, []);
  expect(isBroken(nothing)).toBe(false);
  expect(textReport(nothing)).toContain("0 met, 0 waived, 0 violated, 3 not applicable");
});
