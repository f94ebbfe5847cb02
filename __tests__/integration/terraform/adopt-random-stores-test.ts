import { adoptRandomStores } from "../adopt-random-stores";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

describeWithTerraform("npm run adopt", () => {
  test("random data stores are imported, and the next plan is empty", () => adoptRandomStores(3));
});
