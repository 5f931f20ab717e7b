import type { Zone } from "../words/time.ts";

/** A stretch of time: from the first millisecond to before the last. Unix ms. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** What was typed, with the days taken out of it. */
export interface DayWords {
  /** Null when no day was named. */
  readonly span: TimeSpan | null;
  readonly rest: string;
}

const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const hourMs = 3_600_000;
/** People tell when it was bad; the session began before that, or they are a little off. Ours. */
const aroundMs = { before: 2 * hourMs, after: hourMs } as const;

const names = (all: readonly string[]): string =>
  all.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join("|");
const monthNames = names(months);
const date = [
  "(?<relative>today|yesterday)",
  `(?:last\\s+)?(?<weekday>${names(weekdays)})`,
  "(?<iso>\\d{4}-\\d{2}-\\d{2})",
  `(?<day>\\d{1,2})\\s+(?<month>${monthNames})(?:\\s+(?<year>\\d{4}))?`,
  `(?<month2>${monthNames})\\s+(?<day2>\\d{1,2})(?:\\s+(?<year2>\\d{4}))?`,
].join("|");
const clockTime = "(?:\\s+(?:at\\s+|around\\s+)?(?<hour>[01]?\\d|2[0-3]):(?<minute>[0-5]\\d))?";
const pattern = new RegExp(`(?<=^|\\s)(?:${date})${clockTime}(?=$|\\s)`, "i");

/**
 * Finds the day that was meant: "yesterday", "Monday", "2026-11-20", "20 Nov", each also with a time of day: "yesterday 14:00" is the
 * time from two hours before it to one hour after it. A weekday or a date without year is the last one that was. Only the first day
 * counts; what is no day, or a day that no calendar has, stays text.
 */
export function readDays(text: string, now: number, zone: Zone): DayWords {
  const match = pattern.exec(text);
  const start = match === null ? null : dayOf(match.groups ?? {}, now, zone);
  if (match === null || start === null) return { span: null, rest: text };
  const rest = `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`
    .trim()
    .replaceAll(/\s+/g, " ");
  const { hour, minute } = match.groups ?? {};
  if (hour === undefined)
    return { span: { from: startOf(start, zone), to: startOf(next(start, 1), zone) }, rest };
  const at = startOf(start, zone, Number(hour), Number(minute));
  return { span: { from: at - aroundMs.before, to: at + aroundMs.after }, rest };
}

/** A day of the calendar; days before the first and after the last of a month are those of its neighbours. */
interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

type Groups = Readonly<Record<string, string | undefined>>;

function dayOf(groups: Groups, now: number, zone: Zone): CalendarDay | null {
  const today = calendarDay(now, zone);
  const relative = groups["relative"]?.toLowerCase();
  if (relative !== undefined) return next(today, relative === "today" ? 0 : -1);
  const weekday = groups["weekday"]?.toLowerCase();
  if (weekday !== undefined) {
    const wanted = weekdays.findIndex((name) => name.startsWith(weekday.slice(0, 3)));
    const current = new Date(Date.UTC(today.year, today.month, today.day)).getUTCDay();
    return next(today, -((current - wanted + 7) % 7));
  }
  if (groups["iso"] !== undefined) {
    const [year = 0, month = 0, day = 0] = groups["iso"].split("-").map(Number);
    return existing({ year, month: month - 1, day });
  }
  const monthName = (groups["month"] ?? groups["month2"] ?? "").toLowerCase().slice(0, 3);
  const month = months.findIndex((name) => name.startsWith(monthName));
  const day = Number(groups["day"] ?? groups["day2"]);
  const year = groups["year"] ?? groups["year2"];
  if (year !== undefined) return existing({ year: Number(year), month, day });
  const thisYear = { year: today.year, month, day };
  const isAhead = startOf(thisYear, zone) > now;
  return existing(isAhead ? { ...thisYear, year: today.year - 1 } : thisYear);
}

function calendarDay(at: number, zone: Zone): CalendarDay {
  const moment = new Date(at);
  return zone === "utc"
    ? { year: moment.getUTCFullYear(), month: moment.getUTCMonth(), day: moment.getUTCDate() }
    : { year: moment.getFullYear(), month: moment.getMonth(), day: moment.getDate() };
}

const next = ({ year, month, day }: CalendarDay, days: number): CalendarDay => ({
  year,
  month,
  day: day + days,
});

function existing(asked: CalendarDay): CalendarDay | null {
  const moment = new Date(Date.UTC(asked.year, asked.month, asked.day));
  return moment.getUTCMonth() === asked.month && moment.getUTCDate() === asked.day ? asked : null;
}

/** The calendar knows how long a day is: with summer time not always 24 hours. */
function startOf({ year, month, day }: CalendarDay, zone: Zone, hour = 0, minute = 0): number {
  return zone === "utc"
    ? Date.UTC(year, month, day, hour, minute)
    : new Date(year, month, day, hour, minute).getTime();
}
