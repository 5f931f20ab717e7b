import { nearest, observationCatalog } from "@peerscope/observer";
import type {
  AnalysisReport,
  JsonValue,
  Observation,
  SampleRecord,
  SessionRecord,
  StatsObject,
} from "@peerscope/schema";
import { CliError } from "../errors.ts";
import type { Input } from "../input/read-input.ts";
import type { Rules } from "../input/rules.ts";

/** Before the start and after the end of a finding, ms: what it was judged against. */
const marginMs = 5000;

/** Samples that are printed in full for one finding. */
const samplesShown = 120;

/**
 * The samples behind every finding with this id: a line per sample with the members that the observation rests on, and what they
 * grew by since the sample before; events of its time in between.
 * @throws CliError `observation-unknown`
 */
export function explainObservation(
  id: string,
  report: AnalysisReport,
  inputs: readonly Input[],
  rules: Rules,
): string[] {
  const own = rules.extensions?.find(({ definition }) => definition.id === id)?.definition;
  const definition = rules.thresholds?.tuned.get(id) ?? own ?? observationCatalog.get(id);
  if (definition === undefined) {
    const known = [...observationCatalog.keys(), ...(rules.extensions ?? []).map((one) => one.definition.id)];
    throw new CliError("observation-unknown", `${id}: did you mean "${nearest(id, known) ?? ""}"?`);
  }
  const lines = [
    `${id}: ${definition.title}`,
    ...(definition.onText === ""
      ? []
      : [`  raised: ${definition.onText}`, `  let go: ${definition.clearText}`]),
    ...definition.levels.map(
      ({ severity, on, clear }) => `  ${severity}: above ${on} ${definition.unit}, until below ${clear}`,
    ),
  ];
  for (const session of report.sessions) {
    const records = inputs
      .flatMap((input) => input.sessions)
      .find((one) => one.sessionId === session.sessionId && one.peer === session.peer)?.records;
    const found = session.observations.filter((one) => one.id === id);
    lines.push("", `session ${session.sessionId}${session.peer === null ? "" : ` (${session.peer})`}`);
    if (found.length === 0) {
      const blind = session.verdict.missing.find(({ what }) => what === id);
      lines.push(blind === undefined ? "  not found" : `  ${blind.why}`);
    }
    for (const one of found) {
      lines.push(...explainFinding(one, definition.evidence, records ?? [], session.start));
    }
  }
  return lines;
}

function explainFinding(
  observation: Observation,
  names: readonly string[],
  records: readonly SessionRecord[],
  start: number,
): string[] {
  const { severity, startedAt, clearedAt, endReason, scope, peak } = observation;
  const clock = (at: number): string => ((at - start) / 1000).toFixed(1).padStart(7);
  const lines = [
    `  ${severity} from ${clock(startedAt).trim()} s to ${clearedAt === null ? "the end" : `${clock(clearedAt).trim()} s`}${endReason === null ? "" : ` (${endReason})`}`,
    ...(peak === null ? [] : [`  worst: ${show(peak.value)} ${peak.unit} at ${clock(peak.to).trim()} s`]),
  ];
  const until = (clearedAt ?? Number.POSITIVE_INFINITY) + marginMs;
  const before = new Map<string, StatsObject>();
  let shown = 0;
  let left = 0;
  for (const record of records) {
    if (record.at < startedAt - marginMs || record.at > until) continue;
    if (record.kind === "event") {
      if (record.connectionId === undefined || record.connectionId === scope.pcId) {
        lines.push(
          `  ${clock(record.at)} s   event ${record.name} ${JSON.stringify(record.data ?? {}).slice(0, 160)}`,
        );
      }
      continue;
    }
    if (record.kind !== "sample" || (scope.pcId !== undefined && record.connectionId !== scope.pcId))
      continue;
    const text = sampleText(record, names, scope, before);
    if (text === "") continue;
    shown += 1;
    if (shown > samplesShown) left += 1;
    else {
      const inside = record.at >= startedAt && record.at <= (clearedAt ?? Number.POSITIVE_INFINITY);
      lines.push(`  ${clock(record.at)} s ${inside ? "!" : " "} ${text}`);
    }
  }
  if (left > 0) lines.push(`  and ${left} more samples`);
  for (const { stat, field, value, unit, limit, from, to } of observation.evidence) {
    if (stat !== "derived" && stat !== "custom") continue;
    lines.push(
      `  ${field}: ${show(value)} ${unit}${limit === undefined ? "" : ` (limit ${limit})`}, ${clock(from).trim()} to ${clock(to).trim()} s`,
    );
  }
  return lines;
}

/** Members of the evidence in one sample, of the object that the finding is about. */
function sampleText(
  sample: SampleRecord,
  names: readonly string[],
  scope: Observation["scope"],
  before: Map<string, StatsObject>,
): string {
  const parts: string[] = [];
  for (const stats of sample.stats) {
    const fields = names
      .filter((name) => name.startsWith(`${stats.type}.`))
      .map((name) => name.slice(stats.type.length + 1));
    if (fields.length === 0 || !isAbout(stats, scope)) continue;
    const earlier = before.get(stats.id);
    before.set(stats.id, stats);
    for (const field of fields) {
      const value = stats[field];
      if (value === undefined) continue;
      parts.push(`${stats.type}.${field} ${show(value)}${grown(earlier?.[field], value)}`);
    }
  }
  return parts.join(", ");
}

/** Streams of another SSRC, kind or layer are not what the finding is about. */
function isAbout(stats: StatsObject, { ssrc, kind }: Observation["scope"]): boolean {
  if (ssrc !== undefined && stats["ssrc"] !== undefined) return stats["ssrc"] === ssrc;
  return kind === undefined || stats["kind"] === undefined || stats["kind"] === kind;
}

function grown(before: JsonValue | undefined, now: JsonValue): string {
  if (typeof before !== "number" || typeof now !== "number" || before === now) return "";
  const growth = now - before;
  return ` (${growth > 0 ? "+" : ""}${show(growth)})`;
}

function show(value: JsonValue): string {
  if (typeof value !== "number") return typeof value === "string" ? value : JSON.stringify(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}
