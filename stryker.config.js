const BUNDLE = "__tests__/settings/bundle.js";

/** Mutation testing of the settings: by hand or nightly, it takes minutes. */
module.exports = {
  mutate: ["settings/**/*.ts", "validation/**/*.ts"],
  // It would be read with the API of TypeScript, which version 7 does not have.
  tsconfigFile: "none",
  buildCommand: `npx esbuild __tests__/settings-without-jest.ts --bundle --platform=node --outfile=${BUNDLE}`,
  testRunner: "command",
  commandRunner: { command: `node ${BUNDLE}` },
  reporters: ["clear-text", "progress-append-only", "json"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: "coverage/mutation.json" },
  tempDirName: "coverage/stryker",
  concurrency: 2,
  thresholds: { high: 95, low: 90, break: 90 },
};
