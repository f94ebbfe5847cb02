import { z } from "zod";
import { fieldsRule, rule } from "./rule";

const SHORTEST_REASON = 10;
/** With the rest of a rule's description, it stays below AWS's limit of 255 characters. */
const LONGEST_REASON = 180;

/** Why a safe default is overridden: a sentence that a reviewer reads in the synthesized JSON. */
export const reasonSchema = z
  .string()
  .check(
    rule<string>({
      holds: (reason) => reason.trim().length >= SHORTEST_REASON && reason.length <= LONGEST_REASON,
      must: `must be a sentence of ${SHORTEST_REASON} to ${LONGEST_REASON} characters`,
      instead: "Explain to the reviewer why this is acceptable.",
    }),
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
    rule<string>({
      holds: (reason) => /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/.test(reason),
      must: "must contain only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, which AWS accepts in a rule's description",
      instead: "Replace the other characters.",
    }),
  )
  .meta({ minLength: SHORTEST_REASON, maxLength: LONGEST_REASON })
  .describe("a sentence with the reason")
  .meta({
    purpose: "Why the safe default is overridden. The reason is written to the Terraform JSON.",
  });

/** The reasons given for settings whose safe default is overridden, by setting. */
export type Reasons<Setting extends string> = { readonly [Key in Setting]?: string | undefined };

interface SafeDefault<Settings, Setting extends string> {
  /** The setting; its reason has the same name. */
  readonly setting: Setting;
  /**
   * The path of the setting that is overridden.
   * @default - the setting
   */
  readonly at?: string;
  /** Whether the settings are weaker than what is safe for production. */
  readonly overridden: (settings: Settings) => boolean;
  /** The consequence: "loses every backup". */
  readonly loses: string;
  /** The safe value, as the settings contain it. */
  readonly safe: string;
  /**
   * What has the safe value, in the message.
   * @default - the setting at the path
   */
  readonly subject?: string;
}

/** Two rules for one setting: overriding its safe default requires a reason, and an unused reason is refused. */
export function requireReason<
  Setting extends string,
  Settings extends { readonly reasons: Reasons<Setting> },
>({
  setting,
  at = setting,
  overridden,
  loses,
  safe,
  subject = "it",
}: SafeDefault<Settings, Setting>) {
  const fields = [at, `reasons.${setting}`];
  return [
    fieldsRule<Settings>({
      fields,
      holds: (settings) => !overridden(settings) || settings.reasons[setting] !== undefined,
      must: `requires a reason, because it ${loses}`,
      instead: `Set ${subject} to ${safe}, or give the reason in \`reasons.${setting}\`.`,
    }),
    fieldsRule<Settings>({
      fields,
      at: `reasons.${setting}`,
      holds: (settings) => overridden(settings) || settings.reasons[setting] === undefined,
      must: `must be absent while ${setting} has a safe value`,
      instead: "Remove the reason.",
    }),
  ] as const;
}
