import type { JsonObject, JsonValue } from "@peerscope/schema";
import { kindOf } from "./network.ts";
import type { CandidateStats, PairStats, Report } from "./report.ts";
import { numberOf, objectOf, stringOf } from "./stat-members.ts";
import { SmallMap } from "../pack/small-map.ts";

/** A STUN or TURN server as it was configured. */
export interface IceServerUrl {
  /** Scheme, host, port and transport, with the defaults of RFC 7064 and 7065 filled in: equal for equal servers. */
  readonly key: string;
  readonly turn: boolean;
  readonly transport: "udp" | "tcp" | "tls";
}

/** What the app asked ICE to do: RTCConfiguration, as far as it matters here. */
export interface IceConfiguration {
  readonly servers: readonly IceServerUrl[];
  /** `iceTransportPolicy: "relay"`. */
  readonly relayOnly: boolean;
  /** Candidates are gathered before they are needed. */
  readonly pooled: boolean;
}

/** What one server answered since gathering began. */
export interface IceServerAnswer {
  readonly server: IceServerUrl | null;
  /** The first candidate from it, ms after gathering began; null without one or without that time. */
  firstCandidateMs: number | null;
  /** A relay candidate came from it. */
  relayed: boolean;
  /** A server-reflexive or relay candidate came from it. */
  answered: boolean;
  lastError: IceServerError | null;
  /** An attempt failed that was not made over IPv6: where there is no IPv6, those fail on their own. */
  failedBesidesIpv6: boolean;
}

/** `icecandidateerror`. */
export interface IceServerError {
  readonly at: number;
  readonly errorCode: number;
  readonly errorText: string | null;
  readonly url: string;
}

/** A change of the selected pair. */
export interface PathChange {
  readonly at: number;
  /** Types of the candidates of the new pair, as "host - srflx". */
  readonly path: string;
}

/** What is known about ICE of one connection, beyond its state. */
export interface IceState {
  configuration: IceConfiguration | null;
  /** The other side said `a=ice-lite`: a server with a public address. */
  remoteIsLite: boolean;
  /** Unix ms at which gathering began; null before it and when nobody said. */
  gatheringSince: number | null;
  /** By key of the server; for candidates without a URL by their type. */
  readonly answers: SmallMap<string, IceServerAnswer>;
  /** A server answered over UDP: a server-reflexive or relay candidate came over it. */
  reachedOverUdp: boolean;
  /** A local candidate is not of IPv6. */
  hasIpv4: boolean;
  /** Unix ms of the last error of a server. */
  failedAt: number | null;
  /** Unix ms of the last ICE restart, by either side. */
  restartedAt: number | null;
  /** The app's calls are recorded, so that a restart would be seen. */
  callsSeen: boolean;
  localUfrag: string | null;
  remoteUfrag: string | null;
  /** Unix ms since which it is disconnected or failed; null while it is connected or was never. */
  lostSince: number | null;
  /** Unix ms at which the last sleep of the machine ended (guard G8). */
  wokeAt: number | null;
  /** Unix ms since which the selected path runs over TCP or TLS; null while it does not. */
  tcpSince: number | null;
  /** Kind of network of the selected local candidate, and when it last became another one. */
  networkType: string | null;
  networkTypeBefore: string | null;
  networkTypeChangedAt: number | null;
  /** Changes of the path are told by events: statistics would tell them again. */
  pairEvents: boolean;
  selectedPairId: string | null;
  /** Latest changes of the path, oldest first. */
  readonly pathChanges: PathChange[];
  /** Round trips of the relayed path, ms, one a step, oldest first. */
  readonly relayedRttsMs: number[];
}

/** Servers that are told apart per connection; no app configures more. Ours. */
const maximumServers = 50;
/** Path changes that are remembered. Ours. */
const maximumChanges = 20;
/** Steps of round trips that are remembered: 120 s. */
const maximumRtts = 60;

export function createIceState(): IceState {
  return {
    configuration: null,
    remoteIsLite: false,
    gatheringSince: null,
    answers: new SmallMap(),
    reachedOverUdp: false,
    hasIpv4: false,
    failedAt: null,
    restartedAt: null,
    callsSeen: false,
    localUfrag: null,
    remoteUfrag: null,
    lostSince: null,
    wokeAt: null,
    tcpSince: null,
    networkType: null,
    networkTypeBefore: null,
    networkTypeChangedAt: null,
    pairEvents: false,
    selectedPairId: null,
    pathChanges: [],
    relayedRttsMs: [],
  };
}

