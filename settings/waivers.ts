import { z } from "zod";
import { CONTROL_IDS, controlWith } from "../controls/catalogue";
import { rule } from "./rule";
import { didYouMean, nearest } from "./suggestion";
import { reasonSchema } from "./weakening";

/** A control that several catalogues have is waived by its first id alone, so once. */
const controlIdSchema = z
  .string()
  .check(
    rule<string>({
      holds: (id) => CONTROL_IDS.includes(id),
      must: (id) =>
        controlWith(id)
          ? "must be named by its first id in the catalogue"
          : "must be the id of a control in the catalogue (controls/)",
      instead: (id) => {
        const [control, near] = [controlWith(id), nearest(id, CONTROL_IDS)];
        return control
          ? `Write "${control.id}".`
          : didYouMean(near, "`npm run controls -- ENVIRONMENT` shows every id.");
      },
    }),
  )
  .meta({ enum: [...CONTROL_IDS] });

/** Controls that an environment does not meet, each with the sentence of whoever decided so. */
export const waiversSchema = z
  .record(controlIdSchema, reasonSchema)
  .describe('why controls are not met, as id: sentence, such as { "RDS.23": "…" }');

export type Waivers = z.output<typeof waiversSchema>;
