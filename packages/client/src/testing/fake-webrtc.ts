/**
 * What the SDK touches of WebRTC, without media and network: state is set by the test, `change` fires the event of it. The
 * classes have the names, prototypes and tags that a browser's have.
 */
const nameOf = (owner: { readonly prototype: object }, name: string): void => {
  Object.defineProperty(owner, "name", { value: name });
  Object.defineProperty(owner.prototype, Symbol.toStringTag, { value: name });
};

let ids = 0;

export class FakeTrack extends EventTarget {
  readonly id = `track-${++ids}`;
  readonly kind: string;
  readonly label = "Kim's camera";
  enabled = true;
  muted = false;
  readyState = "live";
  contentHint = "";
  settings: Record<string, unknown> = { deviceId: "secret-device", groupId: "secret-group", width: 640 };
  constructor(kind = "video") {
    super();
    this.kind = kind;
  }
  getSettings(): Record<string, unknown> {
    return this.settings;
  }
  async applyConstraints(constraints: Record<string, unknown>): Promise<void> {
    if (constraints["width"] === 1) throw new RangeError("width");
    this.settings = { ...this.settings, ...constraints };
  }
  stop(): void {
    this.readyState = "ended";
  }
}
nameOf(FakeTrack, "MediaStreamTrack");

/** Something with a `state` and an event that says that it changed. */
export class FakeTransport extends EventTarget {
  state = "new";
  change(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

export class FakeIceTransport extends FakeTransport {
  pair: { readonly local: object; readonly remote: object } | null = null;
  getSelectedCandidatePair(): unknown {
    return this.pair;
  }
}

export class FakeDtlsTransport extends FakeTransport {
  readonly iceTransport = new FakeIceTransport();
}

export class FakeSender {
  #track: FakeTrack | null;
  transport: FakeDtlsTransport | null = null;
  constructor(track: FakeTrack | null) {
    this.#track = track;
  }
  get track(): FakeTrack | null {
    return this.#track;
  }
  async replaceTrack(track: FakeTrack | null): Promise<void> {
    this.#track = track;
  }
  async setParameters(parameters: { readonly encodings?: unknown }): Promise<void> {
    if (!parameters.encodings) throw new TypeError("no encodings");
  }
}
nameOf(FakeSender, "RTCRtpSender");

export class FakeTransceiver {
  mid: string | null = null;
  direction = "sendrecv";
  currentDirection: string | null = null;
  readonly sender: FakeSender;
  readonly receiver: { readonly track: FakeTrack };
  constructor(kind: string, track: FakeTrack | null) {
    this.sender = new FakeSender(track);
    this.receiver = { track: new FakeTrack(kind) };
  }
  setCodecPreferences(codecs: readonly unknown[]): void {
    if (codecs.length === 0) throw new TypeError("no codecs");
  }
  stop(): void {
    this.direction = "stopped";
  }
}
nameOf(FakeTransceiver, "RTCRtpTransceiver");

export class FakeChannel extends EventTarget {
  readyState = "connecting";
  readonly id = 1;
  readonly protocol = "";
  readonly ordered = true;
  readonly maxRetransmits = null;
  readonly maxPacketLifeTime = null;
  bufferedAmount = 0;
  readonly label: string;
  constructor(label: string) {
    super();
    this.label = label;
  }
  change(readyState: string, event: string): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event(event));
  }
}

export class FakePeerConnection extends EventTarget {
  connectionState = "new";
  iceConnectionState = "new";
  iceGatheringState = "new";
  #signalingState = "stable";
  localDescription: { type: string; sdp: string } | null = null;
  sctp: (FakeTransport & { readonly transport?: FakeDtlsTransport }) | null = null;
  readonly transceivers: FakeTransceiver[] = [];
  /** What createOffer gives and setLocalDescription() makes. */
  sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n";
  constructor(configuration?: { readonly fails?: boolean }) {
    super();
    if (configuration?.fails) throw new SyntaxError("nonsense");
  }
  /** Throws, as a browser's does, for what is no connection. */
  get signalingState(): string {
    return this.#signalingState;
  }
  set signalingState(state: string) {
    this.#signalingState = state;
  }
  getConfiguration(): object {
    return { bundlePolicy: "balanced" };
  }
  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }
  addTransceiver(track: FakeTrack | string): FakeTransceiver {
    const isKind = typeof track === "string";
    const transceiver = new FakeTransceiver(isKind ? track : track.kind, isKind ? null : track);
    this.transceivers.push(transceiver);
    return transceiver;
  }
  async createOffer(): Promise<object> {
    if (this.signalingState === "closed") throw new DOMException("closed", "InvalidStateError");
    return { type: "offer", sdp: this.sdp };
  }
  async setLocalDescription(description?: { type: string; sdp: string }): Promise<void> {
    this.localDescription = description ?? { type: "offer", sdp: this.sdp };
  }
  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    if (description.sdp === "nonsense") throw new SyntaxError("nonsense");
  }
  createDataChannel(label: string): FakeChannel {
    return new FakeChannel(label);
  }
  async getStats(selector?: unknown): Promise<unknown> {
    if (selector) throw new TypeError("no such track");
    return new Map();
  }
  close(): void {
    this.signalingState = "closed";
  }
  /** Sets a state and fires its event. */
  change(member: "connectionState" | "iceConnectionState" | "signalingState", state: string): void {
    this[member] = state;
    this.dispatchEvent(new Event(`${member.toLowerCase()}change`));
  }
}
nameOf(FakePeerConnection, "RTCPeerConnection");