/** Takes over what an event of the connection says about ICE. */
export function applyIceEvent(ice: IceState, name: string, at: number, data: JsonObject): void {
  switch (name) {
    case "connection-created":
      configure(ice, data["configuration"]);
      return;
    case "ice-gathering-state-changed":
      if (data["state"] !== "gathering") return;
      ice.gatheringSince = at;
      ice.answers.clear();
      return;
    case "ice-candidate-gathered":
      noteGathered(ice, at, data);
      return;
    case "ice-candidate-failed":
      noteFailure(ice, at, data);
      return;
    case "selected-candidate-pair-changed":
      noteSelected(ice, at, data);
      return;
    case "api-called":
      noteCall(ice, at, data);
      return;
    case "api-settled":
      if (methodOf(data) === "setLocalDescription") noteDescription(ice, at, data["result"], "local");
      return;
    default:
      return;
  }
}

/** What a sample says about a candidate. Called for every candidate of every sample: no more than comparisons. */
export function noteCandidate(ice: IceState, candidate: CandidateStats): void {
  const { type } = candidate;
  if (candidate.remote || (type !== "srflx" && type !== "relay")) return;
  if (transportOf(candidate) === "udp") ice.reachedOverUdp = true;
}

/** What a sample says about the pair in use. */
export function noteSelectedPair(ice: IceState, report: Report, pair: PairStats): void {
  const { at } = report;
  const local = candidateOf(report, pair.localCandidateId);
  const transport = local === null ? null : transportOf(local);
  if (transport === "tcp") ice.tcpSince ??= at;
  else if (transport === "udp") ice.tcpSince = null;
  const type = kindOf(local?.networkType ?? null);
  if (type !== null && type !== ice.networkType) {
    if (ice.networkType !== null) {
      ice.networkTypeBefore = ice.networkType;
      ice.networkTypeChangedAt = at;
    }
    ice.networkType = type;
  }
  if (pair.id === ice.selectedPairId) return;
  if (ice.selectedPairId !== null && !ice.pairEvents) {
    notePathChange(ice, at, local?.type, candidateOf(report, pair.remoteCandidateId)?.type);
  }
  ice.selectedPairId = pair.id;
}

/** A round trip over the relayed path, ms. */
export function noteRelayedRtt(ice: IceState, rttMs: number): void {
  ice.relayedRttsMs.push(rttMs);
  if (ice.relayedRttsMs.length > maximumRtts) ice.relayedRttsMs.shift();
}

/** A restart that the statistics or a call told. */
export function noteRestart(ice: IceState, at: number): void {
  ice.restartedAt = at;
}

/** The candidate with that id, when the report has it. */
export function candidateOf(report: Report, id: string | null): CandidateStats | null {
  return id === null ? null : (report.candidates.get(id) ?? null);
}

/** What a local candidate runs over; null for a relay candidate whose browser does not say how it reaches the relay. */
export function transportOf({ type, protocol, relayProtocol }: CandidateStats): "udp" | "tcp" | null {
  const over = type === "relay" ? relayProtocol : protocol;
  if (over === null) return null;
  return over.toLowerCase() === "udp" ? "udp" : "tcp";
}

