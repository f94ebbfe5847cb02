import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { dev } from "../../environments/dev";
import { environmentJsonSchema } from "../../settings/json-schema";

const COMMITTED = join(resolve(__dirname, "..", ".."), "environment.schema.json");

test("the committed JSON Schema is what `npm run docs` writes", () => {
  expect(readFileSync(COMMITTED, "utf8")).toBe(
    `${JSON.stringify(environmentJsonSchema(), null, 2)}\n`,
  );
});

/** The parts of a JSON Schema that the test reads. */
interface Schema {
  readonly properties: Record<string, Schema>;
  readonly required: readonly string[];
  readonly $defs: Record<string, Schema>;
}

test("the schema contains the rules of single settings", () => {
  const { properties, required, $defs } = environmentJsonSchema() as Schema;
  expect($defs.database?.properties.port).toMatchObject({
    type: "integer",
    minimum: 1150,
    maximum: 65535,
    default: 5432,
  });
  expect($defs.database?.properties.backupWindow).toMatchObject({
    pattern: "^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$",
  });
  expect(properties.region).toMatchObject({ enum: expect.arrayContaining(["eu-west-1"]) });
  expect(Object.keys(dev)).toEqual(expect.arrayContaining([...required]));
});
