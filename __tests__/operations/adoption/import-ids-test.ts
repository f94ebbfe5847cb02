import fc from "fast-check";
import { configurationsOf } from "../../../cli/synth";
import { type StackResources, unknownTypes } from "../../../operations/adoption/import-ids";
import { dataStoresOf } from "../../../settings/data-stores";
import { parseEnvironment } from "../../../settings/environment";
import { buildApp } from "../../../stacks/app";
import { validEnvironments } from "../../valid-environments";

test("every resource of any data store can be found again", () => {
  fc.assert(
    fc.property(validEnvironments, (settings) => {
      const environment = parseEnvironment(settings);
      const configurations = configurationsOf<{ readonly resource: StackResources }>((folder) =>
        buildApp([environment], folder),
      );
      for (const { stackId } of dataStoresOf(environment)) {
        expect(unknownTypes(configurations.get(stackId)?.resource ?? {})).toEqual([]);
      }
      expect(unknownTypes({ aws_instance: {} })).toEqual(["aws_instance"]);
    }),
    { numRuns: 100 },
  );
});
