const LONGEST = 120;

/**
 * Text from the input as a message may repeat it: on one line, without what a terminal would act on (control
 * characters, also U+0080 to U+009F, and marks that change the direction of text), and never longer than a line.
 */
export function printable(text: string, longest = LONGEST): string {
  const visible = escapeInvisible(text.slice(0, longest));
  return text.length > longest ? `${visible}…` : visible;
}

/** Writes what cannot be seen as JSON would: `\u009b`. */
export function escapeInvisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character.split("").map(escaped).join(""),
  );
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A value as JSON for a program, whose text a terminal does not act on either. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).split("\n").map(escapeInvisible).join("\n");
}
