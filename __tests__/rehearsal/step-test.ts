import { expectThat, NotApplicable, Recorder, type Step, StepFailure } from "../../rehearsal/step";

const silently = () => {};
const step = (name: string, run: Step["run"]): Step => ({ name, title: `The ${name}`, run });
const good = step("good", async () => ({ text: "all is well" }));
const bad = step("bad", async () => {
  throw new StepFailure("there are 2, not 1");
});
const idle = step("idle", async () => {
  throw new NotApplicable("RDS does it");
});

test("steps that were not run are named, and are not a success", () => {
  const recorder = new Recorder([good]);
  expect(recorder.all).toMatchObject([{ name: "good", state: "not run" }]);
  expect([recorder.passed, recorder.failed]).toEqual([false, false]);
});

test("a step that succeeds has passed, with its result and duration", async () => {
  const recorder = new Recorder([good]);
  const outcome = await recorder.run(good, silently);
  expect(outcome).toMatchObject({ state: "passed", seen: { text: "all is well" } });
  expect(outcome.seconds).toBeGreaterThan(0);
  expect(recorder.all).toEqual([outcome]);
  expect(recorder.passed).toBe(true);
});

test("a failed step is recorded and its error rethrown, and the rehearsal has failed", async () => {
  const recorder = new Recorder([good, bad]);
  await recorder.run(good, silently);
  await expect(recorder.run(bad, silently)).rejects.toThrow("there are 2, not 1");
  expect(recorder.all[1]).toMatchObject({ state: "failed", seen: { text: "there are 2, not 1" } });
  expect([recorder.passed, recorder.failed]).toEqual([false, true]);
});

test("a step that does not apply is not a failure, and gives the reason", async () => {
  const recorder = new Recorder([idle]);
  expect(await recorder.run(idle, silently)).toMatchObject({
    state: "not applicable",
    seen: { text: "RDS does it" },
  });
  expect(recorder.passed).toBe(true);
});

test("an expectation that is met is silent, and one that is not met says what is wrong", () => {
  expect(() => expectThat(true, "never said")).not.toThrow();
  expect(() => expectThat(false, "there are 2, not 1")).toThrow(
    new StepFailure("there are 2, not 1"),
  );
});
