import type { EnvironmentSettings } from "../settings/environment";

/** Comments above settings, by the path of the setting: `network`, `database.identifier`. */
export type Comments = Readonly<Record<string, string>>;

/** A template for an environment, with comments on its settings. */
export interface Template {
  readonly about: string;
  readonly settings: EnvironmentSettings;
  readonly comments: Comments;
}

/** The text of a TypeScript file that exports an environment, formatted as the project's formatter does. */
export function environmentSource(name: string, { about, settings, comments }: Template): string {
  return `import type { EnvironmentSettings } from "../settings/environment";

/** ${about} Every setting: docs/settings.md. */
export const ${exportName(name)}: EnvironmentSettings = ${literal(settings, comments)};
`;
}

/** https://tc39.es/ecma262/#prod-ReservedWord, and what strict mode adds; `new` and `public` are likely names. */
const RESERVED = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield".split(
    " ",
  ),
);

/** `euWest` for `eu-west`, `newEnvironment` for `new`. */
function exportName(name: string): string {
  const camelCase = name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return RESERVED.has(camelCase) ? `${camelCase}Environment` : camelCase;
}

function literal(value: unknown, comments: Comments, path: readonly string[] = []): string {
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => literal(item, comments)).join(", ")}]`;
  }
  if (Object.keys(value).length === 0) {
    return "{}";
  }
  const indent = "  ".repeat(path.length + 1);
  const lines = Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    const comment = comments[at.join(".")];
    const name = /^[a-z]\w*$/i.test(key) ? key : JSON.stringify(key);
    return [
      ...(comment ? [`${indent}// ${comment}`] : []),
      `${indent}${name}: ${literal(inner, comments, at)},`,
    ];
  });
  return `{\n${lines.join("\n")}\n${"  ".repeat(path.length)}}`;
}
