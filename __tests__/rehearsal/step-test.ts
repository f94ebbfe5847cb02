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

test("what was not run is said, and is no success", () => {
  const recorder = new Recorder([good]);
  expect(recorder.all).toMatchObject([{ name: "good", state: "not run" }]);
  expect([recorder.passed, recorder.failed]).toEqual([false, false]);
});

test("a step that runs through has passed, with what it saw and how long it took", async () => {
  const recorder = new Recorder([good]);
  const outcome = await recorder.run(good, silently);
  expect(outcome).toMatchObject({ state: "passed", seen: { text: "all is well" } });
  expect(outcome.seconds).toBeGreaterThan(0);
  expect(recorder.all).toEqual([outcome]);
  expect(recorder.passed).toBe(true);
});

test("a step that fails is kept and thrown on, and the rehearsal has not passed", async () => {
  const recorder = new Recorder([good, bad]);
  await recorder.run(good, silently);
  await expect(recorder.run(bad, silently)).rejects.toThrow("there are 2, not 1");
  expect(recorder.all[1]).toMatchObject({ state: "failed", seen: { text: "there are 2, not 1" } });
  expect([recorder.passed, recorder.failed]).toEqual([false, true]);
});

test("a step that does not concern the environment is not a failure, and says why", async () => {
  const recorder = new Recorder([idle]);
  expect(await recorder.run(idle, silently)).toMatchObject({
    state: "not applicable",
    seen: { text: "RDS does it" },
  });
  expect(recorder.passed).toBe(true);
});

test("an expectation that holds says nothing, one that does not says what is wrong", () => {
  expect(() => expectThat(true, "never said")).not.toThrow();
  expect(() => expectThat(false, "there are 2, not 1")).toThrow(
    new StepFailure("there are 2, not 1"),
  );
});
