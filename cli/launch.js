// `node cli/launch.js ENTRY.ts [ARGUMENTS…]` runs a TypeScript entry point as `node --import tsx ENTRY.ts` does, in a
// quarter of the time: esbuild bundles the entry point with everything it imports, and V8 keeps the code it has compiled.
//
// Both are cached in node_modules/.cache, with a hash of the contents of every file in the bundle. A change to any of
// these files, also in node_modules, builds a new bundle (half a second). A bundle differs from the sources only by `EDITS`.

const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } = require("node:fs");
const { SourceMap, createRequire } = require("node:module");
const { dirname, isAbsolute, join, relative, resolve, sep } = require("node:path");
const { deserialize, serialize } = require("node:v8");
const { Script } = require("node:vm");

const ROOT = resolve(__dirname, "..");
const [ENTRY] = process.argv.splice(2, 1);
process.argv[1] = join(ROOT, ENTRY);
const BUNDLE = `${process.argv[1]}.bundle.js`;
const CACHE_FOLDER = join(ROOT, "node_modules", ".cache", "managed-data-stores");
const CACHE = join(CACHE_FOLDER, ENTRY.replaceAll(/[/\\]/g, "-"));

/** Files that influence a bundle without being in it. */
const TOOLS = ["cli/launch.js", "tsconfig.json", "node_modules/esbuild/package.json"];

/** [file, text in it, replacement]: if another release of cdktf lacks the text, nothing changes. */
const EDITS = [
  // Deprecated: Node >= 22 warns about it.
  [
    /cdktf[\\/]lib[\\/]terraform-output\.js$/,
    "(0, util_2.isArray)(object)",
    "Array.isArray(object)",
  ],
  // A third of what cdktf loads is archiver, for assets that are archives. Apps with assets load the file itself.
  [
    /cdktf[\\/]lib[\\/]private[\\/]fs\.js$/,
    /[\s\S]*/,
    `const { createRequire } = require("node:module");
    const file = require("node:path").join(ROOT, "node_modules/cdktf/lib/private/fs.js");
    module.exports = new Proxy({}, {
      get: (_, name) => (...options) => createRequire(file)(file)[name](...options),
    });`,
  ],
  // cdktf records where each token was created, for error messages. That takes half the time of a large synth.
  [
    /cdktf[\\/]lib[\\/]tokens[\\/]private[\\/]stack-trace\.js$/,
    "below = below ||",
    `return ["(not recorded; to see it: node --import tsx ${ENTRY})"]; below = below ||`,
  ],
];

const edits = {
  name: "edits",
  setup(build) {
    for (const [filter, text, replacement] of EDITS) {
      build.onLoad({ filter }, ({ path }) => ({
        contents: readFileSync(path, "utf8").replace(text, () => replacement),
      }));
    }
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: withDirname(path, readFileSync(path, "utf8")).replace(
        // esbuild leaves out what is not used of a namespace, such as zod's locales, but not of an object.
        'import { z } from "zod"',
        'import * as z from "zod"',
      ),
      loader: "ts",
    }));
  },
};

/** In a bundle `__dirname` would be the bundle's. The folder is relative, because copies of a project share a cache. */
function withDirname(path, source) {
  const folder = relative(ROOT, dirname(path)).replaceAll(sep, "/");
  const dirnameOf = `require("node:path").join(ROOT, ${JSON.stringify(folder)})`;
  return source.includes("__dirname") ? `const __dirname = ${dirnameOf}; ${source}` : source;
}

async function build() {
  const { build: esbuild } = require("esbuild");
  const { outputFiles, metafile } = await esbuild({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outfile: BUNDLE,
    write: false,
    metafile: true,
    bundle: true,
    // jsonc-parser's UMD build hides its imports from bundlers; esbuild looks for its program beside its own file.
    external: ["@aws-sdk/*", "jsonc-parser", "esbuild"],
    platform: "node",
    target: `node${process.versions.node}`,
    supported: { "dynamic-import": false },
    format: "cjs",
    banner: { js: "(function (require, module, exports, ROOT) {" },
    footer: { js: "})" },
    minifyWhitespace: true,
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "error",
    plugins: [edits],
  });
  const [map, code] = outputFiles;
  const inputs = [...TOOLS, ...Object.keys(metafile.inputs).map(fromRoot)];
  return { inputs, hash: hashOf(inputs), code: code.text, map: Buffer.from(map.contents) };
}

/** Relative to this project, or absolute where node_modules is a link to another one's. */
function fromRoot(input) {
  const path = relative(ROOT, resolve(ROOT, input));
  return path.startsWith("..") || isAbsolute(path) ? resolve(ROOT, input) : path;
}

/** Includes the names in environments/: a new file there belongs in the bundle. */
function hashOf(inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) {
    hash.update(readFileSync(resolve(ROOT, input)));
  }
  return hash.update(readdirSync(join(ROOT, "environments")).join("\n")).digest("hex");
}

/** The cached bundle; undefined if it is missing or unreadable, or if one of its files was removed or changed. */
function cachedBundle() {
  try {
    const bundle = deserialize(readFileSync(CACHE));
    return hashOf(bundle.inputs) === bundle.hash ? bundle : undefined;
  } catch {
    return undefined;
  }
}

/** Written atomically, because commands may run concurrently. Without write permission, there is no cache. */
function save(bundle) {
  const temporary = `${CACHE}.${process.pid}`;
  try {
    mkdirSync(CACHE_FOLDER, { recursive: true });
    writeFileSync(temporary, serialize(bundle));
    renameSync(temporary, CACHE);
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS", "ENOSPC"].includes(error.code)) {
      throw error;
    }
  }
}

function run(bundle) {
  const script = new Script(bundle.code, { filename: BUNDLE, cachedData: bundle.compiled });
  if (bundle.compiled === undefined || script.cachedDataRejected) {
    // At exit, V8 has compiled the code that the command uses.
    process.on("exit", () => save({ ...bundle, compiled: script.createCachedData() }));
  }
  process.setUncaughtExceptionCaptureCallback((error) => {
    console.error(typeof error?.stack === "string" ? inSources(error.stack, bundle.map) : error);
    process.exit(1);
  });
  const module = { exports: {} };
  script.runInThisContext()(createRequire(process.argv[1]), module, module.exports, ROOT);
}

/** A stack trace with the lines of the sources. */
function inSources(stack, map) {
  const sources = new SourceMap(JSON.parse(map.toString()));
  const places = new RegExp(`${BUNDLE.replaceAll(/[^\w/]/g, "\\$&")}:(\\d+):(\\d+)`, "g");
  return stack.replaceAll(places, (place, line, column) => {
    const { originalSource, originalLine, originalColumn } = sources.findEntry(
      line - 1,
      column - 1,
    );
    const file = originalSource && resolve(dirname(BUNDLE), originalSource);
    return file ? `${file}:${originalLine + 1}:${originalColumn + 1}` : place;
  });
}

const cached = cachedBundle();
if (cached) {
  run(cached);
} else {
  build().then(run, (error) => {
    // esbuild has printed what is wrong in a source, with its line.
    process.exitCode = 1;
    if (!error.errors) {
      throw error;
    }
  });
}
