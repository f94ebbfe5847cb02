import fc from "fast-check";
import { CommandError } from "../../cli/command-error";
import { jsonProblems } from "../../cli/settings-file";
import { parseEnvironment } from "../../settings/environment";
import { SettingsError } from "../../validation/problem";
import { environmentWith } from "../minimal-environment";

// More runs by hand: FUZZ_RUNS=100000 npx jest --selectProjects exhaustive --testPathPatterns any-settings-file
const RUNS = Number(process.env.FUZZ_RUNS ?? 1000);

/** Whether an input ends in an environment or in an error that a person can act on. */
function endsWell(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof SettingsError || error instanceof CommandError) {
      return true;
    }
    throw error;
  }
}

test("any JSON gives an environment or a clear error", () => {
  const anyJson = fc.oneof(fc.json({ maxDepth: 8 }), fc.string());
  fc.assert(
    fc.property(anyJson, (text) =>
      endsWell(() => jsonProblems(text).length > 0 || parseEnvironment(JSON.parse(text))),
    ),
    { numRuns: RUNS },
  );
});

test("a mutated environment does too", () => {
  const valid = JSON.stringify(environmentWith({}));
  const mutation = fc.record({
    at: fc.nat(valid.length),
    length: fc.nat(12),
    text: fc.string({ maxLength: 8 }),
  });
  fc.assert(
    fc.property(mutation, ({ at, length, text }) => {
      const mutated = valid.slice(0, at) + text + valid.slice(at + length);
      return endsWell(
        () => jsonProblems(mutated).length > 0 || parseEnvironment(JSON.parse(mutated)),
      );
    }),
    { numRuns: RUNS },
  );
});
