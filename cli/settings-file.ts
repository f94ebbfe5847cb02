import { readFileSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { type ParseError, printParseErrorCode, visit } from "jsonc-parser";
import { escapeInvisible, printable } from "../validation/printable";
import { CommandError } from "./command-error";

/** A settings file is a few kilobytes long. */
const MAX_BYTES = 1024 * 1024;
/** The parser recurses; settings are nested six levels deep. */
const DEEPEST = 100;

/**
 * The unvalidated environment in a file: the only export of a TypeScript file, or the contents of a JSON file without
 * `$schema`, which is for editors.
 * @throws CommandError for a file that cannot be read as either.
 */
export function readSettingsFile(file: string): unknown {
  const shown = printable(file);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    throw new CommandError(
      `${shown} ${stat ? "is not a file" : "does not exist"}. Name a .ts or .json file with one environment.`,
    );
  }
  if (stat.size > MAX_BYTES) {
    throw new CommandError(
      `${shown} is larger than 1 MiB. Name a .ts or .json file with one environment.`,
    );
  }
  return extname(file) === ".ts" ? exportOf(shown, moduleAt(file)) : settingsIn(shown, file);
}

const ENVIRONMENTS = resolve(__dirname, "..", "environments");

/** The bundle (cli/launch.js) finds the files in `environments/` by this pattern. */
function moduleAt(file: string): Readonly<Record<string, unknown>> {
  const path = resolve(file);
  const name = path.startsWith(join(ENVIRONMENTS, "/")) && path.slice(ENVIRONMENTS.length + 1, -3);
  if (!name) {
    throw new CommandError(
      `${printable(file)} is not in environments/. Move it there, or convert the environment to JSON.`,
    );
  }
  return require(`../environments/${name}.ts`);
}

function exportOf(file: string, module: Readonly<Record<string, unknown>>): unknown {
  const exported = Object.values(module);
  if (exported.length !== 1) {
    throw new CommandError(
      `${file} must export exactly one environment, but it exports ${exported.length} values. Move each environment to its own file.`,
    );
  }
  return exported[0];
}

function settingsIn(shown: string, file: string): unknown {
  const text = readFileSync(file, "utf8").replace(/^\ufeff/, "");
  const problems = jsonProblems(text);
  if (problems.length > 0) {
    throw new CommandError(`${shown} is not valid JSON:\n  ${problems.join("\n  ")}`);
  }
  const content = JSON.parse(text);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return content;
  }
  const { $schema: _, ...settings } = content as Record<string, unknown>;
  return settings;
}

/** The errors of a JSON text, with line and column, including duplicate keys, of which one would be lost. */
export function jsonProblems(text: string): string[] {
  if (depthOf(text) > DEEPEST) {
    return [`It is nested more than ${DEEPEST} levels deep.`];
  }
  const problems: string[] = [];
  const keys: Set<string>[] = [];
  visit(
    text,
    {
      onObjectBegin: () => {
        keys.push(new Set());
      },
      onObjectEnd: () => keys.pop(),
      onObjectProperty: (key, _offset, _length, line, column) => {
        if (keys.at(-1)?.has(key)) {
          problems.push(`${at(line, column)} the key ${show(key)} is a duplicate.`);
        }
        keys.at(-1)?.add(key);
      },
      onError: (error: ParseError["error"], _offset, _length, line, column) => {
        problems.push(`${at(line, column)} ${words(printParseErrorCode(error))}.`);
      },
    },
    { disallowComments: true },
  );
  return problems.slice(0, 10);
}

function at(line: number, column: number): string {
  return `line ${line + 1}, column ${column + 1}:`;
}

/** `value expected` for `ValueExpected`. */
function words(code: string): string {
  return code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

function show(key: string): string {
  return escapeInvisible(JSON.stringify(key.slice(0, 80)));
}

/** The deepest nesting of brackets outside of strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.replace(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[[\]{}]/g)) {
    depth += "[{".includes(bracket) ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
