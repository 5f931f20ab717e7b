import type { CallShare, DrySpan, StreamWindows } from "@peerscope/schema";
import { windowMs } from "./attribute/joins.ts";
import { topologyOf } from "./attribute/topology.ts";
import type { InboundInterval } from "./derive/inbound-interval.ts";
import type { ConnectionInterval } from "./derive/interval.ts";
import type { OutboundInterval } from "./derive/outbound-interval.ts";
import { endIsIntended, isScreenShare, isSpareLayer, sourceIsOff } from "./detect/guards.ts";
import type { Connection } from "./model/connection.ts";
import type { SessionModel } from "./model/session.ts";
import type { InboundStream, OutboundStream, Subject } from "./model/streams.ts";
import { type ColumnKind, PackedTable } from "./pack/packed-table.ts";
import { SmallMap } from "./pack/small-map.ts";

/** Shortest time without a packet that is handed over, ms. Catalogue, sfu-forwarding-gap. */
const dryAfterMs = 5000;
/** Windows of all streams of a session together, spans of one stream, and windows between two measurements. Ours: bounds. */
const maximumWindows = 50_000;
const maximumSpans = 200;
const maximumJump = 8640;

/** What one stream did, window by window. */
interface Recorder {
  readonly scope: Subject["scope"];
  readonly kind: "audio" | "video";
  readonly windows: PackedTable;
  /** Number of the first window since 1970. */
  readonly first: number;
  hasMedia: boolean;
  /** The window that is measured now, and the sums over it; they go to its row when another one is measured. */
  place: number;
  packets: number | null;
  bytes: number | null;
  lost: number | null;
  reported: number | null;
  energy: number | null;
  seconds: number | null;
  /** The latest window that was measured. */
  lastPlace: number;
  dry: readonly DrySpan[];
  lostBefore: number | null;
  measuredTo: number;
  drySince: number | null;
  dryUntil: number;
  dryIntended: boolean;
}

/** Columns of the windows; a received picture has the first three, a received sound one more. */
const column = { packets: 0, bytes: 1, lost: 2, level: 3, reported: 4 } as const;
const receivedPicture: readonly ColumnKind[] = ["count", "count", "count"];
const receivedSound: readonly ColumnKind[] = [...receivedPicture, "three-digits"];
const sentSound: readonly ColumnKind[] = [...receivedSound, "count"];
/** Its level stays empty. */
const sentPicture: readonly ColumnKind[] = [...receivedPicture, "count", "count"];

const noSpans: readonly DrySpan[] = [];

/** What the state of a session refers to and all sessions share. */
export const callShareConstants: readonly object[] = [receivedPicture, receivedSound, sentSound, sentPicture];

/** Gathers what the analysis of the call needs from one session, sample by sample. */
export class CallShareWindows {
  private readonly recorders = new SmallMap<string, Recorder>();
  private windowCount = 0;

  private recorderOf(stream: InboundStream | OutboundStream, at: number): Recorder | null {
    const { key, scope } = stream.subject;
    const known = this.recorders.get(key);
    if (known !== undefined) return known;
    if (this.windowCount >= maximumWindows) return null;
    const { kind } = stream;
    const sound = kind === "audio";
    const sent = scope.direction === "outbound";
    const opened: Recorder = {
      scope,
      kind,
      windows: new PackedTable(
        sent ? (sound ? sentSound : sentPicture) : sound ? receivedSound : receivedPicture,
      ),
      first: Math.floor(at / windowMs),
      hasMedia: false,
      place: -1,
      packets: null,
      bytes: null,
      lost: null,
      reported: null,
      energy: null,
      seconds: null,
      lastPlace: -1,
      dry: noSpans,
      lostBefore: null,
      measuredTo: 0,
      drySince: null,
      dryUntil: 0,
      dryIntended: false,
    };
    this.recorders.set(key, opened);
    return opened;
  }

  /** Place of an instant in the columns; -1 when it has none. */
  private placeOf(recorder: Recorder, at: number): number {
    const place = Math.floor(at / windowMs) - recorder.first;
    const { windows: table } = recorder;
    if (place < 0 || place - table.rows > maximumJump) return -1;
    while (table.rows <= place) {
      if (this.windowCount >= maximumWindows) return -1;
      this.windowCount += 1;
      table.addRow();
    }
    return place;
  }

  private noteInbound(
    model: SessionModel,
    connection: Connection,
    stream: InboundStream,
    inbound: InboundInterval,
    { from, to }: ConnectionInterval,
  ): void {
    const middle = (from + to) / 2;
    const recorder = this.recorderOf(stream, middle);
    if (recorder === null) return;
    const place = this.placeOf(recorder, middle);
    if (place < 0) return;
    turnTo(recorder, place);
    addPackets(recorder, inbound.packetsReceived, inbound.bytesReceived);
    addSound(recorder, inbound.totalAudioEnergy, inbound.totalSamplesDuration);
    const { highestLost } = stream;
    if (highestLost !== null && inbound.packetsLost !== null) {
      // What was lost before the first interval is not of it.
      const before = recorder.lostBefore ?? highestLost - Math.max(0, inbound.packetsLost);
      recorder.lost = sum(recorder.lost, Math.max(0, highestLost - before));
      recorder.lostBefore = highestLost;
    }
    const waits =
      connection.state === "connected" &&
      stream.lastPacketAt !== null &&
      !endIsIntended(model, connection, stream);
    if (inbound.packetsReceived === 0 && waits) extendDry(recorder, stream.lastPacketAt ?? from, to, false);
    else endDry(recorder);
  }

