import { CommandError } from "../command-error";
import { literalOf } from "./template";

type Body = Readonly<Record<string, unknown>>;

/** The blocks of a file in order, with their number of labels. */
const TOP_LEVEL: Readonly<Record<string, number>> = {
  terraform: 0,
  provider: 1,
  variable: 1,
  locals: 0,
  data: 2,
  ephemeral: 2,
  resource: 2,
  module: 1,
  import: 0,
  moved: 0,
  removed: 0,
  check: 1,
  output: 1,
};

/** The number of labels of nested blocks of Terraform's own. */
const NESTED_LABELS: Readonly<Record<string, number>> = { backend: 1, data: 2, provisioner: 1 };

/** Terraform's own blocks, by path. `nestedBlocks()` has those of the provider. */
const TERRAFORM_BLOCK =
  /^terraform\.(backend|cloud|required_providers|provider_meta)$|\.(lifecycle|precondition|postcondition|connection|provisioner)$|^variable\.validation$|^check\.(assert|data)$/;

/** Arguments whose values are addresses or keywords, which JSON writes as strings. */
const BARE =
  /^(resource|data|ephemeral|module|output)(\.\w+)?\.depends_on$|\.lifecycle\.(ignore_changes|replace_triggered_by)$|^(resource|data|ephemeral)\.\w+\.provider$|^(import|moved|removed)\.(to|from|provider)$|^variable\.type$|^module\.providers$/;

/** A list that fits goes on one line. */
const LINE_WIDTH = 100;
const IDENTIFIER = /^(?!for$)[A-Za-z_][\w-]*$/;

/**
 * The same configuration in Terraform's own language, formatted as `terraform fmt` formats it. Reasons and waivers
 * under `//` become comments.
 * @param blocks which arguments are nested blocks: `nestedBlocks()`
 * @see https://developer.hashicorp.com/terraform/language/syntax/json
 * @throws CommandError for a block that this writer does not know.
 */
export function hclOf(configuration: Body, blocks: ReadonlySet<string>): string {
  const { "//": notes, ...rest } = configuration;
  const unknown = Object.keys(rest).filter((name) => TOP_LEVEL[name] === undefined);
  if (unknown.length > 0) {
    throw new CommandError(
      `${unknown.join(", ")}: cannot be written as HCL. Synthesize without --hcl, or add it to cli/hcl/hcl.ts.`,
    );
  }
  const writer = new HclWriter(blocks);
  const parts = Object.entries(TOP_LEVEL)
    .filter(([name]) => rest[name] !== undefined)
    .flatMap(([name, labels]) => writer.blocks(name, [name], labels, rest[name]));
  const comments = commentsOf(notes);
  const all = comments.length > 0 ? [comments, ...parts] : parts;
  return `${all.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Writes lines without the indentation of the surrounding block. */
class HclWriter {
  constructor(private readonly providerBlocks: ReadonlySet<string>) {}

  /** One block for each body, with its labels. */
  blocks(path: string, header: readonly string[], labels: number, value: unknown): string[][] {
    const bodies = [value].flat().filter(isObject);
    if (labels === 0) {
      return bodies.map((body) => this.block(path, header.join(" "), body));
    }
    return bodies.flatMap((named) =>
      Object.entries(named).flatMap(([label, inner]) => {
        // The path of nested blocks contains the type, but not the name.
        const within = labels === 2 || header[0] === "provider" ? `${path}.${label}` : path;
        return this.blocks(within, [...header, JSON.stringify(label)], labels - 1, inner);
      }),
    );
  }

  private block(path: string, header: string, { "//": notes, ...body }: Body): string[] {
    const entries = Object.entries(body);
    const nested = entries.filter(([name]) => this.isBlock(`${path}.${name}`));
    const comments = commentsOf(notes);
    const written = this.assignments(
      path,
      entries.filter((entry) => !nested.includes(entry)),
    );
    const inner = nested.flatMap(([name, value]) =>
      this.blocks(`${path}.${name}`, [name], NESTED_LABELS[name] ?? 0, value),
    );
    const groups = [[...comments, ...written], ...inner].filter((lines) => lines.length > 0);
    const lines = groups.flatMap((group, index) => (index === 0 ? group : ["", ...group]));
    return lines.length === 0 ? [`${header} {}`] : [`${header} {`, ...indented(lines), "}"];
  }

  private isBlock(path: string): boolean {
    return TERRAFORM_BLOCK.test(path) || this.providerBlocks.has(path);
  }

  /** One-line arguments first, with aligned equals signs, then the others. */
  private assignments(path: string, entries: readonly (readonly [string, unknown])[]): string[] {
    const written = entries.map(([name, value]) => ({
      key: keyOf(name),
      lines: this.value(value, `${path}.${name}`),
    }));
    const short = written.filter(({ lines }) => lines.length === 1);
    const width = Math.max(0, ...short.map(({ key }) => [...key].length));
    return [
      ...short.map(
        ({ key, lines }) => `${key}${" ".repeat(width - [...key].length)} = ${lines[0]}`,
      ),
      ...written
        .filter(({ lines }) => lines.length > 1)
        .flatMap(({ key, lines: [first, ...more] }) => [`${key} = ${first}`, ...more]),
    ];
  }

  private value(value: unknown, path: string): string[] {
    if (Array.isArray(value)) {
      return this.list(value, path);
    }
    if (isObject(value)) {
      const lines = this.assignments(path, Object.entries(value));
      return lines.length === 0 ? ["{}"] : ["{", ...indented(lines), "}"];
    }
    if (typeof value === "string") {
      return [BARE.test(path) ? value.replace(/^\$\{(.*)\}$/, "$1") : literalOf(value)];
    }
    return [JSON.stringify(value)];
  }

  private list(values: readonly unknown[], path: string): string[] {
    const items = values.map((item) => this.value(item, path));
    const line = `[${items.map(([first]) => first).join(", ")}]`;
    if (items.every(({ length }) => length === 1) && line.length <= LINE_WIDTH) {
      return [line];
    }
    return [
      "[",
      ...indented(items.flatMap((item) => [...item.slice(0, -1), `${item.at(-1)},`])),
      "]",
    ];
  }
}

/** `# reason multiAz: …`, a line for each note. */
function commentsOf(notes: unknown): string[] {
  if (!isObject(notes)) {
    return [];
  }
  const { metadata: _, outputs: __, ...ours } = notes;
  return Object.entries(ours).flatMap(([kind, texts]) =>
    Object.entries(isObject(texts) ? texts : { "": texts }).map(
      ([name, text]) =>
        `# ${[kind.replace(/s$/, ""), name].filter(Boolean).join(" ")}: ${String(text).replaceAll(/\s+/g, " ")}`,
    ),
  );
}

/** A key that is an expression needs parentheses: bare, it would be a name. */
function keyOf(name: string): string {
  const literal = literalOf(name);
  return literal.startsWith('"') ? (IDENTIFIER.test(name) ? name : literal) : `(${literal})`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? line : `  ${line}`));
}

function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
