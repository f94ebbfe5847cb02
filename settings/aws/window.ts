import { z } from "zod";
import { rule } from "../../validation/rule";
import { didYouMean } from "../../validation/suggestion";

const MINUTES_PER_DAY = 24 * 60;
const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const TIME = "([01][0-9]|2[0-3]):([0-5][0-9])";
const DAILY = new RegExp(`^${TIME}-${TIME}$`);
const WEEKLY = new RegExp(`^(${DAYS.join("|")}):${TIME}-(${DAYS.join("|")}):${TIME}$`);

/** A part of the week, in minutes since Monday 00:00 UTC. It may extend past the end of the week. */
interface Span {
  readonly start: number;
  readonly minutes: number;
}

function minuteOfDay(hours: string | undefined, minutes: string | undefined): number {
  return Number(hours) * 60 + Number(minutes);
}

/** The length from start to end on a ring: equal ends are a full turn. */
function turn(start: number, end: number, ring: number): number {
  return (end - start + ring) % ring || ring;
}

function dailySpan(window: string): Span | undefined {
  const [, startHour, startMinute, endHour, endMinute] = DAILY.exec(window) ?? [];
  const start = minuteOfDay(startHour, startMinute);
  const minutes = turn(start, minuteOfDay(endHour, endMinute), MINUTES_PER_DAY);
  return Number.isNaN(start) ? undefined : { start, minutes };
}

function weeklySpan(window: string): Span | undefined {
  const [, startDay, startHour, startMinute, endDay, endHour, endMinute] =
    WEEKLY.exec(window) ?? [];
  const start =
    DAYS.indexOf(startDay ?? "") * MINUTES_PER_DAY + minuteOfDay(startHour, startMinute);
  const end = DAYS.indexOf(endDay ?? "") * MINUTES_PER_DAY + minuteOfDay(endHour, endMinute);
  return Number.isNaN(start) ? undefined : { start, minutes: turn(start, end, MINUTES_PER_WEEK) };
}

/**
 * Whether a daily window and a weekly window share a minute, on the ring of a week.
 * Touching ends do not overlap: AWS accepts `03:00-04:00` with `sun:04:00-sun:05:00`.
 * Malformed windows do not overlap.
 */
export function windowsOverlap(daily: string, weekly: string): boolean {
  const day = dailySpan(daily);
  const week = weeklySpan(weekly);
  if (!day || !week) {
    return false;
  }
  return DAYS.some((_, index) => {
    const start = day.start + index * MINUTES_PER_DAY;
    const ahead = (week.start - start + MINUTES_PER_WEEK) % MINUTES_PER_WEEK;
    const behind = (start - week.start + MINUTES_PER_WEEK) % MINUTES_PER_WEEK;
    return ahead < day.minutes || behind < week.minutes;
  });
}

/** `sunday:4:00-sunday:5:00` in AWS's format, or undefined if the result would not be accepted. */
function repaired(window: string, accepts: (window: string) => boolean): string | undefined {
  const written = window
    .toLowerCase()
    .replaceAll(/\s/g, "")
    .replaceAll(/\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*/g, "$1")
    .replaceAll(/\b([0-9]):/g, "0$1:");
  return accepts(written) ? written : undefined;
}

const DAILY_WINDOW = 'a daily window in UTC, such as "03:00-04:00"';
const WEEKLY_WINDOW = 'a weekly window in UTC, such as "sun:04:00-sun:05:00"';

/** A window that repeats daily, `hh:mi-hh:mi` in UTC; it may pass midnight. */
export function dailyWindow(minimumMinutes: number) {
  const accepts = (window: string) => (dailySpan(window)?.minutes ?? 0) >= minimumMinutes;
  return z
    .string()
    .check(
      rule<string>({
        holds: (window) => dailySpan(window) !== undefined,
        must: "must be hh:mi-hh:mi in 24-hour UTC",
        instead: (window) => didYouMean(repaired(window, accepts), `Use ${DAILY_WINDOW}.`),
      }),
      rule<string>({
        holds: (window) => (dailySpan(window)?.minutes ?? minimumMinutes) >= minimumMinutes,
        must: `must last at least ${minimumMinutes} minutes`,
        instead: "Set a later end.",
      }),
    )
    .meta({ pattern: DAILY.source })
    .describe(DAILY_WINDOW);
}

/** A window that repeats weekly, `ddd:hh:mi-ddd:hh:mi` in UTC; it may pass from Sunday to Monday. */
export function weeklyWindow(minimumMinutes: number) {
  const accepts = (window: string) => {
    const minutes = weeklySpan(window)?.minutes ?? 0;
    return minutes >= minimumMinutes && minutes < MINUTES_PER_DAY;
  };
  return z
    .string()
    .check(
      rule<string>({
        holds: (window) => weeklySpan(window) !== undefined,
        must: `must be ddd:hh:mi-ddd:hh:mi in 24-hour UTC, with days ${DAYS.join(", ")}`,
        instead: (window) => didYouMean(repaired(window, accepts), `Use ${WEEKLY_WINDOW}.`),
      }),
      rule<string>({
        holds: (window) => (weeklySpan(window)?.minutes ?? minimumMinutes) >= minimumMinutes,
        must: `must last at least ${minimumMinutes} minutes`,
        instead: "Set a later end.",
      }),
      rule<string>({
        holds: (window) => (weeklySpan(window)?.minutes ?? 0) < MINUTES_PER_DAY,
        must: "must last less than 24 hours",
        instead: "Set an earlier end.",
      }),
    )
    .meta({ pattern: WEEKLY.source })
    .describe(WEEKLY_WINDOW);
}
