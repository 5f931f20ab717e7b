/** Times as people read them. Input is Unix milliseconds for instants, seconds for positions in a session. */

/** In whose time an instant is written. */
export type Zone = "local" | "utc";

/** Whether positions in a session are counted from its start or told by the clock. */
export type Axis = "rel" | "abs";

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let known = formatters.get(key);
  if (known === undefined) {
    known = new Intl.DateTimeFormat("en-GB", {
      ...options,
      ...(zone === "utc" ? { timeZone: "UTC" } : {}),
      hourCycle: "h23",
    });
    formatters.set(key, known);
  }
  return known;
}

/** "14:02:11" */
export function clock(at: number, zone: Zone): string {
  return formatter(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

/** "Tue 24 Nov" or, in another year, "24 Nov 2025" */
export function day(at: number, now: number, zone: Zone): string {
  const year = (instant: number): string => formatter(zone, { year: "numeric" }).format(instant);
  return year(at) === year(now)
    ? formatter(zone, { weekday: "short", day: "numeric", month: "short" }).format(at).replace(",", "")
    : formatter(zone, { day: "numeric", month: "short", year: "numeric" }).format(at);
}

/** "today 14:02", "yesterday 14:02", "Tue 17 Nov 14:02" */
export function when(at: number, now: number, zone: Zone): string {
  const time = formatter(zone, { hour: "2-digit", minute: "2-digit" }).format(at);
  const date = (instant: number): string =>
    formatter(zone, { day: "2-digit", month: "2-digit", year: "numeric" }).format(instant);
  if (date(at) === date(now)) return `today ${time}`;
  if (date(at) === date(now - 86_400_000)) return `yesterday ${time}`;
  return `${day(at, now, zone)} ${time}`;
}

/** "0:42", "24:10", from an hour on "7 h 12 min" */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** "4 s ago", "3 min ago", "2 h ago", "5 d ago" */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Position in a session: "03:10", "1:03:10", with tenths "03:10.4" */
export function position(seconds: number, tenths = false): string {
  const sign = seconds < 0 ? "-" : "";
  const total = tenths ? Math.round(Math.abs(seconds) * 10) / 10 : Math.round(Math.abs(seconds));
  const h = Math.floor(total / 3600);
  const m = Math.floor((total % 3600) / 60);
  const s = total % 60;
  const secondsText = tenths ? s.toFixed(1).padStart(4, "0") : String(s).padStart(2, "0");
  const minutesText = String(m).padStart(2, "0");
  return h > 0 ? `${sign}${h}:${minutesText}:${secondsText}` : `${sign}${minutesText}:${secondsText}`;
}

/** A position in a session on the axis the reader chose. */
export function onAxis(seconds: number, start: number, axis: Axis, zone: Zone, tenths = false): string {
  return axis === "rel" ? position(seconds, tenths) : clock(start + seconds * 1000, zone);
}

const steps = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200,
  86_400,
];

/**
 * Round positions between two times, in seconds, at most one per `minPx` pixels.
 * With `offset` (seconds of the day at position 0) they are round on the clock instead of since the start.
 */
export function timeTicks(from: number, to: number, widthPx: number, minPx = 84, offset = 0): number[] {
  const span = to - from;
  if (!(span > 0) || widthPx <= 0) return [];
  const step = steps.find((candidate) => (candidate / span) * widthPx >= minPx) ?? 86_400;
  const ticks: number[] = [];
  for (let i = Math.ceil((from + offset) / step - 1e-9); i * step - offset <= to + 1e-9; i++) {
    ticks.push(Number((i * step - offset).toFixed(3)));
  }
  return ticks;
}