/** Normal form of the URL of a server; null when it is none. */
export function readServerUrl(url: string): IceServerUrl | null {
  const found = /^(stun|turn)(s?):(\[[^\]]*\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/i.exec(url);
  if (found === null) return null;
  const [, scheme = "", secure = "", host = "", port, transport] = found;
  const over =
    transport?.toLowerCase() === "udp"
      ? "udp"
      : secure !== ""
        ? "tls"
        : transport === undefined
          ? "udp"
          : "tcp";
  const name = `${scheme}${secure}:${host}:${port ?? (secure === "" ? "3478" : "5349")}`;
  return {
    key: `${name}?transport=${over}`.toLowerCase(),
    turn: scheme.toLowerCase() === "turn",
    transport: over,
  };
}

function configure(ice: IceState, value: JsonValue | undefined): void {
  const configuration = objectOf(value);
  if (configuration === null) return;
  const servers: IceServerUrl[] = [];
  const listed = configuration["iceServers"];
  for (const entry of Array.isArray(listed) ? listed.slice(0, maximumServers) : []) {
    const server = objectOf(entry);
    const urls = server?.["urls"] ?? server?.["url"];
    for (const url of (Array.isArray(urls) ? urls : [urls]).slice(0, maximumServers)) {
      const read = typeof url === "string" ? readServerUrl(url) : null;
      if (read !== null && servers.length < maximumServers) servers.push(read);
    }
  }
  ice.configuration = {
    servers,
    relayOnly: configuration["iceTransportPolicy"] === "relay",
    pooled: (numberOf(configuration, "iceCandidatePoolSize") ?? 0) > 0,
  };
}

/** Under which name a candidate's server is remembered; null for candidates that need none. */
export function answerKeyOf(data: JsonObject): string | null {
  const type = stringOf(data, "type");
  if (type !== "srflx" && type !== "relay") return null;
  const url = stringOf(data, "url");
  return (url === null ? null : readServerUrl(url)?.key) ?? type;
}

function noteGathered(ice: IceState, at: number, data: JsonObject): void {
  const address = stringOf(data, "address");
  if (address === null || !address.includes(":")) ice.hasIpv4 = true;
  const key = answerKeyOf(data);
  if (key === null) return;
  const relayed = data["type"] === "relay";
  const over = stringOf(data, relayed ? "relayProtocol" : "protocol");
  if (over?.toLowerCase() === "udp") ice.reachedOverUdp = true;
  const answer = answerOf(ice, key, readServerUrl(stringOf(data, "url") ?? ""));
  if (answer === null) return;
  if (!answer.answered && ice.gatheringSince !== null) answer.firstCandidateMs = at - ice.gatheringSince;
  answer.answered = true;
  answer.relayed ||= relayed;
}

function noteFailure(ice: IceState, at: number, data: JsonObject): void {
  const url = stringOf(data, "url");
  const errorCode = numberOf(data, "errorCode");
  const server = url === null ? null : readServerUrl(url);
  if (url === null || server === null || errorCode === null) return;
  const answer = answerOf(ice, server.key, server);
  if (answer === null) return;
  const address = stringOf(data, "address");
  if (address === null || !address.includes(":")) answer.failedBesidesIpv6 = true;
  // A refusal says more than a time-out on another interface.
  if (errorCode === 701 && answer.lastError !== null && answer.lastError.errorCode !== 701) return;
  answer.lastError = { at, errorCode, errorText: stringOf(data, "errorText"), url };
  ice.failedAt = at;
}

function answerOf(ice: IceState, key: string, server: IceServerUrl | null): IceServerAnswer | null {
  const known = ice.answers.get(key);
  if (known !== undefined) return known;
  if (ice.answers.size >= maximumServers) return null;
  const answer: IceServerAnswer = {
    server,
    firstCandidateMs: null,
    relayed: false,
    answered: false,
    lastError: null,
    failedBesidesIpv6: false,
  };
  ice.answers.set(key, answer);
  return answer;
}

function noteSelected(ice: IceState, at: number, data: JsonObject): void {
  const local = objectOf(data["local"]);
  const remote = objectOf(data["remote"]);
  // The first pair is no change.
  if (ice.pairEvents || ice.selectedPairId !== null) {
    notePathChange(
      ice,
      at,
      local === null ? null : stringOf(local, "type"),
      remote === null ? null : stringOf(remote, "type"),
    );
  }
  ice.pairEvents = true;
}

function notePathChange(
  ice: IceState,
  at: number,
  local: string | null | undefined,
  remote: string | null | undefined,
): void {
  ice.pathChanges.push({ at, path: `${local ?? "unknown"} - ${remote ?? "unknown"}` });
  if (ice.pathChanges.length > maximumChanges) ice.pathChanges.shift();
}

function methodOf(data: JsonObject): string {
  const method = stringOf(data, "method") ?? "";
  return method.slice(method.lastIndexOf(".") + 1);
}

function noteCall(ice: IceState, at: number, data: JsonObject): void {
  const given = objectOf(data["arguments"]);
  switch (methodOf(data)) {
    case "restartIce":
      ice.callsSeen = true;
      noteRestart(ice, at);
      return;
    case "createOffer":
      ice.callsSeen = true;
      if (objectOf(given?.["options"])?.["iceRestart"] === true) noteRestart(ice, at);
      return;
    case "setConfiguration":
      configure(ice, given?.["configuration"]);
      return;
    case "setLocalDescription":
      ice.callsSeen = true;
      noteDescription(ice, at, given?.["description"], "local");
      return;
    case "setRemoteDescription":
      noteDescription(ice, at, given?.["description"], "remote");
      return;
    default:
      return;
  }
}

/** The user fragment of a description changes with every restart (RFC 8839), whoever started it. */
function noteDescription(
  ice: IceState,
  at: number,
  value: JsonValue | undefined,
  side: "local" | "remote",
): void {
  const sdp = objectOf(value)?.["sdp"];
  // Of a difference to an earlier description, the lines that are new.
  const parts = typeof sdp === "string" ? [sdp] : Array.isArray(sdp) ? sdp : [];
  for (const part of parts) {
    if (typeof part !== "string") continue;
    if (side === "remote" && part.includes("a=ice-lite")) ice.remoteIsLite = true;
    const ufrag = /^a=ice-ufrag:(\S+)/m.exec(part)?.[1];
    if (ufrag === undefined) continue;
    const member = side === "local" ? "localUfrag" : "remoteUfrag";
    if (ice[member] !== null && ice[member] !== ufrag) noteRestart(ice, at);
    ice[member] = ufrag;
    return;
  }
}
