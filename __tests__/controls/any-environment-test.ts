import fc from "fast-check";
import { CATALOGUE } from "../../controls/catalogue";
import { evaluate } from "../../controls/evaluation";
import { parseEnvironment } from "../../settings/environment";
import { environmentWith } from "../minimal-environment";
import { validEnvironments } from "../valid-environments";
import { stacksOf } from "./hardened-stacks";

/** Controls that the stacks meet whatever the settings. */
const NEVER_WRONG = [
  ...["RDS.2", "RDS.17", "CKV_AWS_211", "MDS.3", "MDS.4", "MDS.6", "MDS.7", "MDS.10", "MDS.16"],
  ...["EC2.18", "MDS.2", "CKV_AWS_382", "CKV_AWS_23", "AVD-AWS-0099", "CKV2_AWS_5"],
  ...["S3.5", "S3.6", "S3.8", "S3.12", "S3.13", "S3.14", "CKV_AWS_19", "CKV_AWS_300"],
  ...["IAM.1", "IAM.21", "CKV_AWS_355", "KMS.2", "CKV_AWS_66", "ElastiCache.7"],
  ...["MDS.19", "MDS.20", "MDS.21", "MDS.23", "MDS.24", "MDS.25"],
];
/** Controls whose violation requires a reason in the settings. */
const MET_OR_WAIVED = ["RDS.3", "RDS.8", "RDS.38", "MDS.5"];

test("no accepted settings open a data store, store a password in the JSON or lose a state", () => {
  fc.assert(
    fc.property(validEnvironments, (settings) => {
      const environment = parseEnvironment(settings);
      const results = evaluate(CATALOGUE, stacksOf(environment), environment);
      const findings = (ids: readonly string[]) =>
        results
          .filter(({ control }) => ids.includes(control.id))
          .flatMap(({ control, status, findings }) =>
            findings.map((finding) => ({ id: control.id, status, ...finding })),
          );
      expect(findings(NEVER_WRONG)).toEqual([]);
      expect(findings(MET_OR_WAIVED).filter(({ status }) => status !== "waived")).toEqual([]);
      expect(findings(["MDS.1"]).filter(({ unknown }) => !unknown)).toEqual([]);
    }),
    { numRuns: 10 },
  );
});

test("an environment that meets the alarm controls still meets them with a read replica", () => {
  const changes = { alarms: {}, reasons: undefined };
  const environment = environmentWith({ ...changes, "database.readReplicas": { reports: {} } });
  const results = evaluate(CATALOGUE, stacksOf(environment), environment);
  const alarms = results.filter(({ control }) => ["MDS.12", "MDS.13"].includes(control.id));
  expect(alarms.map(({ control, status, evaluated }) => [control.id, status, evaluated])).toEqual([
    ["MDS.12", "met", 2],
    ["MDS.13", "met", 2],
  ]);
});

test("every control that must always be met is in the catalogue", () => {
  const ids = CATALOGUE.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([...NEVER_WRONG, ...MET_OR_WAIVED]));
});
