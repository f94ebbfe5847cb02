import { portsText, ruleText } from "../../rehearsal/inventory";
import type { Rule } from "../../rehearsal/step";

const rule = (more: Partial<Rule> = {}): Rule => ({
  store: "database",
  protocol: "tcp",
  port: 5432,
  toPort: 5432,
  source: "10.0.0.0/16",
  description: "vpc to the database",
  ...more,
});

test("a rule names the source, the data store and the port", () => {
  expect(ruleText(rule())).toBe("10.0.0.0/16 → database 5432");
});

test.each<[Partial<Rule>, string]>([
  [{}, "5432"],
  [{ toPort: 65535 }, "5432-65535"],
  [{ protocol: "udp" }, "udp 5432"],
  [{ protocol: "-1", port: -1, toPort: -1 }, "everything"],
])("a rule with %j is not taken for another: it opens %s", (more, text) => {
  expect(portsText(rule(more))).toBe(text);
});
