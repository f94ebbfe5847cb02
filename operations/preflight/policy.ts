/** The parts of a policy document that preflight reads. */
export interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

/** The statements of a policy document in JSON, URL-encoded or not. */
export function statementsOf(document: string | undefined): Statement[] {
  if (!document) {
    return [];
  }
  const text = document.startsWith("{") ? document : decodeURIComponent(document);
  return [JSON.parse(text).Statement ?? []].flat();
}

/** Whether a service may call an action, whatever the conditions are. */
export function allowsService(
  statements: readonly Statement[],
  service: string,
  action: string,
): boolean {
  const isAbout = (statement: Statement) =>
    servicesOf(statement).some((one) => one === service || one === "*") &&
    listOf(statement.Action).some((one) => matches(one, action));
  return (
    statements.some((one) => one.Effect === "Allow" && isAbout(one)) &&
    // A denial under a condition, such as without TLS, does not concern AWS's services.
    !statements.some((one) => one.Effect === "Deny" && !one.Condition && isAbout(one))
  );
}

function servicesOf({ Principal }: Statement): string[] {
  if (typeof Principal === "string") {
    return [Principal];
  }
  return [...listOf(Principal?.Service), ...listOf(Principal?.AWS).filter((one) => one === "*")];
}

export function listOf(value: string | readonly string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat();
}

/** `sns:*` and `sns:Pub*` match `sns:Publish`. */
export function matches(pattern: string, action: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "i").test(action);
}
