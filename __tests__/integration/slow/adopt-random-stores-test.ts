import { adoptRandomStores } from "../adopt-random-stores";
import { describeWithTerraform } from "../describe-with-terraform";

const HOURS = 3_600_000;
jest.setTimeout(3 * HOURS);

describeWithTerraform("npm run adopt", () => {
  test("a hundred accounts of random data stores are imported, and every next plan is empty", () =>
    adoptRandomStores(100));
});
