import type { JoinSfu } from "./sfu-page.ts";

/** What the lab tells a page about itself. Plain JSON. */
export interface LabPageConfig {
  readonly peer: string;
  /** WebSocket of the lab server. */
  readonly serverUrl: string;
  readonly constraints: MediaStreamConstraints;
  /** What is sent instead of the camera; null: the camera. */
  readonly picture: LabPicture | null;
  /** Codec to prefer for video, as in "video/VP9" the "VP9"; null: the browser's own choice. */
  readonly videoCodec: string | null;
  /** Asks the other side to send nothing while it is silent (Opus DTX, RFC 7587 section 6.1). */
  readonly silenceSuppressed: boolean;
  /** Servers to use; empty: the other side is reached directly. */
  readonly configuration: RTCConfiguration;
  /** Where the call goes over a media server; null: everybody is connected with everybody. */
  readonly sfu: { readonly url: string; readonly room: number } | null;
}

/** A drawn picture: one in which everything moves, a page that scrolls, and one that never changes. */
export interface LabPicture {
  readonly motion: "noise" | "scroll" | "still";
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** Sent as a shared screen is: sharp before smooth. */
  readonly isScreen: boolean;
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
  enableCamera(enabled: boolean): void;
  stopCamera(): void;
  /** Asks for the camera again and sends it where video was sent. */
  startCamera(): Promise<void>;
  /** Sends a drawn picture where the camera was sent, the camera again, or nothing. */
  replaceVideo(by: "screen" | "camera" | null): Promise<void>;
  /** What an app does when the user plugs in a headset: another microphone on the same sender. */
  changeMicrophone(): Promise<void>;
  /** Sends a shared screen beside the camera, or takes it away; both negotiate anew. */
  shareScreen(shared: boolean): Promise<void>;
  restartIce(): Promise<void>;
  /** Switches the larger layer of the video off or on (over a media server). */
  setLargeLayer(active: boolean): Promise<void>;
  leave(): void;
}

