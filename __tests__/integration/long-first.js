const { default: Sequencer } = require("@jest/test-sequencer");

/** The files that take longest, the longest first. */
const LONG = [
  "rehearsal/rehearse",
  "terraform/documentation",
  "terraform/adopt",
  "terraform/connection",
  "terraform/emulator-command",
  "terraform/terraform-validate",
  "terraform/adopt-random-stores",
];

/** Starts the longest files first. On a clean clone, Jest would go by the size of the files. */
module.exports = class LongFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = LONG.findIndex((name) => path.endsWith(`/${name}-test.ts`));
      return found < 0 ? LONG.length : found;
    };
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
};
