import { start, type Monitor, type MonitorStatus } from "@peerscope/client";
import { createFigureReader, noFigures, type CallFigures } from "./call/call-figures.ts";
import { createFrameDropper, type FrameDropper } from "./call/frame-dropper.ts";
import { capBitrate, noImpairments, type Impairments } from "./call/impairments.ts";
import { createMainThreadLoad } from "./call/main-thread-load.ts";
import { connectSelfCall, type SelfCall } from "./call/self-call.ts";
import { createSyntheticParticipant, openDevices, type ParticipantMedia } from "./media/participant-media.ts";

/** Everything the page shows; a new object after each change. */
export interface DemoState {
  readonly phase: "idle" | "starting" | "running" | "ended";
  readonly sessionId: string | null;
  /** The project's ingest key; null until it is known. */
  readonly token: string | null;
  /** Where Ana's media comes from; null before a call. */
  readonly source: "device" | "synthetic" | null;
  /** Why the devices could not be used, in words; the call went on without them. */
  readonly deviceProblem: string | null;
  /** Why there is no call, in words. */
  readonly problem: string | null;
  readonly impairments: Impairments;
  readonly canDropFrames: boolean;
  readonly canSilenceMicrophone: boolean;
  readonly soundBlocked: boolean;
  readonly figures: { readonly ana: CallFigures; readonly ben: CallFigures };
  readonly received: { readonly atAna: MediaStream; readonly atBen: MediaStream } | null;
  readonly telemetry: MonitorStatus | null;
}

const idle: DemoState = {
  phase: "idle",
  sessionId: null,
  token: null,
  source: null,
  deviceProblem: null,
  problem: null,
  impairments: noImpairments,
  canDropFrames: true,
  canSilenceMicrophone: true,
  soundBlocked: false,
  figures: { ana: noFigures, ben: noFigures },
  received: null,
  telemetry: null,
};

export interface DemoCall {
  readonly state: () => DemoState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly start: (source: "device" | "synthetic") => Promise<void>;
  readonly impair: (change: Partial<Impairments>) => void;
  readonly hangUp: () => Promise<void>;
}

/** What a running call holds and has to give back. */
interface Running {
  readonly monitor: Monitor;
  readonly ana: ParticipantMedia;
  readonly ben: ParticipantMedia;
  readonly call: SelfCall;
  readonly dropper: FrameDropper | null;
  readonly timer: ReturnType<typeof setInterval>;
}

declare global {
  // eslint-disable-next-line no-var
  var peerscope: Monitor | undefined;
}

