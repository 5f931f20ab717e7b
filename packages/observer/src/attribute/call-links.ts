import type { Observation, SessionAnalysis } from "@peerscope/schema";
import type { SessionLink } from "../detect/call-detector.ts";
import type { Leg } from "./joins.ts";
import { senderRows } from "./parents-table.ts";

/** A parent may begin this much later than its effect: one window. Catalogue 3.2 and 4. */
const laterMs = 10_000;
/** So much of an effect must lie in the time of its cause. Catalogue, remote-capture-problem. */
const overlapShare = 0.5;
/** So much of the receiver's loss must be the sender's. Catalogue, remote-uplink-problem. */
const lossShare = 0.5;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** When an observation lasted; what is open lasts until the end of its session. */
export function spanOf({ startedAt, clearedAt }: Observation, session: SessionAnalysis | undefined): Span {
  return { from: startedAt, to: Math.max(startedAt, clearedAt ?? session?.end ?? startedAt) };
}

export function overlapMs(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

interface Joined {
  readonly sessions: readonly SessionAnalysis[];
  readonly legs: readonly Leg[];
  readonly overServer: boolean;
}

interface Row {
  readonly rank: number;
  readonly through: SessionLink["through"];
}

/** By effect, then by cause. */
const rowsOf = new Map<string, Map<string, Row>>();
for (const [rank, { through, causes, effects }] of senderRows.entries()) {
  for (const effect of effects) {
    const known = rowsOf.get(effect) ?? new Map<string, Row>();
    for (const cause of causes) if (!known.has(cause)) known.set(cause, { rank, through });
    rowsOf.set(effect, known);
  }
}

/** Attaches what people noticed, and nothing of their own explains, to what was recorded at those who sent it (catalogue section 4). */
export function linkSessions(joined: Joined): SessionLink[] {
  const links: SessionLink[] = [];
  for (const [receiver, { observations }] of joined.sessions.entries()) {
    for (const effect of observations) {
      if (effect.severity === "info" || effect.parentId !== null) continue;
      const rows = rowsOf.get(effect.id);
      if (rows === undefined || effect.scope.direction === "outbound") continue;
      const link = bestCause(joined, receiver, effect, rows);
      if (link !== null) links.push(link);
    }
  }
  return links;
}

function bestCause(
  joined: Joined,
  receiver: number,
  effect: Observation,
  rows: ReadonlyMap<string, Row>,
): SessionLink | null {
  const { sessions, overServer } = joined;
  const span = spanOf(effect, sessions[receiver]);
  let best: (SessionLink & Row) | null = null;
  const possible = new Set<number>();
  for (const [sender, session] of sessions.entries()) {
    if (sender === receiver) continue;
    for (const cause of session.observations) {
      const row = rows.get(cause.id);
      if (row === undefined || cause.severity === "info" || cause.scope.direction === "inbound") continue;
      if (!sameKind(cause, effect) || !explainsInTime(spanOf(cause, session), span)) continue;
      if (row.through === "uplink" && !explainsLoss(cause, effect)) continue;
      const relation = relate(joined, sender, cause, receiver, effect);
      if (relation === "other") continue;
      if (relation === "perhaps") possible.add(sender);
      const through = row.through === "device" ? "device" : overServer ? "uplink" : "path";
      const link = { receiver, effect, sender, cause, through, rank: row.rank } as const;
      if (best === null || isBetter(link, best)) best = link;
    }
  }
  if (best === null) return null;
  if (possible.size > 0 && !isTheOnly(joined, best, possible.size)) return null;
  // Of all that arrives only some is bad: the way in is not in question. All of it bad: it is, whoever sends.
  if (best.through === "uplink" && othersEquallyBad(joined, best)) return null;
  const { sender, cause, through } = best;
  return { receiver, effect, sender, cause, through };
}

function isBetter(a: SessionLink & Row, b: SessionLink & Row): boolean {
  if (a.cause.startedAt !== b.cause.startedAt) return a.cause.startedAt < b.cause.startedAt;
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.sender === b.sender ? a.cause.key < b.cause.key : a.sender < b.sender;
}

/** Sound and picture do not explain each other; what names neither is about both. */
function sameKind(cause: Observation, effect: Observation): boolean {
  const kind = kindOf(cause);
  const other = kindOf(effect);
  return kind === null || other === null || kind === other;
}

function kindOf({ id, scope }: Observation): "audio" | "video" | null {
  if (scope.kind !== undefined) return scope.kind;
  if (id.startsWith("microphone") || id.includes("audio")) return "audio";
  return id.startsWith("camera") || id.startsWith("video") ? "video" : null;
}

function explainsInTime(cause: Span, effect: Span): boolean {
  if (cause.from > effect.from + laterMs || cause.to < effect.from) return false;
  return overlapMs(cause, effect) >= overlapShare * (effect.to - effect.from);
}

/** Losses can be compared, other effects only in time. */
function explainsLoss(cause: Observation, effect: Observation): boolean {
  if (cause.id !== "uplink-loss" || !effect.id.startsWith("downlink-loss")) return true;
  return Number(cause.peak?.value ?? 0) >= lossShare * Number(effect.peak?.value ?? 0);
}

/** Does the media of the effect come from that sender, over what the cause is about? */
function relate(
  { sessions, legs, overServer }: Joined,
  sender: number,
  cause: Observation,
  receiver: number,
  effect: Observation,
): "same" | "perhaps" | "other" {
  const { ssrc, pcId } = effect.scope;
  const toReceiver = legs.filter((leg) => leg.receiver === receiver);
  const own =
    ssrc === undefined
      ? toReceiver
      : toReceiver.filter(({ received }) => received.ssrc === ssrc && received.pcId === pcId);
  if (own.length === 0) return sessions.length === 2 && !overServer ? "same" : "perhaps";
  const fits = own.some(
    (leg) =>
      leg.sender === sender &&
      // Of several direct connections only the one between the two is meant.
      (overServer ||
        cause.scope.pcId === undefined ||
        leg.sent.some((sent) => sent.pcId === cause.scope.pcId)),
  );
  return fits ? "same" : "other";
}

/** Nothing joins the streams: only when one sender alone can be meant, and no more is bad than that one sends. */
function isTheOnly({ sessions }: Joined, { receiver, effect }: SessionLink, possible: number): boolean {
  if (possible !== 1) return false;
  const bad = badStreams(sessions[receiver], effect);
  return bad <= 1;
}

/** Received streams of that kind with a trouble of the same sort at the time. */
function badStreams(session: SessionAnalysis | undefined, effect: Observation): number {
  const span = spanOf(effect, session);
  const streams = new Set<string>();
  for (const other of session?.observations ?? []) {
    const { direction, kind, pcId, ssrc } = other.scope;
    if (other.severity === "info" || direction !== "inbound" || kind !== effect.scope.kind) continue;
    if (other.id !== effect.id && !(isLoss(other) && isLoss(effect))) continue;
    if (overlapMs(spanOf(other, session), span) > 0) streams.add(`${pcId} ${ssrc}`);
  }
  return streams.size;
}

const isLoss = ({ id }: Observation): boolean => id.startsWith("downlink-");

/** More is bad here than those with a bad way out can send: then it is this person's own way in. */
function othersEquallyBad({ sessions, legs }: Joined, { receiver, effect }: SessionLink): boolean {
  if (!isLoss(effect)) return false;
  const span = spanOf(effect, sessions[receiver]);
  const badSenders = new Set<number>();
  for (const [person, session] of sessions.entries()) {
    if (person === receiver) continue;
    for (const other of session.observations) {
      if (!other.id.startsWith("uplink-") || other.severity === "info") continue;
      if (!sameKind(other, effect) || overlapMs(spanOf(other, session), span) === 0) continue;
      badSenders.add(person);
    }
  }
  const joinedFrom = new Map<string, number>();
  for (const leg of legs) {
    if (leg.receiver === receiver && leg.received.ssrc !== null)
      joinedFrom.set(`${leg.received.pcId} ${leg.received.ssrc}`, leg.sender);
  }
  const sources = new Set<number | string>();
  for (const other of sessions[receiver]?.observations ?? []) {
    const { pcId, ssrc, kind, direction } = other.scope;
    if (!isLoss(other) || other.severity === "info" || direction !== "inbound") continue;
    if (kind !== effect.scope.kind || overlapMs(spanOf(other, sessions[receiver]), span) === 0) continue;
    const key = `${pcId} ${ssrc}`;
    const from = joinedFrom.get(key);
    if (from !== undefined && !badSenders.has(from)) return true;
    sources.add(from ?? key);
  }
  return sources.size > Math.max(1, badSenders.size);
}
