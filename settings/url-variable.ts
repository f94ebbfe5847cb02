import { text } from "../validation/pattern-string";

/** The environment variable in which the application finds the URL of a data store. */
export const urlVariableSchema = text({
  pattern: /^[A-Z][A-Z0-9_]{0,99}$/,
  what: 'the variable with the URL, such as "ORDERS_DATABASE_URL"',
  must: "must be a variable name: uppercase letters, digits and underscores, starting with a letter",
  instead: 'Use, for example, "ORDERS_DATABASE_URL".',
});

/** `ORDERS_DATABASE`, the prefix of the variables with the parts of the URL: `ORDERS_DATABASE_HOST` and so on. */
export function variablePrefix(urlVariable: string): string {
  return urlVariable.replace(/_URL$/, "");
}