/** One call after the other, in one page. `user` and `call` are what the session will be found by. */
export function createDemoCall(identity: { readonly user: string; readonly call: string }): DemoCall {
  let state = idle;
  let running: Running | null = null;
  const load = createMainThreadLoad();
  const listeners = new Set<() => void>();
  let lastChange: Promise<void> = Promise.resolve();

  function update(change: Partial<DemoState>): void {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }

  async function startCall(wanted: "device" | "synthetic"): Promise<void> {
    if (state.phase === "starting" || state.phase === "running") return;
    update({ ...idle, phase: "starting" });
    let monitor: Monitor | undefined;
    const opened: { stop(): void }[] = [];
    try {
      const token = await readIngestKey();
      // The three lines of the page. They come before any connection and any getUserMedia: both are then seen.
      monitor = start({ url: location.origin, token, ...identity, tags: { page: "demo" } });
      // For the curious: peerscope.status() in the console.
      globalThis.peerscope = monitor;
      update({ sessionId: monitor.sessionId, token });

      const { media: ana, problem: deviceProblem } = await openAna(wanted);
      opened.push(ana);
      const ben = createSyntheticParticipant({ name: "Ben", hue: 20, pitchHz: 105 });
      opened.push(ben);
      const dropper = createFrameDropper();
      if (dropper !== null) opened.push(dropper);
      const call = await connectSelfCall({
        anaMedia: ana.stream,
        benMedia: ben.stream,
        ...(dropper === null
          ? {}
          : {
              configuration: dropper.configuration,
              prepareSender: (sender, kind) => dropper.attach(sender, kind),
            }),
      });
      const readAna = createFigureReader(call.ana.connection);
      const readBen = createFigureReader(call.ben.connection);
      const current = monitor;
      const timer = setInterval(() => {
        update({ telemetry: current.status(), soundBlocked: ana.soundBlocked() || ben.soundBlocked() });
        void Promise.all([readAna(), readBen()]).then(([anaFigures, benFigures]) => {
          if (running?.monitor === current) update({ figures: { ana: anaFigures, ben: benFigures } });
        });
      }, 1000);
      running = { monitor, ana, ben, call, dropper, timer };
      update({
        phase: "running",
        source: ana.source,
        deviceProblem,
        canDropFrames: dropper !== null,
        canSilenceMicrophone: ana.setSilent !== null,
        received: { atAna: call.ana.received, atBen: call.ben.received },
        telemetry: monitor.status(),
      });
    } catch (error) {
      for (const media of opened) media.stop();
      await monitor?.stop();
      update({ phase: "ended", problem: `The call could not start: ${wordsOf(error)}` });
    }
  }

  function impair(change: Partial<Impairments>): void {
    if (running === null) return;
    const { ana, call, dropper } = running;
    const before = state.impairments;
    const next = { ...before, ...change };
    update({ impairments: next });
    if (next.bitrateCapKbps !== before.bitrateCapKbps) {
      const sender = call.ana.connection.getSenders().find(({ track }) => track?.kind === "video");
      // One after the other: setParameters refuses parameters that are not the newest.
      if (sender !== undefined) {
        lastChange = lastChange
          .then(async () => await capBitrate(sender, next.bitrateCapKbps))
          .catch(() => {});
      }
    }
    if (next.cameraFps !== before.cameraFps) ana.setFrameRate(next.cameraFps);
    dropper?.setDropShare("video", next.dropVideoPercent / 100);
    dropper?.setDropShare("audio", next.dropAudioPercent / 100);
    load.setShare(next.mainThreadLoadPercent / 100);
    for (const track of ana.stream.getAudioTracks()) track.enabled = !next.microphoneMuted;
    for (const track of ana.stream.getVideoTracks()) track.enabled = !next.cameraOff;
    ana.setSilent?.(next.microphoneSilent);
    if (next.connectionClosed && !before.connectionClosed) call.ana.connection.close();
  }

  async function hangUp(): Promise<void> {
    if (running === null) return;
    const { monitor, ana, ben, call, dropper, timer } = running;
    running = null;
    clearInterval(timer);
    load.stop();
    call.close();
    ana.stop();
    ben.stop();
    dropper?.stop();
    update({ phase: "ended", received: null, figures: idle.figures, impairments: noImpairments });
    await monitor.stop();
    update({ telemetry: monitor.status() });
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: startCall,
    impair,
    hangUp,
  };
}

async function readIngestKey(): Promise<string> {
  const answer = await fetch("/api/project");
  if (!answer.ok) throw new Error(`the server answered ${answer.status} to GET /api/project`);
  const project: unknown = await answer.json();
  // Without the schema of the API: this page stays small, and one member is all it needs.
  if (typeof project === "object" && project !== null && "ingestKey" in project) {
    if (typeof project.ingestKey === "string") return project.ingestKey;
  }
  throw new Error("the server's answer to GET /api/project has no ingest key");
}

async function openAna(
  wanted: "device" | "synthetic",
): Promise<{ readonly media: ParticipantMedia; readonly problem: string | null }> {
  const synthetic = (): ParticipantMedia =>
    createSyntheticParticipant({ name: "Ana", hue: 205, pitchHz: 190 });
  if (wanted === "synthetic") return { media: synthetic(), problem: null };
  try {
    return { media: await openDevices(), problem: null };
  } catch (error) {
    return { media: synthetic(), problem: wordsOf(error) };
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
