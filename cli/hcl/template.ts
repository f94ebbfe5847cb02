/** A backslash, a quote or a control character, which a quoted string of HCL has to escape. */
const ESCAPED = /["\\\p{Cc}]/gu;

/**
 * A string of Terraform's JSON syntax in HCL: `aws_vpc.main.id` for `${aws_vpc.main.id}`, otherwise in quotes. In JSON
 * only the text is escaped, in HCL the text around the expressions.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings
 */
export function literalOf(text: string): string {
  const parts = partsOf(text);
  const [only] = parts;
  return parts.length === 1 && only?.startsWith("${")
    ? spaced(only.slice(2, -1).trim())
    : `"${parts.map((part) => (isTemplate(part) ? part : escaped(part))).join("")}"`;
}

/** `{ "a" = 1 }`, as `terraform fmt` writes the objects that cdktf writes as `{"a" = 1}`. */
function spaced(expression: string): string {
  let text = "";
  for (let at = 0; at < expression.length; at++) {
    const end = expression[at] === '"' ? endOfString(expression, at + 1) : at;
    text += end === at ? brace(expression, at) : expression.slice(at, end + 1);
    at = end;
  }
  return text;
}

/** The character there. A brace gets a space inside unless there already is one or the object is empty. */
function brace(expression: string, at: number): string {
  const [before = "", character = "", after = ""] = [
    expression[at - 1],
    expression[at],
    expression[at + 1],
  ];
  if (character === "{") {
    return /[\s}]/.test(after) ? "{" : "{ ";
  }
  return character === "}" && !/[\s{]/.test(before) ? " }" : character;
}

function isTemplate(part: string): boolean {
  return part.startsWith("${") || part.startsWith("%{");
}

function escaped(text: string): string {
  return text.replaceAll(ESCAPED, (character) =>
    // JSON has the escapes of HCL, plus \b and \f.
    /["\\\n\r\t]/.test(character)
      ? JSON.stringify(character).slice(1, -1)
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Text and templates, `${…}` or `%{…}`, in turns; `$${` is text. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; ) {
    const end = endOfTemplate(text, at);
    if (end === undefined) {
      at += isDoubled(text, at) ? 3 : 1;
    } else {
      parts.push(text.slice(start, at), text.slice(at, end));
      start = at = end;
    }
  }
  return [...parts, text.slice(start)].filter((part) => part !== "");
}

function isDoubled(text: string, at: number): boolean {
  return /^(\$\$|%%)\{/.test(text.slice(at, at + 3));
}

/** The position after the closing brace of the template that begins here, or undefined if none does. */
function endOfTemplate(text: string, start: number): number | undefined {
  if (!isTemplate(text.slice(start, start + 2))) {
    return undefined;
  }
  let depth = 1;
  for (let at = start + 2; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at + 1);
    } else if (character === "{") {
      depth++;
    } else if (character === "}" && --depth === 0) {
      return at + 1;
    }
  }
  throw new Error(`An expression is not closed: ${text}`);
}

/** The closing quote of a string inside an expression. The string may contain templates. */
function endOfString(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '"') {
    at =
      text[at] === "\\" ? at + 2 : (endOfTemplate(text, at) ?? at + (isDoubled(text, at) ? 3 : 1));
  }
  return at;
}
