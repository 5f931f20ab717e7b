import type { SessionFilterQuery, SessionSummary } from "@peerscope/schema/api";
import type { SessionReader } from "./session-list.ts";

export type ExportFormat = "csv" | "ndjson";

/** Sessions in one file. Ours: more than a spreadsheet is used for. */
export const maxExported = 100_000;
/** Sessions that are read at once. Ours. */
const pageSize = 5_000;

type CellValue = string | number | null;

const csvColumns: readonly (readonly [name: string, of: (session: SessionSummary) => CellValue])[] = [
  ["sessionId", (session) => session.sessionId],
  ["callId", (session) => session.callId],
  ["userId", (session) => session.userId],
  ["startedAt", (session) => new Date(session.startedAt).toISOString()],
  ["durationSeconds", (session) => (session.lastAt - session.startedAt) / 1_000],
  ["score", (session) => session.score],
  ["scoreClass", (session) => session.scoreClass],
  ["coverage", (session) => session.coverage],
  ["statedCause", (session) => session.statedCause],
  ["faultDomain", (session) => session.faultDomain],
  ["confidence", (session) => session.confidence],
  ["observations", (session) => session.observationIds.join(" ")],
  ["browser", (session) => session.browser],
  ["os", (session) => session.os],
  ["device", ({ traits }) => traits.device],
  ["country", ({ traits }) => traits.country],
  ["network", ({ traits }) => traits.network],
  ["paths", ({ traits }) => traits.paths.join(" ")],
  ["codecs", ({ traits }) => traits.codecs.join(" ")],
  ["appVersion", ({ traits }) => traits.appVersion],
  ["sdkVersion", ({ traits }) => traits.sdkVersion],
  ["tags", ({ tags }) => (Object.keys(tags).length === 0 ? null : JSON.stringify(tags))],
];

/** The file as pieces of text, newest sessions first. The next page is read when the one before was taken. */
export async function* exportSessions(
  reader: Pick<SessionReader, "list">,
  projectId: string,
  query: SessionFilterQuery & { readonly format: ExportFormat },
): AsyncGenerator<string> {
  const { format, ...filters } = query;
  if (format === "csv") yield `${csvColumns.map(([name]) => name).join(",")}\r\n`;
  let cursor: string | null = null;
  for (let left = maxExported; left > 0;) {
    const page = await reader.list(projectId, {
      ...filters,
      sort: "newest",
      limit: Math.min(pageSize, left),
      ...(cursor === null ? {} : { cursor }),
    });
    left -= page.sessions.length;
    yield page.sessions.map(format === "csv" ? toCsvLine : toJsonLine).join("");
    cursor = page.nextCursor;
    if (cursor === null) return;
  }
}

function toJsonLine(session: SessionSummary): string {
  return `${JSON.stringify(session)}\n`;
}

function toCsvLine(session: SessionSummary): string {
  return `${csvColumns.map(([, of]) => toCell(of(session))).join(",")}\r\n`;
}

/**
 * A cell as RFC 4180 writes it. What begins like a formula gets an apostrophe before it: spreadsheets would run it, and
 * clients choose these texts.
 */
export function toCell(value: CellValue): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const whole = /^[\s\0]*[=+\-@|]|^[\t\r\n\0]/.test(value) ? `'${value}` : value;
  // Where a decimal has a comma, spreadsheets take a cell apart at these.
  const safe = whole.replaceAll(/([;|\t])(?=[\s\0]*[=+\-@])/g, "$1'");
  return /[",;\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
