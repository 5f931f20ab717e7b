import type { CallShare, DrySpan, StreamWindows } from "@peerscope/schema";
import { windowMs } from "./attribute/joins.ts";
import { topologyOf } from "./attribute/topology.ts";
import type { ConnectionInterval, InboundInterval, OutboundInterval } from "./derive/interval.ts";
import { endIsIntended, isScreenShare, isSpareLayer, sourceIsOff } from "./detect/guards.ts";
import type { Connection } from "./model/connection.ts";
import type { SessionModel } from "./model/session.ts";
import type { InboundStream, OutboundStream } from "./model/streams.ts";

/** Shortest time without a packet that is handed over, ms. Catalogue, sfu-forwarding-gap. */
const dryAfterMs = 5000;
/** Windows of all streams of a session together, spans of one stream, and windows between two measurements. Ours: bounds. */
const maximumWindows = 50_000;
const maximumSpans = 200;
const maximumJump = 8640;

/** What one stream did, window by window. */
interface Recorder {
  readonly windows: Omit<StreamWindows, "from" | "dry" | "level" | Column> & { [C in Column]: Cell[] };
  readonly energy: Cell[];
  readonly seconds: Cell[];
  readonly dry: DrySpan[];
  /** Number of the first window since 1970. */
  first: number;
  lostBefore: number | null;
  measuredTo: number;
  drySince: number | null;
  dryUntil: number;
  dryIntended: boolean;
}

type Column = "packets" | "lost" | "reported" | "bytes";
type Cell = number | null;

/** Gathers what the analysis of the call needs from one session, sample by sample. */
export interface CallShareCollector {
  /** After the streams were brought up to the end of the interval, before detectors take what they use once. */
  note(model: SessionModel, connection: Connection, interval: ConnectionInterval): void;
  result(model: SessionModel, start: number, lostAt: number | null): CallShare;
}

export function createCallShareCollector(): CallShareCollector {
  const recorders = new Map<string, Recorder>();
  let windows = 0;

  function recorderOf(stream: InboundStream | OutboundStream, at: number): Recorder | null {
    const { key, scope } = stream.subject;
    const known = recorders.get(key);
    if (known !== undefined) return known;
    if (windows >= maximumWindows) return null;
    const { kind } = stream;
    const opened: Recorder = {
      windows: {
        pcId: scope.pcId ?? "",
        direction: scope.direction ?? "inbound",
        kind,
        ssrc: scope.ssrc ?? null,
        mid: scope.mid ?? null,
        trackId: scope.trackId ?? null,
        packets: [],
        lost: [],
        reported: [],
        bytes: [],
      },
      energy: [],
      seconds: [],
      dry: [],
      first: Math.floor(at / windowMs),
      lostBefore: null,
      measuredTo: 0,
      drySince: null,
      dryUntil: 0,
      dryIntended: false,
    };
    recorders.set(key, opened);
    return opened;
  }

  /** Place of an instant in the columns; -1 when it has none. */
  function placeOf(recorder: Recorder, at: number): number {
    const place = Math.floor(at / windowMs) - recorder.first;
    const { packets } = recorder.windows;
    if (place < 0 || place - packets.length > maximumJump) return -1;
    while (packets.length <= place) {
      if (windows >= maximumWindows) return -1;
      windows += 1;
      packets.push(null);
      recorder.windows.lost.push(null);
      recorder.windows.reported.push(null);
      recorder.windows.bytes.push(null);
      recorder.energy.push(null);
      recorder.seconds.push(null);
    }
    return place;
  }

  function noteInbound(
    model: SessionModel,
    connection: Connection,
    stream: InboundStream,
    inbound: InboundInterval,
    { from, to }: ConnectionInterval,
  ): void {
    const middle = (from + to) / 2;
    const recorder = recorderOf(stream, middle);
    if (recorder === null) return;
    const place = placeOf(recorder, middle);
    if (place < 0) return;
    add(recorder.windows.packets, place, inbound.packetsReceived);
    add(recorder.windows.bytes, place, inbound.bytesReceived);
    if (stream.kind === "audio") {
      add(recorder.energy, place, inbound.totalAudioEnergy);
      add(recorder.seconds, place, inbound.totalSamplesDuration);
    }
    const { highestLost } = stream;
    if (highestLost !== null && inbound.packetsLost !== null) {
      // What was lost before the first interval is not of it.
      const before = recorder.lostBefore ?? highestLost - Math.max(0, inbound.packetsLost);
      add(recorder.windows.lost, place, Math.max(0, highestLost - before));
      recorder.lostBefore = highestLost;
    }
    const waits =
      connection.state === "connected" &&
      stream.lastPacketAt !== null &&
      !endIsIntended(model, connection, stream);
    if (inbound.packetsReceived === 0 && waits) extendDry(recorder, stream.lastPacketAt ?? from, to, false);
    else endDry(recorder);
  }

  function noteOutbound(
    model: SessionModel,
    connection: Connection,
    stream: OutboundStream,
    outbound: OutboundInterval,
    { from, to, outbound: all }: ConnectionInterval,
  ): void {
    const middle = (from + to) / 2;
    const recorder = recorderOf(stream, middle);
    if (recorder === null) return;
    const place = placeOf(recorder, middle);
    if (place < 0) return;
    add(recorder.windows.packets, place, outbound.packetsSent);
    add(recorder.windows.bytes, place, outbound.bytesSent);
    if (stream.kind === "audio" && outbound.source !== null) {
      add(recorder.energy, place, outbound.source.totalAudioEnergy);
      add(recorder.seconds, place, outbound.source.totalSamplesDuration);
    }
    const measured = stream.measuredLoss;
    if (measured !== null && measured.to > recorder.measuredTo) {
      recorder.measuredTo = measured.to;
      const where = placeOf(recorder, (measured.from + measured.to) / 2);
      if (where >= 0) {
        add(recorder.windows.reported, where, measured.sent);
        add(recorder.windows.lost, where, Math.max(0, measured.lost));
      }
    }
    if (outbound.packetsSent !== 0 || connection.state !== "connected" || !stream.everSent) {
      endDry(recorder);
      return;
    }
    const trackId = outbound.source?.now.trackId ?? null;
    const intended =
      outbound.now.active === false ||
      isSpareLayer(outbound, all) ||
      isScreenShare(model, stream) ||
      // Only a track that is known to be live and not muted should send.
      sourceIsOff(model, trackId) !== false;
    extendDry(recorder, from, to, intended);
  }

  return {
    note(model, connection, interval) {
      for (const inbound of interval.inbound) {
        const stream = connection.inbound.get(inbound.id);
        if (stream !== undefined) noteInbound(model, connection, stream, inbound, interval);
      }
      for (const outbound of interval.outbound) {
        const stream = connection.outbound.get(outbound.id);
        if (stream !== undefined) noteOutbound(model, connection, stream, outbound, interval);
      }
    },
    result(model, start, lostAt) {
      let attemptedAt: number | null = null;
      let connectedAt: number | null = null;
      for (const connection of model.connections.values()) {
        attemptedAt = earlier(attemptedAt, connection.attemptedAt);
        connectedAt = earlier(connectedAt, connection.connectedAt);
      }
      return {
        topology: topologyOf(model),
        joinedAt: [start, ...model.resumedAt],
        attemptedAt,
        connectedAt,
        lostAt,
        streams: [...recorders.values()].filter(hasMedia).map(windowsOf),
      };
    },
  };
}

