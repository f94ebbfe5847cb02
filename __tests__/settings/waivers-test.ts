import { environmentWith, problemsWith } from "../minimal-environment";

const REASON = "the standby comes with the first customer";

test("no control is waived without a reason", () => {
  expect(environmentWith().waivers).toEqual({});
});

test("a waiver is a control's ID and a sentence", () => {
  const waivers = { "RDS.5": REASON, CKV_AWS_31: REASON, "MDS.1": REASON };
  expect(environmentWith({ waivers }).waivers).toEqual(waivers);
});

test.each([
  [
    { "RDS.55": REASON },
    'waivers.RDS.55: must be the ID of a control in the catalogue (controls/); got: "RDS.55". Did you mean "RDS.5"?',
  ],
  [
    { multiAz: REASON },
    'waivers.multiAz: must be the ID of a control in the catalogue (controls/); got: "multiAz". Run `npm run controls -- ENVIRONMENT` to see every ID.',
  ],
  [
    { CKV_AWS_157: REASON },
    'waivers.CKV_AWS_157: must be named by its first ID in the catalogue; got: "CKV_AWS_157". Use "RDS.5".',
  ],
  [
    { "RDS.5": "later" },
    'waivers.RDS.5: must be a sentence of 10 to 180 characters; got: "later". Explain to the reviewer why this is acceptable.',
  ],
  [
    { "RDS.5": true },
    "waivers.RDS.5: must be a string; got: true. Use a sentence with the reason.",
  ],
  [
    ["RDS.5"],
    'waivers: must be an object; got: ["RDS.5"]. Use waived controls with reasons, as ID: reason, such as { "CKV2_AWS_30": "…" }.',
  ],
])("%j is refused", (waivers, problem) => {
  expect(problemsWith({ waivers })).toEqual([problem]);
});
