import { z } from "zod";
import { fieldsRule, rule } from "./rule";

const SHORTEST_REASON = 10;
/** With the rest of a rule's description it stays below the 255 characters that AWS takes. */
const LONGEST_REASON = 180;

/** Why a safe default was weakened: a sentence that a reviewer reads in the synthesised JSON. */
export const reasonSchema = z
  .string()
  .check(
    rule<string>({
      holds: (reason) => reason.trim().length >= SHORTEST_REASON && reason.length <= LONGEST_REASON,
      must: `must be a sentence of ${SHORTEST_REASON} to ${LONGEST_REASON} characters`,
      instead: "Say why this is right here, for whoever reviews it.",
    }),
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
    rule<string>({
      holds: (reason) => /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/.test(reason),
      must: "must use only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* (what AWS takes in a rule's description)",
      instead: "Replace the other characters.",
    }),
  )
  .meta({ minLength: SHORTEST_REASON, maxLength: LONGEST_REASON })
  .describe("a sentence that says why");

/** The reasons given for settings that are weaker than their default, by setting. */
export type Reasons<Setting extends string> = { readonly [Key in Setting]?: string | undefined };

interface Weakening<Settings, Setting extends string> {
  /** The setting; its reason has the same name. */
  readonly setting: Setting;
  /**
   * The path of what is weakened.
   * @default - the setting
   */
  readonly at?: string;
  /** Whether the settings are weaker than what is safe for production. */
  readonly weakened: (settings: Settings) => boolean;
  /** What is lost: "loses every backup". */
  readonly loses: string;
  /** The safe value, as one writes it. */
  readonly safe: string;
}

/** Two rules for one setting: weakening it costs a reason, and a reason for nothing is refused. */
export function costsReason<
  Setting extends string,
  Settings extends { readonly reasons: Reasons<Setting> },
>({ setting, at = setting, weakened, loses, safe }: Weakening<Settings, Setting>) {
  const fields = [at, `reasons.${setting}`];
  return [
    fieldsRule<Settings>({
      fields,
      holds: (settings) => !weakened(settings) || settings.reasons[setting] !== undefined,
      must: `must not be weakened without a reason: it ${loses}`,
      instead: `Write ${safe}, or say why in \`reasons.${setting}\`.`,
    }),
    fieldsRule<Settings>({
      fields,
      at: `reasons.${setting}`,
      holds: (settings) => weakened(settings) || settings.reasons[setting] === undefined,
      must: `must stand only beside a weakened ${setting}`,
      instead: "Remove the reason.",
    }),
  ] as const;
}
