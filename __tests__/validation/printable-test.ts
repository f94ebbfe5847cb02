import { escapeInvisible, printableJson } from "../../validation/printable";

test.each([
  ["an escape sequence", "a\u001b[2J", "a\\u001b[2J"],
  ["its form of one character", "\u009b31m", "\\u009b31m"],
  ["a change of direction", "\u202eabc", "\\u202eabc"],
  ["a tag, which is two UTF-16 units", "\u{e0001}", "\\udb40\\udc01"],
  ["half of a pair", "\ud800", "\\ud800"],
])("%s is escaped as in JSON", (_, text, expected) => {
  expect(escapeInvisible(text)).toBe(expected);
});

test("printable JSON has the same value and no control characters", () => {
  const value = [{ "k\u009b\u202e": "a\u001b\u007f\u{e0001}\ud800\nb" }, { list: [1] }];
  const text = printableJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text.split("\n")).toHaveLength(10);
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
});
