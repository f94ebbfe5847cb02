const { cpus } = require("node:os");

// The AWS SDK's notice about Node versions of next year is not about these tests.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const common = {
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }],
  },
  roots: ["<rootDir>/__tests__"],
  setupFilesAfterEnv: ["<rootDir>/__tests__/setup.ts"],
};

/** `integration` is what starts programs: Terraform, the emulator, the commands themselves. */
module.exports = {
  // One more than there are cores: the integration tests wait for Terraform more than they compute.
  maxWorkers: cpus().length + 1,
  // Of the rehearsals in one file, which wait and compute in turns.
  maxConcurrency: 5,
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["**/*-test.ts"],
      testPathIgnorePatterns: ["/__tests__/integration/"],
    },
    {
      ...common,
      displayName: "integration",
      testMatch: ["**/integration/*-test.ts"],
      globalSetup: "<rootDir>/__tests__/integration/prerequisites.ts",
    },
  ],
};
