import { controlWith } from "../../controls/catalogue";
import { NOT_DEMANDED } from "../../controls/not-demanded";
import { page } from "../integration/pages";
import { problemsWith } from "../minimal-environment";

const ids = NOT_DEMANDED.flatMap((one) => one.ids);

test.each(ids)("%s is in no control", (id) => {
  expect(controlWith(id)).toBeUndefined();
});

test("the guide lists the requirements that the catalogue omits", () => {
  const { text } = page("docs/guides/controls.md");
  expect(ids.filter((id) => !text.includes(id))).toEqual([]);
});

test("a waiver of an omitted requirement is refused, with the reason", () => {
  expect(problemsWith({ waivers: { "RDS.23": "The port is not a secret." } })).toEqual([
    'waivers.RDS.23: must be absent: the catalogue does not contain it; got: "RDS.23". Remove it. Security groups decide who may connect. A different port adds no protection.',
  ]);
});
