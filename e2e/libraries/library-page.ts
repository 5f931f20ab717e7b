import type { Monitor } from "@peerscope/client";

/** What a library says and gives in the course of one call. */
export interface LibraryCall {
  /** Tracks it was given to send. */
  readonly localTracks: readonly MediaStreamTrack[];
  /** Tracks it handed to the app. */
  readonly remoteTracks: readonly MediaStreamTrack[];
  /** Ends the call as an app does, and waits until the library says that it ended. */
  hangUp(): Promise<void>;
}

/** Makes one call with a library; resolves when it is up and every remote track is there. */
export type MakeCall = (surroundings: {
  /** Address of the server of the test, for what the library's own server would do. */
  readonly server: string;
  readonly stream: MediaStream;
  /** Notes what the library told the app. */
  readonly told: (what: string) => void;
}) => Promise<LibraryCall>;

declare global {
  /** Each library's page leaves here how to call with it. */
  // eslint-disable-next-line no-var
  var makeCall: MakeCall;
  // eslint-disable-next-line no-var
  var callTwice: (options: CallTwice) => Promise<PageOutcome>;
  /** Everything an app would notice: window errors and rejections that nobody handled. */
  // eslint-disable-next-line no-var
  var problems: string[];
}

/** "sdk-first": the SDK wraps before the library loads, so that a shim of the library wraps over it. */
export type LoadOrder = "without" | "sdk-first" | "library-first";

/** What one page saw. Everything but `session` has to be the same with and without the SDK. */
export interface PageOutcome {
  readonly told: readonly (readonly string[])[];
  readonly remoteKinds: readonly (readonly string[])[];
  /** Every remote track of every call went on to play, also after the SDK had stopped. */
  readonly played: readonly boolean[];
  readonly problems: readonly string[];
  readonly session: {
    readonly sessionId: string;
    readonly localTracks: readonly string[];
    readonly remoteTracks: readonly string[];
    readonly lost: number;
  } | null;
}

export interface CallTwice {
  readonly order: LoadOrder;
  /** Connections of one call. */
  readonly connections: number;
  /** Address of the library's origin, as a WebSocket has it. */
  readonly server: string;
  /** Where the SDK sends to. */
  readonly ingest: string;
}

/** Two calls one after the other; the SDK stops in the middle of the second. */
globalThis.callTwice = async ({ order, connections, server, ingest }) => {
  const pause = (durationMs: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, durationMs));
  const sampled = new Set<string>();
  const loadLibrary = async (): Promise<void> => void (await import(`${location.origin}/library.js`));
  const startSdk = async (): Promise<Monitor> => {
    const sdk = (await import(
      `${location.origin}/sdk/peerscope.min.js`
    )) as typeof import("@peerscope/client");
    return sdk.start({
      url: ingest,
      token: "pk_test",
      user: "kim",
      call: order,
      intervalMs: 500,
      redact(record) {
        if (record.kind === "sample") sampled.add(record.connectionId);
        return record;
      },
    });
  };
  /** A sample of each connection from now on, at the pace that the SDK thinks right on a busy machine. */
  const sampledAgain = async (): Promise<void> => {
    sampled.clear();
    for (let waitedMs = 0; waitedMs < 8_000 && sampled.size < connections; waitedMs += 50) await pause(50);
  };
  /** Attached before anything is waited for: a track that nobody plays is not decoded. */
  const play = async (tracks: readonly MediaStreamTrack[]): Promise<() => Promise<boolean>> => {
    const players = tracks.map((track) => {
      const player = document.createElement("video");
      player.muted = true;
      player.srcObject = new MediaStream([track]);
      return player;
    });
    await Promise.all(players.map((player) => player.play()));
    return async () => {
      const before = players.map((player) => player.currentTime);
      for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 100) {
        await pause(100);
        if (players.every((player, index) => player.currentTime > (before[index] ?? 0) + 0.1)) return true;
      }
      return false;
    };
  };

  let monitor: Monitor | undefined;
  if (order === "sdk-first") monitor = await startSdk();
  await loadLibrary();
  if (order === "library-first") monitor = await startSdk();

  const told: Set<string>[] = [];
  const remoteKinds: string[][] = [];
  const played: boolean[] = [];
  const localTracks: string[] = [];
  const remoteTracks: string[] = [];
  let lost = 0;
  for (const isLast of [false, true]) {
    const said = new Set<string>();
    told.push(said);
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const call = await globalThis.makeCall({ server, stream, told: (what) => said.add(what) });
    const goesOn = await play(call.remoteTracks);
    played.push(await goesOn());
    remoteKinds.push(call.remoteTracks.map(({ kind }) => kind).sort());
    localTracks.push(...call.localTracks.map(({ id }) => id));
    remoteTracks.push(...call.remoteTracks.map(({ id }) => id));
    if (monitor) await sampledAgain();
    if (isLast) {
      await monitor?.stop();
      lost = monitor?.status().lost ?? 0;
      played.push(await goesOn());
    }
    await call.hangUp();
    for (const track of stream.getTracks()) track.stop();
    await pause(100);
  }
  return {
    told: told.map((said) => [...said].sort()),
    remoteKinds,
    played,
    problems: globalThis.problems,
    session: monitor ? { sessionId: monitor.sessionId, localTracks, remoteTracks, lost } : null,
  };
};