declare global {
  interface Window {
    lab: LabPage;
    /** Put there by the lab when a call goes over a media server. */
    joinSfu?: JoinSfu;
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
  /** Kind of what each sender sends, also while it sends nothing. */
  const sends = new Map<RTCRtpSender, string>();
  let screen: MediaStreamTrack | null = null;
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

  /** A local track as the app knows it. */
  const noteTrack = (track: MediaStreamTrack, source: string, change: object = {}): void => {
    const { id: trackId, kind, enabled, muted, readyState, contentHint } = track;
    note("track", { trackId, kind, source, enabled, muted, readyState, contentHint, ...change });
  };

  const draw = ({ motion, width, height, frameRate, isScreen }: LabPicture): MediaStreamTrack => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index} `.repeat(6));
    let frame = 0;
    const drawFrame = (): void => {
      if (context === null) return;
      frame += 1;
      if (motion === "noise") {
        for (let block = 0; block < 60; block++) {
          context.fillStyle = `hsl(${Math.random() * 360},80%,50%)`;
          context.fillRect(Math.random() * width, Math.random() * height, 50, 40);
        }
        return;
      }
      context.fillStyle = "#fff";
      context.fillRect(0, 0, width, height);
      context.fillStyle = "#111";
      context.font = "14px monospace";
      const scrolled = motion === "scroll" ? frame * 3 : 0;
      for (const [index, line] of lines.entries())
        context.fillText(line, 10, (((index * 18 - scrolled) % 1080) + 1080) % 1080);
    };
    drawFrame();
    // A canvas gives a frame when it is drawn: once more, so that a picture that stands still arrives at all.
    if (motion === "still") setTimeout(drawFrame, 500);
    else setInterval(drawFrame, 1000 / frameRate);
    const [track] = canvas.captureStream(frameRate).getVideoTracks();
    if (track === undefined) throw new Error("a canvas gave no track");
    if (isScreen) track.contentHint = "detail";
    return track;
  };

  const sharedScreen: LabPicture = {
    motion: "scroll",
    width: 1280,
    height: 720,
    frameRate: 10,
    isScreen: true,
  };

  const replaceTracks = async (kind: string, track: MediaStreamTrack | null): Promise<void> => {
    for (const [partner, connection] of connections)
      for (const sender of connection.getSenders()) {
        if (sends.get(sender) !== kind) continue;
        const from = sender.track?.id ?? null;
        await sender.replaceTrack(track);
        note("sender.replaced", { pc: `${config.peer}-${partner}`, from, to: track?.id ?? null, kind });
      }
  };

  const play = (track: MediaStreamTrack): void => {
    const element = document.createElement(track.kind === "video" ? "video" : "audio");
    element.autoplay = true;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    // Without a sink nothing is decoded or played out, and the receiving side of the stats stays empty.
    element.play().catch((error: unknown) => note("playback.fail", { message: String(error) }));
  };

  const create = (pc: string): RTCPeerConnection => {
    const connection = new RTCPeerConnection(config.configuration);
    connections.set(pc.slice(config.peer.length + 1), connection);
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
    connection.addEventListener("track", ({ track }) => {
      play(track);
      watchTrack(track, "remoteTrack", pc);
    });
    return connection;
  };

  const connect = (partner: string): RTCPeerConnection => {
    const connection = create(`${config.peer}-${partner}`);
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate !== null) signal(partner, { candidate: candidate.toJSON() });
    });
    return connection;
  };

  const addMedia = (connection: RTCPeerConnection): void => {
    if (stream !== null)
      for (const track of stream.getTracks()) sends.set(connection.addTrack(track, stream), track.kind);
    else for (const kind of ["audio", "video"]) connection.addTransceiver(kind, { direction: "recvonly" });
  };

  const preferCodec = (connection: RTCPeerConnection): void => {
    if (config.videoCodec === null) return;
    const wanted = `video/${config.videoCodec}`.toLowerCase();
    const all = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
    const first = all.filter(({ mimeType }) => mimeType.toLowerCase() === wanted);
    const repair = all.filter(({ mimeType }) => /rtx|red|ulpfec/i.test(mimeType));
    for (const transceiver of connection.getTransceivers())
      if (transceiver.receiver.track.kind === "video" && first.length > 0)
        transceiver.setCodecPreferences([...first, ...repair]);
  };

  const describe = async (partner: string, connection: RTCPeerConnection): Promise<void> => {
    preferCodec(connection);
    await connection.setLocalDescription();
    const { type, sdp = "" } = connection.localDescription ?? {};
    const wish = config.silenceSuppressed ? sdp.replaceAll("useinbandfec=1", "useinbandfec=1;usedtx=1") : sdp;
    signal(partner, { description: { type, sdp: wish } });
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
      const isFirst = connection.remoteDescription === null;
      await connection.setRemoteDescription(description);
      if (answering) {
        if (isFirst) addMedia(connection);
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
        if (config.picture !== null) {
          for (const track of stream.getVideoTracks()) {
            track.stop();
            stream.removeTrack(track);
          }
          const drawn = draw(config.picture);
          stream.addTrack(drawn);
          noteTrack(drawn, config.picture.isScreen ? "screen" : "camera");
        }
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        note("gum.fail", { ms: performance.now() - before, name, message });
      }
    },
    async join() {
      if (config.sfu === null) post({ join: true });
      else
        await window.joinSfu?.(config.sfu.url, config.sfu.room, config.peer, {
          create,
          stream: () => stream,
          note,
        });
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
    enableCamera(enabled) {
      for (const track of stream?.getVideoTracks() ?? []) {
        track.enabled = enabled;
        noteTrack(track, "camera");
      }
    },
    stopCamera() {
      for (const track of stream?.getVideoTracks() ?? []) track.stop();
      note("camera.stop");
    },
    async startCamera() {
      const [track] = (
        await navigator.mediaDevices.getUserMedia({ video: config.constraints.video ?? true })
      ).getVideoTracks();
      if (track === undefined || stream === null) return;
      for (const old of stream.getVideoTracks()) stream.removeTrack(old);
      stream.addTrack(track);
      noteTrack(track, "camera");
      await replaceTracks("video", track);
    },
    async replaceVideo(by) {
      const camera = stream?.getVideoTracks()[0] ?? null;
      if (by !== "screen") return replaceTracks("video", by === null ? null : camera);
      const drawn = draw(sharedScreen);
      noteTrack(drawn, "screen");
      await replaceTracks("video", drawn);
    },
    async changeMicrophone() {
      // Fake devices cannot be plugged in: the page is told as a browser would tell it.
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
      const [track] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks();
      if (track === undefined || stream === null) return;
      noteTrack(track, "microphone");
      await replaceTracks("audio", track);
      for (const old of stream.getAudioTracks()) {
        old.stop();
        stream.removeTrack(old);
        noteTrack(old, "microphone", { stoppedByApp: true });
      }
      stream.addTrack(track);
    },
    async shareScreen(shared) {
      if (shared) {
        screen = draw(sharedScreen);
        noteTrack(screen, "screen");
      }
      for (const [partner, connection] of connections) {
        if (shared && screen !== null)
          sends.set(connection.addTrack(screen, new MediaStream([screen])), "screen");
        else
          for (const sender of connection.getSenders())
            if (sends.get(sender) === "screen") connection.removeTrack(sender);
        await describe(partner, connection);
      }
      if (shared || screen === null) return;
      screen.stop();
      noteTrack(screen, "screen", { stoppedByApp: true });
    },
    async restartIce() {
      for (const [partner, connection] of connections) {
        connection.restartIce();
        await describe(partner, connection);
      }
    },
    async setLargeLayer(active) {
      for (const connection of connections.values())
        for (const sender of connection.getSenders()) {
          const parameters = sender.getParameters();
          const large = parameters.encodings[1];
          if (large === undefined) continue;
          large.active = active;
          await sender.setParameters(parameters);
        }
    },
    leave() {
      clearInterval(sampling);
      for (const connection of connections.values()) connection.close();
    },
  };
}
