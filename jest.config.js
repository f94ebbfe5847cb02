const { cpus } = require("node:os");

// The AWS SDK's notice about end-of-life Node.js versions is not about these tests.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const common = {
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }],
  },
  roots: ["<rootDir>/__tests__"],
  moduleNameMapper: {
    // Each test file would load archiver's 230 modules with cdktf, which needs them for archives only.
    "^archiver$": "<rootDir>/__tests__/no-archiver.ts",
    // zod loads its messages in 50 languages besides English, which it loads apart from them.
    "^\\.\\./locales/index\\.cjs$": "<rootDir>/__tests__/no-locales.ts",
    // cdktf records a stack trace for each reference. Jest maps every line of it to its source: a sixth of the time.
    "^\\./(tokens/)?(private/)?stack-trace$": "<rootDir>/__tests__/no-stack-traces.ts",
  },
};

const INTEGRATION = "__tests__/integration";

/** They go through whole catalogues, or through random inputs. */
const EXHAUSTIVE = [
  ...["controls/any-environment", "controls/catalogue", "controls/tampered-stacks"],
  ...["settings/any-input", "settings/aws/offers", "settings/valid-environments"],
  ...[
    "operations/review/report",
    "operations/adoption/any-account",
    "operations/adoption/import-ids",
    "emulator/faulty-proxy",
  ],
  ...["cli/any-settings-file", "constructs/database/database-url", "stacks/any-environment"],
].map((file) => `<rootDir>/__tests__/${file}-test.ts`);

const integration = (displayName, globalSetup) => ({
  ...common,
  displayName,
  testMatch: [`<rootDir>/${INTEGRATION}/${displayName}/*-test.ts`],
  ...(globalSetup ? { globalSetup: `<rootDir>/${INTEGRATION}/prerequisites.ts` } : {}),
});

/**
 * `unit` starts no program, and neither does `exhaustive`, which takes longer than all of `unit`. `commands` runs npm scripts and one real plan: seconds each. `terraform` runs Terraform,
 * the emulator and database servers: minutes. `slow` makes dozens of plans or hundreds of logins, stops migrations at random
 * moments, opens tunnels, and adopts what is less common: it is not in CI. `rehearsal` runs whole rehearsals. `portability` installs other releases of
 * Node.js and cdktn from the npm registry, and runs the unit tests with them; it also tests the cached bundles of
 * `cli/launch.js`, which takes minutes.
 */
module.exports = {
  // One more than there are cores: the integration tests wait for Terraform more than they compute.
  maxWorkers: cpus().length + 1,
  testSequencer: `<rootDir>/${INTEGRATION}/long-first.js`,
  // Only a hanging test takes this long. On a busy machine, other tests take much longer than usual.
  testTimeout: 60_000,
  // Of the rehearsals in one file. Each runs its steps concurrently: a dozen Terraform processes at its busiest.
  maxConcurrency: 2,
  projects: [
    {
      displayName: "unit",
      // Loads each module once, not once for each test file: see docs/decisions/0021-unit-tests-share-modules.md.
      runner: "jest-light-runner",
      setupFiles: ["<rootDir>/__tests__/register-typescript.mjs"],
      roots: common.roots,
      testMatch: ["**/*-test.ts"],
      testPathIgnorePatterns: [`/${INTEGRATION}/`, ...EXHAUSTIVE],
    },
    { ...common, displayName: "exhaustive", testMatch: EXHAUSTIVE },
    integration("commands", true),
    integration("terraform", true),
    integration("rehearsal", true),
    integration("portability", true),
    integration("slow", true),
  ],
};
