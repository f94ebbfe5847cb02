import type { Action } from "../change";
import type { DrawnResource, StackReview } from "../review";

/** GitHub's drawing is readable up to a few hundred nodes. */
const MOST_RULES = 12;

const MARKS: Readonly<Record<Action, string>> = {
  create: "new",
  update: "changes",
  replace: "is replaced",
  delete: "is deleted",
  forget: "is no longer managed",
  import: "is imported",
  move: "moves",
  none: "",
};

const CLASSES: Readonly<Partial<Record<Action, string>>> = {
  create: "created",
  import: "created",
  update: "changed",
  move: "changed",
  replace: "destroyed",
  delete: "destroyed",
  forget: "destroyed",
};

const STORES = /^aws_(db_instance|elasticache_cluster|elasticache_replication_group)$/;

/** The environment as a Mermaid flow chart: clients → rules → stores → secrets → application. */
export function drawing(stacks: readonly StackReview[]): string {
  return [
    "flowchart LR",
    '  app(["Application"])',
    ...stacks.flatMap((stack, index) => stackLines(stack, `s${index}`)),
    "  classDef created stroke:#1a7f37,stroke-width:3px",
    "  classDef changed stroke:#9a6700,stroke-width:3px",
    "  classDef destroyed stroke:#cf222e,stroke-width:4px,stroke-dasharray:5 3",
  ].join("\n");
}

function stackLines({ stack, resources }: StackReview, prefix: string): string[] {
  const stores = resources.filter(({ type }) => STORES.test(type));
  const [main] = stores;
  if (!main) {
    return [];
  }
  const id = (part: string) => `${prefix}_${part}`;
  const isReplica = ({ address }: DrawnResource) => address !== main.address;
  return [
    ...rules(resources, prefix),
    `  subgraph ${id("stack")}["${escaped(stack)}"]`,
    `    ${node(id("group"), groupOf(resources), "Security group")}`,
    `    ${id("group")} --> ${id("store")}`,
    `    ${node(id("store"), main, name(main), "[(", ")]")}`,
    ...(main.note === "multi-az"
      ? [`    ${id("store")} -.-> ${id("standby")}[("Standby in a second zone")]`]
      : []),
    ...stores
      .filter(isReplica)
      .map(
        (replica, index) =>
          `    ${id("store")} -.-> ${node(id(`replica${index}`), replica, name(replica), "[(", ")]")}`,
      ),
    ...together(resources, /^aws_cloudwatch_metric_alarm$/, id("alarms"), "alarms", id("store")),
    ...together(resources, /^aws_secretsmanager_secret$/, id("secrets"), "secrets", id("store")),
    "  end",
    ...(resources.some(({ type }) => type === "aws_secretsmanager_secret")
      ? [`  ${id("secrets")} --> app`]
      : []),
  ];
}

function groupOf(resources: readonly DrawnResource[]): DrawnResource | undefined {
  return resources.find(({ type }) => type === "aws_security_group");
}

function rules(resources: readonly DrawnResource[], prefix: string): string[] {
  const all = resources
    .filter(({ type }) => type === "aws_vpc_security_group_ingress_rule")
    // Those that change are drawn first.
    .sort((one, other) => Number(one.action === "none") - Number(other.action === "none"));
  const more = all.length - MOST_RULES;
  return [
    ...all.slice(0, MOST_RULES).map((rule, index) => {
      const text = `${name(rule)}${rule.note ? ` (${rule.note})` : ""}`;
      return `  ${node(`${prefix}_client${index}`, rule, text)} --> ${prefix}_group`;
    }),
    ...(more > 0
      ? [
          `  ${prefix}_clients["${more} more ${more === 1 ? "client" : "clients"}"] --> ${prefix}_group`,
        ]
      : []),
  ];
}

/** Resources of one type as one node, which says how many of them change. */
function together(
  resources: readonly DrawnResource[],
  type: RegExp,
  id: string,
  what: string,
  from: string,
): string[] {
  const all = resources.filter((one) => type.test(one.type));
  const changed = all.filter(({ action }) => action !== "none");
  const worst = ["delete", "replace", "update", "create"].find((action) =>
    changed.some((one) => one.action === action),
  ) as Action | undefined;
  const text = `${all.length} ${what}${changed.length > 0 ? `, ${changed.length} of them change` : ""}`;
  const style = worst && CLASSES[worst] ? `:::${CLASSES[worst]}` : "";
  return all.length > 0 ? [`    ${from} --> ${id}["${text}"]${style}`] : [];
}

function node(
  id: string,
  resource: DrawnResource | undefined,
  text: string,
  open = "[",
  close = "]",
): string {
  const action = resource?.action ?? "none";
  const mark = MARKS[action] ? `<br/><b>${MARKS[action]}</b>` : "";
  const style = CLASSES[action] ? `:::${CLASSES[action]}` : "";
  return `${id}${open}"${escaped(text)}${mark}"${close}${style}`;
}

function name({ address }: DrawnResource): string {
  return address.split(".").slice(1).join(".");
}

/** Mermaid's entities; a quotation mark or a bracket would end the label. */
function escaped(text: string): string {
  return text.replaceAll(
    /[^\p{L}\p{N} .:/_(),-]/gu,
    (character) => `#${character.codePointAt(0)};`,
  );
}
