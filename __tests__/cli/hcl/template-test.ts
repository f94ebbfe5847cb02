import { literalOf } from "../../../cli/hcl/template";

test.each([
  ["text", "news-api", '"news-api"'],
  ["nothing", "", '""'],
  ["quotes and backslashes", 'a "b" \\c', '"a \\"b\\" \\\\c"'],
  ["control characters", "a\nb\tc\r\b\u007f", '"a\\nb\\tc\\r\\u0008\\u007f"'],
  ["letters beyond ASCII", "Übung", '"Übung"'],
  ["one expression", "${aws_vpc.main.id}", "aws_vpc.main.id"],
  ["expressions in text", "${a.b}:${c.d}", '"${a.b}:${c.d}"'],
  [
    "text that is escaped around expressions that are not",
    'a "b" ${f("c")}',
    '"a \\"b\\" ${f("c")}"',
  ],
  ["an expression with braces", "${merge({a = 1}, {})}", "merge({ a = 1 }, {})"],
  ["an object that has its spaces", "${{ a = 1 }}", "{ a = 1 }"],
  [
    "an object in an object",
    '${jsonencode({"a" = {"b" = "c"}})}',
    'jsonencode({ "a" = { "b" = "c" } })',
  ],
  ["braces in a string in an expression", '${f("{x}")}', 'f("{x}")'],
  [
    "quotes in an expression in a string in an expression",
    '${f("a${g("}")}b")}',
    'f("a${g("}")}b")',
  ],
  ["an escaped quote in a string in an expression", '${f("a\\"}")}', 'f("a\\"}")'],
  ["a directive", "%{if a}b%{endif}", '"%{if a}b%{endif}"'],
  ["an escaped expression, which is text", "$${a}", '"$${a}"'],
  ["an escaped expression before one", "$${a}${b.c}", '"$${a}${b.c}"'],
  ["an escaped expression in a string in an expression", '${f("$${a}")}', 'f("$${a}")'],
  ["dollars and percents", "100 % of $5", '"100 % of $5"'],
])("%s: %s", (_, text, hcl) => {
  expect(literalOf(text)).toBe(hcl);
});

test("an expression that is not closed is an error", () => {
  expect(() => literalOf("${a")).toThrow("An expression is not closed: ${a");
});
