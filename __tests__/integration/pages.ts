import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "..", "..");

/** A page of the documentation that people read from the top. */
export interface Page {
  /** `docs/guides/deploy.md` */
  readonly file: string;
  readonly text: string;
}

const GUIDES = "docs/guides";

/** README first, then the guides in the order in which README lists them. */
export function pages(): readonly Page[] {
  const readme = page("README.md");
  const guides = [...readme.text.matchAll(/\]\((docs\/guides\/[a-z-]+\.md)\)/g)];
  return [readme, ...new Set(guides.map(([, file = ""]) => file))].map((one) =>
    typeof one === "string" ? page(one) : one,
  );
}

/** Every guide that is there, listed in README or not. */
export function guideFiles(): readonly string[] {
  return readdirSync(join(ROOT, GUIDES)).map((file) => `${GUIDES}/${file}`);
}

export function page(file: string): Page {
  return { file, text: readFileSync(join(ROOT, file), "utf8") };
}

/** The lines of the `sh` blocks of a page, without their comments. */
export function commandLines({ text }: Page): readonly string[] {
  return [...text.matchAll(/```sh\n([^`]*)```/g)].flatMap(([, block = ""]) =>
    block
      .trim()
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "")),
  );
}

/** Links to files and headings of the project that lead nowhere. */
export function brokenLinks({ file, text }: Page): readonly string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => !/^https?:/.test(link) && !leadsSomewhere(file, link));
}

function leadsSomewhere(file: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path ? join(dirname(file), path) : file;
  if (!existsSync(join(ROOT, target))) {
    return false;
  }
  return heading === undefined || anchorsOf(page(target)).includes(heading);
}

/** Headings as GitHub names them in links. */
function anchorsOf({ text }: Page): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
