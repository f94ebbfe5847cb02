import fc from "fast-check";
import { windowsOverlap } from "../../../settings/aws/window";
import { problemsWith } from "../../minimal-environment";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_PER_DAY = 1440;
const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;

function time(minute: number): string {
  const ofDay = minute % MINUTES_PER_DAY;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}`;
}

function weekTime(minute: number): string {
  return `${DAYS[Math.floor(minute / MINUTES_PER_DAY) % 7]}:${time(minute)}`;
}

/** Marks every minute of the week that the daily window covers, and looks at each minute of the weekly one. */
function overlapByMinutes(start: number, length: number, weekStart: number, weekLength: number) {
  const covered = new Uint8Array(MINUTES_PER_WEEK);
  for (let day = 0; day < 7; day++) {
    for (let minute = 0; minute < length; minute++) {
      covered[(day * MINUTES_PER_DAY + start + minute) % MINUTES_PER_WEEK] = 1;
    }
  }
  return Array.from({ length: weekLength }, (_, i) => (weekStart + i) % MINUTES_PER_WEEK).some(
    (minute) => covered[minute] === 1,
  );
}

test("two windows overlap exactly when they share a minute of the week", () => {
  fc.assert(
    fc.property(
      fc.nat(MINUTES_PER_DAY - 1),
      fc.integer({ min: 1, max: MINUTES_PER_DAY - 1 }),
      fc.nat(MINUTES_PER_WEEK - 1),
      fc.integer({ min: 1, max: MINUTES_PER_DAY - 1 }),
      (start, length, weekStart, weekLength) => {
        const daily = `${time(start)}-${time(start + length)}`;
        const weekly = `${weekTime(weekStart)}-${weekTime(weekStart + weekLength)}`;
        expect(windowsOverlap(daily, weekly)).toBe(
          overlapByMinutes(start, length, weekStart, weekLength),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ["touching ends", "03:00-04:00", "sun:04:00-sun:05:00", false],
  ["one shared minute", "03:00-04:01", "sun:04:00-sun:05:00", true],
  ["a window over midnight", "23:30-00:30", "tue:00:00-tue:01:00", true],
  ["a window from Sunday to Monday", "00:00-00:30", "sun:23:30-mon:00:30", true],
  ["a window inside the other", "00:00-23:00", "wed:10:00-wed:11:00", true],
  ["windows apart", "03:00-04:00", "sun:05:00-sun:06:00", false],
])("%s: %s and %s", (_, daily, weekly, overlap) => {
  expect(windowsOverlap(daily, weekly)).toBe(overlap);
});

const database = (backupWindow: unknown, maintenanceWindow: unknown) =>
  problemsWith({
    "database.backupWindow": backupWindow,
    "database.maintenanceWindow": maintenanceWindow,
  });

test.each([
  ["03:00-04:00", "sun:04:00-sun:05:00"],
  ["23:45-00:15", "sun:23:00-sun:23:30"],
  ["03:00-03:30", "sun:23:30-mon:00:00"],
  ["03:00-03:30", "mon:04:00-tue:03:00"],
])("%s with %s is accepted", (daily, weekly) => {
  expect(database(daily, weekly)).toEqual([]);
});

const PLAIN = "mon:10:00-mon:11:00";
const DAILY_FORM = 'Use a daily window in UTC, such as "03:00-04:00".';
const WEEKLY_FORM = 'Use a weekly window in UTC, such as "sun:04:00-sun:05:00".';

test.each([
  [
    "3:00-4:00",
    PLAIN,
    `database.backupWindow: must be hh:mi-hh:mi in 24-hour UTC; got: "3:00-4:00". Did you mean "03:00-04:00"?`,
  ],
  [
    "3:00-3:10",
    PLAIN,
    `database.backupWindow: must be hh:mi-hh:mi in 24-hour UTC; got: "3:00-3:10". ${DAILY_FORM}`,
  ],
  [
    "24:00-01:00",
    PLAIN,
    `database.backupWindow: must be hh:mi-hh:mi in 24-hour UTC; got: "24:00-01:00". ${DAILY_FORM}`,
  ],
  [
    "03:00-03:29",
    PLAIN,
    'database.backupWindow: must last at least 30 minutes; got: "03:00-03:29". Set a later end.',
  ],
  [
    "03:00-04:00",
    "sunday:04:00-sun:05:00",
    `database.maintenanceWindow: must be ddd:hh:mi-ddd:hh:mi in 24-hour UTC, with days mon, tue, wed, thu, fri, sat, sun; got: "sunday:04:00-sun:05:00". Did you mean "sun:04:00-sun:05:00"?`,
  ],
  [
    "03:00-04:00",
    "Sun:4:00 - Sun:5:00",
    `database.maintenanceWindow: must be ddd:hh:mi-ddd:hh:mi in 24-hour UTC, with days mon, tue, wed, thu, fri, sat, sun; got: "Sun:4:00 - Sun:5:00". Did you mean "sun:04:00-sun:05:00"?`,
  ],
  [
    "03:00-04:00",
    "04:00-05:00",
    `database.maintenanceWindow: must be ddd:hh:mi-ddd:hh:mi in 24-hour UTC, with days mon, tue, wed, thu, fri, sat, sun; got: "04:00-05:00". ${WEEKLY_FORM}`,
  ],
  [
    "03:00-04:00",
    "Sun:04:00-Mon:04:00",
    `database.maintenanceWindow: must be ddd:hh:mi-ddd:hh:mi in 24-hour UTC, with days mon, tue, wed, thu, fri, sat, sun; got: "Sun:04:00-Mon:04:00". ${WEEKLY_FORM}`,
  ],
  [
    "03:00-04:00",
    "sun:04:00-sun:04:29",
    'database.maintenanceWindow: must last at least 30 minutes; got: "sun:04:00-sun:04:29". Set a later end.',
  ],
  [
    "03:00-04:00",
    "sun:04:00-mon:04:00",
    'database.maintenanceWindow: must last less than 24 hours; got: "sun:04:00-mon:04:00". Set an earlier end.',
  ],
  [
    "03:00-04:01",
    "sun:04:00-sun:05:00",
    'database.backupWindow: must not overlap maintenanceWindow "sun:04:00-sun:05:00"; got: "03:00-04:01". Move one of them. Their ends may touch.',
  ],
  [
    "03:00-04:00",
    undefined,
    'database.backupWindow: must be set together with maintenanceWindow: AWS picks a missing window at random, and the two may overlap; got: {"backupWindow":"03:00-04:00"}. Set both, or remove both.',
  ],
])("%s with %s is refused", (daily, weekly, message) => {
  expect(database(daily, weekly)).toContain(message);
});
