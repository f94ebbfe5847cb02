import { selectStacks } from "../../terraform/stack-selection";
import { environmentWith } from "../minimal-environment";

const ENVIRONMENTS = [environmentWith({ "bastion.route": "nat" })];
const STACKS = [
  ...["state-bucket-news-api-test-state", "news-api-test-database", "news-api-test-cache"],
  ...["news-api-test-bastion", "news-api-test-permissions"],
];

test.each(["test", "news-api-test"])("%s selects its data stores, and then its bastion", (name) => {
  expect(selectStacks([name], STACKS, ENVIRONMENTS)).toEqual([
    "news-api-test-database",
    "news-api-test-cache",
    "news-api-test-bastion",
  ]);
});

test("a stack is selected once, by its ID or by its environment", () => {
  expect(selectStacks(["news-api-test-bastion", "test"], STACKS, ENVIRONMENTS)).toEqual([
    "news-api-test-bastion",
    "news-api-test-database",
    "news-api-test-cache",
  ]);
});

test("an unknown name is refused, with the known ones", () => {
  expect(() => selectStacks(["tset"], STACKS, ENVIRONMENTS)).toThrow(
    /^There is no stack or environment "tset"\. Use a stack:\n {2}state-bucket-news-api-test-state\n/,
  );
});
