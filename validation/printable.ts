const LONGEST = 120;

/**
 * Text from the input, made safe for a message: on one line, with control characters (including U+0080 to U+009F) and
 * direction marks escaped, and never longer than a line.
 */
export function printable(text: string, longest = LONGEST): string {
  const visible = escapeInvisible(text.slice(0, longest));
  return text.length > longest ? `${visible}…` : visible;
}

/** Writes an invisible character as in JSON: `\u009b`. */
export function escapeInvisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character.split("").map(escaped).join(""),
  );
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A value as JSON for a program, also safe for a terminal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).split("\n").map(escapeInvisible).join("\n");
}
