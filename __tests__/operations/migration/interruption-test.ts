import { Interruption } from "../../../operations/migration/interruption";

const INTERRUPTED = "Interrupted. Run the same command again: it continues where this one stopped.";

let interruption: Interruption;

beforeEach(() => {
  interruption = new Interruption();
});

afterEach(() => interruption.dispose());

/** Only the listener under test hears it: others would end the test runner. */
function signal(): void {
  process.listeners("SIGINT").at(-1)?.("SIGINT");
}

/** Work that takes until somebody stops it. */
function endless(): { work: Promise<string>; stop: () => void } {
  let stop = () => {};
  const work = new Promise<string>((resolve) => {
    stop = () => resolve("stopped");
  });
  return { work, stop };
}

test("a signal stops the work", async () => {
  const { work, stop } = endless();
  const watched = interruption.watch(work, stop);
  signal();
  await expect(watched).rejects.toThrow(INTERRUPTED);
});

test("a signal between two works stops the second one", async () => {
  signal();
  const { work, stop } = endless();
  await expect(interruption.watch(work, stop)).rejects.toThrow(INTERRUPTED);
});

test("without a signal, the work's result is passed on", async () => {
  expect(await interruption.watch(Promise.resolve("done"), () => {})).toBe("done");
  expect(() => interruption.check()).not.toThrow();
});
