import { z } from "zod";
import { CONTROL_IDS, controlWith } from "../controls/catalogue";
import { NOT_DEMANDED } from "../controls/not-demanded";
import { reasonSchema } from "../validation/exception";
import { rule } from "../validation/rule";
import { didYouMean, nearest } from "../validation/suggestion";

function notDemanded(id: string): string | undefined {
  return NOT_DEMANDED.find(({ ids }) => ids.includes(id))?.why;
}

function mustBe(id: string): string {
  if (notDemanded(id)) {
    return "must be absent: the catalogue does not contain it";
  }
  return controlWith(id)
    ? "must be named by its first ID in the catalogue"
    : "must be the ID of a control in the catalogue (controls/)";
}

function insteadOf(id: string): string {
  const [control, why] = [controlWith(id), notDemanded(id)];
  if (why) {
    return `Remove it. ${why}`;
  }
  return control
    ? `Use "${control.id}".`
    : didYouMean(
        nearest(id, CONTROL_IDS),
        "Run `npm run controls -- ENVIRONMENT` to see every ID.",
      );
}

/** A control with IDs in several catalogues is waived by its first ID only. */
const controlIdSchema = z
  .string()
  .check(
    rule<string>({
      holds: (id) => CONTROL_IDS.includes(id),
      must: mustBe,
      instead: insteadOf,
    }),
  )
  .meta({ enum: [...CONTROL_IDS] });

/** Waived controls, each with a reason. */
export const waiversSchema = z
  .record(controlIdSchema, reasonSchema)
  .describe('waived controls with reasons, as ID: reason, such as { "CKV2_AWS_30": "…" }');

export type Waivers = z.output<typeof waiversSchema>;
