import { describeVerdict } from "@peerscope/observer";
import type { JsonValue, SessionAnalysis } from "@peerscope/schema";
import { candidatePairs, endWords } from "../session/connection/candidate-pairs.ts";
import { deviceHistory } from "../session/devices/device-list.ts";
import { mediaRequests } from "../session/devices/media-requests.ts";
import { streamsOf, type Stream } from "../session/streams/streams.ts";
import { causeWords, observationTitle } from "../words/causes.ts";
import { classWords, domainWords } from "../words/labels.ts";
import { short } from "../words/numbers.ts";
import { duration } from "../words/time.ts";
import type { EventRow, StatsSnapshot } from "../worker/messages.ts";

/** One session as far as it is compared. */
export interface ComparedSession {
  readonly analysis: SessionAnalysis;
  readonly events: readonly EventRow[];
  /** Latest reports of its connections; empty while they are read, and when there are none. */
  readonly reports: readonly StatsSnapshot[];
}

/** One thing that two sessions have, or of which one has another value. */
export interface DifferenceRow {
  readonly group: string;
  readonly name: string;
  /** Null: not told by the recording. */
  readonly a: string | null;
  readonly b: string | null;
  readonly isSame: boolean;
}

/** Everything in which two sessions may differ, in the order in which one would ask. */
export function differencesOf(a: ComparedSession, b: ComparedSession): DifferenceRow[] {
  const right = new Map(factsOf(b).map(({ group, name, value }) => [`${group}\n${name}`, value]));
  return factsOf(a).map(({ group, name, value }) => {
    const other = right.get(`${group}\n${name}`) ?? null;
    return { group, name, a: value, b: other, isSame: value === other };
  });
}

interface Fact {
  readonly group: string;
  readonly name: string;
  readonly value: string | null;
}

function factsOf({ analysis, events, reports }: ComparedSession): Fact[] {
  const { context, score, verdict, observations } = analysis;
  const streams = streamsOf(reports, () => null);
  const history = deviceHistory(events);
  const devices = (kind: string): string | null => {
    const types = history.list?.devices.filter((device) => device.kind === kind).map(({ type }) => type);
    return types === undefined ? null : listOf(types, "none");
  };
  const titles = observations
    .filter(({ severity }) => severity !== "info")
    .map(({ id }) => observationTitle(id));
  const isQuiet = verdict.statedCause === null && titles.length === 0;
  const pair = reports.flatMap(({ stats }) => candidatePairs(stats).filter(({ selected }) => selected))[0];
  const codecs = (direction: Stream["direction"], kind: Stream["kind"]): string | null =>
    listOf(
      streams.flatMap((one) => (one.direction === direction && one.kind === kind ? (one.codec ?? []) : [])),
      reports.length === 0 ? null : "none",
    );
  const implementations = (direction: Stream["direction"]): string | null =>
    listOf(
      streams.flatMap((one) =>
        one.direction === direction && one.kind === "video" ? (one.implementation ?? []) : [],
      ),
      null,
    );
  const facts = (group: string, values: Readonly<Record<string, string | null>>): Fact[] =>
    Object.entries(values).map(([name, value]) => ({ group, name, value }));
  return [
    ...facts("Outcome", {
      Score:
        score.value === null
          ? classWords[score.class]
          : `${Math.round(score.value)} ${classWords[score.class]}`,
      Cause: isQuiet
        ? causeWords({ ...verdict, observationIds: [], scoreClass: score.class }).what
        : describeVerdict(verdict, observations).headline,
      "Whose it was": isQuiet ? null : domainWords[verdict.faultDomain],
      "What was noticed": listOf(titles, "nothing"),
      Duration: duration(analysis.end - analysis.start),
    }),
    ...facts("Machine", {
      Browser: words(context["browserName"], context["browserVersion"]),
      System: words(context["osName"], context["osVersion"]),
      "SDK version": text(context["sdkVersion"]),
      "App version": text(tagsOf(context["tags"])["appVersion"]),
      Tags: tagWords(context["tags"]),
    }),
    ...facts("Devices", {
      Microphones: devices("audioinput"),
      Cameras: devices("videoinput"),
      Loudspeakers: devices("audiooutput"),
      "Asked of them": constraintsOf(events),
    }),
    ...facts("Path", {
      "This side": pair === undefined ? null : endWords(pair.local),
      "Far end": pair === undefined ? null : endWords(pair.remote),
      Network: pair === undefined ? null : pair.local.networkType,
      "Round trip at the end":
        pair === undefined || pair.roundTripTimeMs === null ? null : `${short(pair.roundTripTimeMs)} ms`,
    }),
    ...facts("Media", {
      "Sound sent": codecs("out", "audio"),
      "Sound received": codecs("in", "audio"),
      "Picture sent": codecs("out", "video"),
      "Picture received": codecs("in", "video"),
      "Size sent": pictures(streams, "out"),
      "Size received": pictures(streams, "in"),
      Encoder: implementations("out"),
      Decoder: implementations("in"),
      "Peer connections": String(analysis.counts.connections),
    }),
  ];
}

function pictures(streams: readonly Stream[], direction: Stream["direction"]): string | null {
  return listOf(
    streams.flatMap((one) =>
      one.direction === direction ? (one.picture?.replace(/ at .*$/, "") ?? []) : [],
    ),
    null,
  );
}

/** What getUserMedia was asked for first: that is what the call began with. */
function constraintsOf(events: readonly EventRow[]): string | null {
  const first = mediaRequests(events).find(({ method }) => method === "getUserMedia");
  return first === undefined || first.asked === null ? null : JSON.stringify(first.asked).slice(0, 300);
}

function listOf(values: readonly string[], none: string | null): string | null {
  return values.length === 0 ? none : [...new Set(values)].join(", ");
}

function text(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function words(...parts: readonly (JsonValue | undefined)[]): string | null {
  const told = parts.flatMap((part) => text(part) ?? []);
  return told.length === 0 ? null : told.join(" ");
}

function tagsOf(value: JsonValue | undefined): Readonly<Record<string, JsonValue>> {
  return typeof value !== "object" || value === null || Array.isArray(value)
    ? {}
    : (value as Readonly<Record<string, JsonValue>>);
}

function tagWords(value: JsonValue | undefined): string | null {
  const tags = Object.entries(tagsOf(value)).flatMap(([key, tag]) =>
    typeof tag === "string" && key !== "appVersion" ? [`${key}: ${tag}`] : [],
  );
  return listOf(tags.toSorted(), null);
}