function add(column: Cell[], place: number, value: number | null): void {
  if (value !== null && Number.isFinite(value)) column[place] = (column[place] ?? 0) + value;
}

function extendDry(recorder: Recorder, from: number, to: number, intended: boolean): void {
  if (recorder.drySince === null) {
    recorder.drySince = from;
    recorder.dryIntended = false;
  }
  recorder.dryUntil = to;
  if (intended) recorder.dryIntended = true;
}

function endDry(recorder: Recorder): void {
  const span = drySpan(recorder);
  if (span !== null && recorder.dry.length < maximumSpans) recorder.dry.push(span);
  recorder.drySince = null;
}

function drySpan({ drySince, dryUntil, dryIntended }: Recorder): DrySpan | null {
  if (drySince === null || dryUntil - drySince < dryAfterMs) return null;
  return { from: drySince, to: dryUntil, ...(dryIntended ? { intended: true } : {}) };
}

/** Streams that never carried a packet say nothing. */
function hasMedia({ windows }: Recorder): boolean {
  return windows.packets.some((packets) => packets !== null && packets > 0);
}

function windowsOf(recorder: Recorder): StreamWindows {
  const { windows, energy, seconds, dry, first } = recorder;
  const open = drySpan(recorder);
  const { packets, lost, reported, bytes } = windows;
  return {
    ...windows,
    from: first * windowMs,
    packets: packets.slice(),
    lost: lost.slice(),
    reported: windows.direction === "outbound" ? reported.slice() : [],
    bytes: bytes.slice(),
    level: windows.kind === "audio" ? energy.map((sum, place) => level(sum, seconds[place] ?? null)) : [],
    dry: open === null ? dry.slice() : [...dry, open],
  };
}

/** RMS from energy and time (W3C webrtc-stats, totalAudioEnergy). */
function level(energy: Cell, seconds: Cell): number | null {
  if (energy === null || seconds === null || seconds <= 0) return null;
  return Number(Math.sqrt(Math.max(0, energy) / seconds).toPrecision(3));
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
