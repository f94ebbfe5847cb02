import { documentedSchema, type SchemaNode } from "../settings/json-schema";
import { markdownTable } from "./markdown-table";

const HEAD = ["setting", "value", "default", "purpose"];

const INTRODUCTION = `# Settings

<!-- Written by \`npm run docs\` from the schema in settings/. Do not edit. -->

This page lists every setting of an environment. It is generated from the schema that validates the settings. The default
column contains **required**, the default value, or what happens without the setting. Some rules involve several settings;
\`npm run synth\` checks these, too.
`;

/** `docs/settings.md`: a table for each object of settings, in the order of the schema. */
export function settingsReference(): string {
  const { properties = {}, required = [], $defs = {} } = documentedSchema();
  const stores = Object.entries($defs).flatMap(([kind, store]) => objectsIn(`\`${kind}\``, store));
  const environment = section("Environment", { properties, required });
  // The kinds of a store share some sections.
  const sections = new Set([...environment, ...stores]);
  return `${[INTRODUCTION, ...sections].join("\n\n")}\n`;
}

/** A heading with its table, then the sections of the objects inside. */
function section(title: string, node: SchemaNode): string[] {
  const { properties = {}, required = [] } = node;
  const rows = Object.entries(properties).map(([name, setting]) =>
    row(name, setting, required.includes(name)),
  );
  const path = title.replace(/ of kind .*$/, "");
  const inner = Object.entries(properties).flatMap(([name, setting]) =>
    objectsIn(title === "Environment" ? `\`${name}\`` : `${path}.\`${name}\``, setting),
  );
  const heading = `## ${title.replaceAll("`.<name>", ".<name>`").replaceAll("`.`", ".")}`;
  return [`${heading}\n\n${markdownTable(HEAD, rows)}`, ...inner];
}

/** The sections of the objects inside a setting: of an object, of each alternative, of the values of a map. */
function objectsIn(title: string, node: SchemaNode): string[] {
  const alternatives = [...(node.oneOf ?? []), ...(node.anyOf ?? [])].filter(isObject);
  if (alternatives.length > 0) {
    return alternatives.flatMap((one) => section(titled(title, one), one));
  }
  const values = node.additionalProperties;
  if (typeof values === "object") {
    return objectsIn(`${title}.<name>`, values);
  }
  return isObject(node) ? section(title, node) : [];
}

function isObject({ properties }: SchemaNode): boolean {
  return properties !== undefined;
}

function titled(title: string, { properties = {} }: SchemaNode): string {
  const kind = properties.kind?.const;
  return kind === undefined ? title : `${title} of kind \`${kind}\``;
}

function row(name: string, node: SchemaNode, isRequired: boolean): string[] {
  const { purpose = "", link } = node;
  const source = link ? ` [${publisherOf(link)}](${link})` : "";
  return [`\`${name}\``, ruleOf(node), defaultOf(node, isRequired), `${purpose}${source}`];
}

function publisherOf(link: string): string {
  const { hostname } = new URL(link);
  return hostname.split(".").at(-2) === "amazon" ? "AWS" : hostname;
}

const LONGEST_ENUM = 12;

function ruleOf({ description, ...node }: SchemaNode): string {
  const { const: only, enum: choices } = node;
  if (only !== undefined) {
    return code(only);
  }
  if (choices && choices.length <= LONGEST_ENUM) {
    return choices.map(code).join(", ");
  }
  return description ?? typeOf(node);
}

function typeOf({ type, items, oneOf, $ref, additionalProperties }: SchemaNode): string {
  if (items) {
    return `a list; each item: ${items.enum?.map(code).join(", ") ?? items.description ?? items.type}`;
  }
  if ($ref) {
    return "see below";
  }
  if (oneOf) {
    return "see below, by `kind`";
  }
  return additionalProperties && type === "object" ? "see below" : (type ?? "see below");
}

function defaultOf({ default: value, absent }: SchemaNode, isRequired: boolean): string {
  if (isRequired && value === undefined) {
    return "**required**";
  }
  return value === undefined ? (absent ?? "none") : code(value);
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
