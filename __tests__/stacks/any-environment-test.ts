import fc from "fast-check";
import { bastionsOf } from "../../settings/bastion";
import { dataStoresOf } from "../../settings/data-stores";
import { parseEnvironment } from "../../settings/environment";
import { synthesizedApp } from "../synthesized";
import { validEnvironments } from "../valid-environments";

test("every environment that AWS accepts synthesizes, twice with the same result", () => {
  fc.assert(
    fc.property(validEnvironments, (settings) => {
      const environment = parseEnvironment(settings);
      const texts = () => Object.values(synthesizedApp([environment])).map(({ json }) => json);
      const first = texts();
      expect(first).toHaveLength(
        1 + dataStoresOf(environment).length + bastionsOf(environment).length,
      );
      expect(texts()).toEqual(first);
    }),
    { numRuns: 50 },
  );
});
