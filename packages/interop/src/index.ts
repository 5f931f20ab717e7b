export { getStatsLinesLimits, isGetStatsLines, readGetStatsLines } from "./getstats-lines/getstats-lines.ts";
export type { GetStatsLines, GetStatsSession, SkippedLine } from "./getstats-lines/getstats-lines.ts";