  private noteOutbound(
    model: SessionModel,
    connection: Connection,
    stream: OutboundStream,
    outbound: OutboundInterval,
    { from, to, outbound: all }: ConnectionInterval,
  ): void {
    const middle = (from + to) / 2;
    const recorder = this.recorderOf(stream, middle);
    if (recorder === null) return;
    const place = this.placeOf(recorder, middle);
    if (place < 0) return;
    turnTo(recorder, place);
    addPackets(recorder, outbound.packetsSent, outbound.bytesSent);
    const { source } = outbound;
    if (source !== null) addSound(recorder, source.totalAudioEnergy, source.totalSamplesDuration);
    const measured = stream.measuredLoss;
    if (measured !== null && measured.to > recorder.measuredTo) {
      recorder.measuredTo = measured.to;
      const where = this.placeOf(recorder, (measured.from + measured.to) / 2);
      if (where >= 0) addReported(recorder, where, measured.sent, Math.max(0, measured.lost));
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

  /** After the streams were brought up to the end of the interval, before detectors take what they use once. */
  note(model: SessionModel, connection: Connection, interval: ConnectionInterval): void {
    for (const inbound of interval.inbound) {
      const { stream } = inbound;
      this.noteInbound(model, connection, stream, inbound, interval);
    }
    for (const outbound of interval.outbound) {
      const { stream } = outbound;
      this.noteOutbound(model, connection, stream, outbound, interval);
    }
  }

  result(model: SessionModel, start: number, lostAt: number | null): CallShare {
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
      // Streams that never carried a packet say nothing.
      streams: [...this.recorders.values()].filter(({ hasMedia }) => hasMedia).map(windowsOf),
    };
  }
}

/** Puts the sums of the window that was measured into its row, and goes on with those of another one. */
function turnTo(recorder: Recorder, place: number): void {
  if (place === recorder.place) return;
  keepSums(recorder);
  const { windows } = recorder;
  recorder.place = place;
  recorder.lastPlace = Math.max(recorder.lastPlace, place);
  recorder.packets = windows.get(place, column.packets);
  recorder.bytes = windows.get(place, column.bytes);
  recorder.lost = windows.get(place, column.lost);
  recorder.reported = windows.get(place, column.reported);
  recorder.energy = null;
  recorder.seconds = null;
}

function keepSums({ windows, place, packets, bytes, lost, reported, energy, seconds }: Recorder): void {
  windows.set(place, column.packets, packets);
  windows.set(place, column.bytes, bytes);
  windows.set(place, column.lost, lost);
  windows.set(place, column.reported, reported);
  if (energy !== null) windows.set(place, column.level, level(energy, seconds));
}

function addPackets(recorder: Recorder, packets: number | null, bytes: number | null): void {
  recorder.packets = sum(recorder.packets, packets);
  recorder.bytes = sum(recorder.bytes, bytes);
  if (packets !== null && packets > 0) recorder.hasMedia = true;
}

/** Loss that the far end reports is mostly of an earlier window than the one that is measured. */
function addReported(recorder: Recorder, place: number, sent: number, lost: number): void {
  if (place === recorder.place) {
    recorder.reported = sum(recorder.reported, sent);
    recorder.lost = sum(recorder.lost, lost);
    return;
  }
  const { windows } = recorder;
  windows.set(place, column.reported, sum(windows.get(place, column.reported), sent));
  windows.set(place, column.lost, sum(windows.get(place, column.lost), lost));
}

/** Of the latest window only: a level cannot be added to when a clock is set back. */
function addSound(recorder: Recorder, energy: number | null, seconds: number | null): void {
  if (recorder.kind !== "audio" || recorder.place < recorder.lastPlace) return;
  recorder.energy = sum(recorder.energy, energy);
  recorder.seconds = sum(recorder.seconds, seconds);
}

function sum(known: number | null, value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? known : (known ?? 0) + value;
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
  if (span !== null && recorder.dry.length < maximumSpans) recorder.dry = [...recorder.dry, span];
  recorder.drySince = null;
}

function drySpan({ drySince, dryUntil, dryIntended }: Recorder): DrySpan | null {
  if (drySince === null || dryUntil - drySince < dryAfterMs) return null;
  return { from: drySince, to: dryUntil, ...(dryIntended ? { intended: true } : {}) };
}

function windowsOf(recorder: Recorder): StreamWindows {
  const { scope, kind, windows, dry, first } = recorder;
  keepSums(recorder);
  const open = drySpan(recorder);
  return {
    pcId: scope.pcId ?? "",
    direction: scope.direction ?? "inbound",
    kind,
    ssrc: scope.ssrc ?? null,
    mid: scope.mid ?? null,
    trackId: scope.trackId ?? null,
    packets: windows.column(column.packets),
    lost: windows.column(column.lost),
    reported: scope.direction === "outbound" ? windows.column(column.reported) : [],
    bytes: windows.column(column.bytes),
    from: first * windowMs,
    level: kind === "audio" ? windows.column(column.level) : [],
    dry: open === null ? dry : [...dry, open],
  };
}

/** RMS from energy and time (W3C webrtc-stats, totalAudioEnergy). */
function level(energy: number | null, seconds: number | null): number | null {
  if (energy === null || seconds === null || seconds <= 0) return null;
  return Number(Math.sqrt(Math.max(0, energy) / seconds).toPrecision(3));
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
