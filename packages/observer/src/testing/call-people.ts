import type { CallShare, Observation, SessionAnalysis, StreamWindows } from "@peerscope/schema";
import { buildCall, callStart } from "./call-builder.ts";

/** Start of the first window of a call made by hand. */
export const windowStart = Math.ceil(callStart / 10_000) * 10_000;

/** Unix ms of a second of such a call. */
export const second = (seconds: number): number => windowStart + seconds * 1000;

type Values = readonly (number | null)[];

/** The same value in so many windows. */
export const times = (count: number, value: number | null): (number | null)[] =>
  Array.from({ length: count }, () => value);

/** A received stream: loss in percent of 500 packets, window by window; null: nothing measured. */
export function received(
  ssrc: number,
  lossPercent: Values,
  change: Partial<StreamWindows> = {},
): StreamWindows {
  const lost = lossPercent.map((percent) => (percent === null ? null : percent * 5));
  return {
    pcId: "pc",
    direction: "inbound",
    kind: "audio",
    ssrc,
    mid: null,
    trackId: null,
    from: windowStart,
    packets: lost.map((count) => (count === null ? null : 500 - count)),
    lost,
    reported: [],
    bytes: lost.map((count) => (count === null ? null : 40_000)),
    level: lost.map((count) => (count === null ? null : 0.05)),
    dry: [],
    ...change,
  };
}

/** A sent stream: loss that its far end reported, in percent of 500 packets. */
export function sent(ssrc: number, lossPercent: Values, change: Partial<StreamWindows> = {}): StreamWindows {
  const lost = lossPercent.map((percent) => (percent === null ? null : percent * 5));
  return {
    ...received(ssrc, lossPercent),
    direction: "outbound",
    packets: lossPercent.map(() => 500),
    lost,
    reported: lost.map((count) => (count === null ? null : 500)),
    bytes: lossPercent.map(() => 40_000),
    level: lossPercent.map(() => 0.05),
    ...change,
  };
}

const empty = buildCall().run(3).analyse();

/** A person in a call made by hand; everything that is not given is a good session without observations. */
export function person(
  id: string,
  streams: readonly StreamWindows[],
  change: Partial<SessionAnalysis> & { readonly share?: Partial<CallShare> } = {},
): SessionAnalysis {
  const { share, ...rest } = change;
  const windows = streams.reduce((most, { packets }) => Math.max(most, packets.length), 0);
  return {
    ...empty,
    sessionId: id,
    userId: id,
    peer: null,
    start: windowStart,
    end: second(windows * 10),
    callShare: {
      topology: "server",
      joinedAt: [windowStart],
      attemptedAt: windowStart,
      connectedAt: windowStart,
      lostAt: null,
      streams,
      ...share,
    },
    ...rest,
  };
}

/** An observation of seconds `from` to `to`. */
export function noticed(
  id: string,
  from: number,
  to: number | null,
  change: Partial<Observation> = {},
): Observation {
  return {
    id,
    key: `${id}@${JSON.stringify(change.scope ?? {})}@${from}`,
    catalogVersion: "1",
    severity: "major",
    category: "network-downlink",
    startedAt: second(from),
    clearedAt: to === null ? null : second(to),
    endReason: to === null ? null : "cleared",
    peak: null,
    evidence: [],
    counter: [],
    missing: [],
    domainHint: "unknown",
    parentId: null,
    verdict: null,
    ...change,
    scope: { sessionId: "s", participantId: null, pcId: "pc", ...change.scope },
  };
}

/** Loss in percent of each sender at each receiver, of the same for all windows given by `bad` and 0 elsewhere; over a server. */
export function room(
  loss: readonly (readonly (number | null)[])[],
  {
    windows = 6,
    bad = [2, 3],
    uplinks = [],
    topology = "server",
  }: {
    readonly windows?: number;
    readonly bad?: readonly number[];
    readonly uplinks?: readonly (number | null)[];
    readonly topology?: CallShare["topology"];
  } = {},
): SessionAnalysis[] {
  const series = (percent: number | null): (number | null)[] =>
    Array.from({ length: windows }, (_, index) => (percent === null || bad.includes(index) ? percent : 0));
  return loss.map((row, index) =>
    person(
      `p${index}`,
      [
        ...(row.some((value) => value !== null)
          ? [
              sent(index + 1, series(uplinks[index] === undefined ? 0 : (uplinks[index] ?? null)), {
                trackId: `track-${index}`,
              }),
            ]
          : []),
        ...loss.flatMap((other, sender) => {
          const percent = other[index] ?? null;
          return sender === index || percent === null
            ? []
            : [received(100 * (sender + 1) + index, series(percent), { trackId: `track-${sender}` })];
        }),
      ],
      { share: { topology } },
    ),
  );
}
