import { LagMeter, lagText } from "../../../operations/migration/database/lag";

test("the seconds are those since the oldest position that is not confirmed", () => {
  const meter = new LagMeter();
  expect(meter.measure(0, 100, 100)).toEqual({ bytes: 0, seconds: 0 });
  expect(meter.measure(10, 300, 100)).toEqual({ bytes: 200, seconds: 10 });
  expect(meter.measure(20, 500, 250)).toEqual({ bytes: 250, seconds: 20 });
  expect(meter.measure(30, 600, 300)).toEqual({ bytes: 300, seconds: 20 });
  expect(meter.measure(40, 600, 600)).toEqual({ bytes: 0, seconds: 0 });
  expect(meter.measure(41, 700, 600)).toEqual({ bytes: 100, seconds: 1 });
});

test("without a confirmed position they are those since the measurement began", () => {
  const meter = new LagMeter();
  expect(meter.measure(5, 100, 50)).toEqual({ bytes: 50, seconds: 0 });
  expect(meter.measure(7, 120, 60)).toEqual({ bytes: 60, seconds: 2 });
});

test("a target that is ahead of what was read is not behind", () => {
  expect(new LagMeter().measure(1, 100, 120)).toEqual({ bytes: 0, seconds: 0 });
});

test.each([
  [{ bytes: 0, seconds: 0 }, "lag 0 KiB, 0 s"],
  [{ bytes: 1, seconds: 0.6 }, "lag 1 KiB, 1 s"],
  [{ bytes: 1024 ** 2 - 1, seconds: 59 }, "lag 1024 KiB, 59 s"],
  [{ bytes: 1024 ** 2 * 12.34, seconds: 90 }, "lag 12.3 MiB, 90 s"],
])("%j is %s", (lag, text) => {
  expect(lagText(lag)).toBe(text);
});
