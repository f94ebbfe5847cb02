import { text } from "../validation/pattern-string";

/** The environment variable in which the application finds the URL of a data store. */
export const urlVariableSchema = text({
  pattern: /^[A-Z][A-Z0-9_]{0,99}$/,
  what: 'the variable with the URL, such as "ORDERS_DATABASE_URL"',
  must: "must be a variable's name: capital letters, digits and underscores, a letter first",
  instead: 'Use, for example, "ORDERS_DATABASE_URL".',
});

/** `ORDERS_DATABASE`, which the variables with the parts of the URL start with: `ORDERS_DATABASE_HOST` and so on. */
export function variablePrefix(urlVariable: string): string {
  return urlVariable.replace(/_URL$/, "");
}
