/** What the lab tells a page about itself. Plain JSON. */
export interface LabPageConfig {
  readonly peer: string;
  /** WebSocket of the lab server. */
  readonly serverUrl: string;
  readonly constraints: MediaStreamConstraints;
}

/** What the lab calls in a page, as `window.lab`. */
export interface LabPage {
  /** Asks for camera and microphone; the call goes on without when refused. */
  media(): Promise<void>;
  /** Joins the call and starts recording getStats every second. */
  join(): Promise<void>;
  /** Resolves with the milliseconds waited, when every connection is connected. */
  connected(withinMs: number): Promise<number>;
  enableMicrophone(enabled: boolean): void;
  stopCamera(): void;
  leave(): void;
}

declare global {
  interface Window {
    lab: LabPage;
  }
}

/**
 * Runs in the browser: a participant of a full mesh, with one peer connection a partner, whose newcomer offers.
 * It is turned into text and sent to the page, so it may use nothing from outside its own body.
 */
export function runLabPage(config: LabPageConfig): void {
  interface SignallingMessage {
    /** Sent by the server to a newcomer: who is there already. */
    readonly peers?: readonly string[];
    readonly from?: string;
    readonly description?: RTCSessionDescriptionInit;
    readonly candidate?: RTCIceCandidateInit;
  }
  const connections = new Map<string, RTCPeerConnection>();
  let stream: MediaStream | null = null;
  let sampling: ReturnType<typeof setInterval> | undefined;
  const waiting: string[] = [];
  const socket = new WebSocket(config.serverUrl);

  const post = (message: object): void => {
    const text = JSON.stringify(message);
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
    else waiting.push(text);
  };
  const note = (event: string, members: object = {}): void =>
    post({ record: "events", event, pageT: Date.now(), ...members });
  const signal = (to: string, members: object): void => post({ to, ...members });

  socket.addEventListener("open", () => {
    for (const text of waiting.splice(0)) socket.send(text);
  });
  document.addEventListener("visibilitychange", () =>
    note("visibility", { value: document.visibilityState }),
  );

  const watchTrack = (track: MediaStreamTrack, side: "localTrack" | "remoteTrack", pc?: string): void => {
    for (const change of ["mute", "unmute", "ended"])
      track.addEventListener(change, () =>
        note(`${side}.${change}`, { ...(pc === undefined ? {} : { pc }), kind: track.kind }),
      );
  };

  const play = (track: MediaStreamTrack): void => {
    const element = document.createElement(track.kind === "video" ? "video" : "audio");
    element.autoplay = true;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    // Without a sink nothing is decoded or played out, and the receiving side of the stats stays empty.
    element.play().catch((error: unknown) => note("playback.fail", { message: String(error) }));
  };

  const connect = (partner: string): RTCPeerConnection => {
    const pc = `${config.peer}-${partner}`;
    const connection = new RTCPeerConnection();
    connections.set(partner, connection);
    const states = {
      connectionstatechange: ["connectionState", () => connection.connectionState],
      iceconnectionstatechange: ["iceConnectionState", () => connection.iceConnectionState],
      icegatheringstatechange: ["iceGatheringState", () => connection.iceGatheringState],
      signalingstatechange: ["signalingState", () => connection.signalingState],
    } as const;
    for (const [type, [name, value]] of Object.entries(states))
      connection.addEventListener(type, () => note(name, { pc, value: value() }));
    connection.addEventListener("icecandidateerror", ({ errorCode: code, errorText: text, url }) =>
      note("icecandidateerror", { pc, code, text, url }),
    );
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate !== null) signal(partner, { candidate: candidate.toJSON() });
    });
    connection.addEventListener("track", ({ track }) => {
      play(track);
      watchTrack(track, "remoteTrack", pc);
    });
    return connection;
  };

  const addMedia = (connection: RTCPeerConnection): void => {
    if (stream !== null) for (const track of stream.getTracks()) connection.addTrack(track, stream);
    else for (const kind of ["audio", "video"]) connection.addTransceiver(kind, { direction: "recvonly" });
  };

  const describe = async (partner: string, connection: RTCPeerConnection): Promise<void> => {
    await connection.setLocalDescription();
    signal(partner, { description: connection.localDescription });
  };

  const receive = async ({ peers, from, description, candidate }: SignallingMessage): Promise<void> => {
    for (const partner of peers ?? []) {
      const connection = connect(partner);
      addMedia(connection);
      await describe(partner, connection);
    }
    if (from === undefined) return;
    const connection = connections.get(from) ?? connect(from);
    if (description !== undefined) {
      const answering = description.type === "offer";
      await connection.setRemoteDescription(description);
      if (answering) {
        addMedia(connection);
        await describe(from, connection);
      }
    }
    if (candidate !== undefined) await connection.addIceCandidate(candidate);
  };
  // One after the other: a candidate must not overtake the description it belongs to.
  let received = Promise.resolve();
  socket.addEventListener("message", ({ data }) => {
    received = received
      .then(() => receive(JSON.parse(String(data))))
      .catch((error: unknown) => note("signalling.fail", { message: String(error) }));
  });

  const sample = async (): Promise<void> => {
    for (const [partner, connection] of connections) {
      if (connection.connectionState === "closed") continue;
      const before = performance.now();
      const stats = [...(await connection.getStats()).values()];
      const ms = Math.round((performance.now() - before) * 100) / 100;
      post({ record: "getstats", pageT: Date.now(), pc: `${config.peer}-${partner}`, ms, stats });
    }
  };

  window.lab = {
    async media() {
      const before = performance.now();
      try {
        stream = await navigator.mediaDevices.getUserMedia(config.constraints);
        const tracks = stream.getTracks();
        note("gum.ok", {
          ms: performance.now() - before,
          tracks: tracks.map((track) => [track.kind, track.label, track.getSettings()]),
        });
        for (const track of tracks) watchTrack(track, "localTrack");
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        note("gum.fail", { ms: performance.now() - before, name, message });
      }
    },
    async join() {
      post({ join: true });
      sampling = setInterval(() => {
        sample().catch((error: unknown) => note("getstats.fail", { message: String(error) }));
      }, 1_000);
    },
    async connected(withinMs) {
      const start = performance.now();
      for (;;) {
        const states = [...connections.values()].map(({ connectionState }) => connectionState);
        const waited = performance.now() - start;
        if (states.length > 0 && states.every((state) => state === "connected")) return Math.round(waited);
        if (waited > withinMs)
          throw new Error(`not connected after ${withinMs} ms: ${states.join(", ") || "alone"}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    enableMicrophone(enabled) {
      for (const track of stream?.getAudioTracks() ?? []) track.enabled = enabled;
      note("mic.enabled", { value: enabled });
    },
    stopCamera() {
      for (const track of stream?.getVideoTracks() ?? []) track.stop();
      note("camera.stop");
    },
    leave() {
      clearInterval(sampling);
      for (const connection of connections.values()) connection.close();
    },
  };
}
