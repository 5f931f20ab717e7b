import { ArrowUpRight, PhoneOff, Video } from "lucide-react";
import { useSyncExternalStore, type ReactElement } from "react";
import type { DemoCall, DemoState } from "./demo-call.ts";
import { ImpairmentSliders, ImpairmentSwitches } from "./impairment-panel.tsx";
import { ParticipantTile } from "./participant-tile.tsx";
import { TelemetryPanel } from "./telemetry-panel.tsx";

/** The whole demo: two people in one page, the three lines that record them, and the ways to make it bad. */
export function DemoPage(props: {
  readonly demo: DemoCall;
  readonly user: string;
  readonly call: string;
}): ReactElement {
  const { demo, user, call } = props;
  const state = useSyncExternalStore(demo.subscribe, demo.state);
  return (
    <div
      className="min-h-screen bg-page text-sm text-ink"
      data-testid="demo"
      data-phase={state.phase}
      data-session-id={state.sessionId ?? undefined}
    >
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex h-14 max-w-7xl items-center justify-between gap-4 px-4">
          <a href="/" className="flex items-center gap-2.5 text-base font-semibold tracking-tight">
            <img src="/favicon.svg" alt="" className="size-7" />
            Peerscope
          </a>
          <nav className="flex items-center gap-4 text-ink-soft">
            <a href="/sessions" className="hover:text-ink">
              Sessions
            </a>
          </nav>
        </div>
      </header>
      <main className="mx-auto max-w-7xl px-4 py-5">
        <div className="flex flex-wrap items-start justify-between gap-4">
          <div className="max-w-2xl">
            <h1 className="text-xl font-semibold">Demo call</h1>
            <p className="mt-1 text-ink-soft">
              Your browser calls itself: Ana and Ben are two real peer connections in this page. Make the call
              bad, and watch the session say what happened and why.
            </p>
          </div>
          <CallButtons demo={demo} state={state} />
        </div>
        <Notices state={state} />
        <div className="mt-4 grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_26rem]">
          <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
            <div className="grid gap-4 sm:grid-cols-2">
              <ParticipantTile
                id="ben"
                title="Ben's screen, showing Ana"
                received={state.received?.atBen ?? null}
                figures={state.figures.ben}
              />
              <ParticipantTile
                id="ana"
                title="Ana's screen, showing Ben"
                received={state.received?.atAna ?? null}
                figures={state.figures.ana}
              />
            </div>
            <TelemetryPanel state={state} user={user} call={call} />
            <ImpairmentSwitches demo={demo} state={state} />
          </div>
          <ImpairmentSliders demo={demo} state={state} />
        </div>
      </main>
    </div>
  );
}

function CallButtons({ demo, state }: { readonly demo: DemoCall; readonly state: DemoState }): ReactElement {
  const link = state.sessionId !== null && state.problem === null && (
    <a
      href={`/sessions/${encodeURIComponent(state.sessionId)}`}
      target="_blank"
      rel="noreferrer"
      className="flex h-9 items-center gap-1.5 rounded-md bg-accent px-4 font-medium text-surface hover:opacity-90"
      data-testid="open-session"
    >
      {state.phase === "ended" ? "Open this session" : "Open this session live"}
      <ArrowUpRight size={16} aria-hidden />
    </a>
  );
  if (state.phase === "running") {
    return (
      <div className="flex flex-wrap items-center gap-2">
        {link}
        <button
          type="button"
          className="flex h-9 items-center gap-1.5 rounded-md border border-line px-4 font-medium hover:bg-sunken"
          onClick={() => void demo.hangUp()}
          data-testid="hang-up"
        >
          <PhoneOff size={16} aria-hidden />
          Hang up
        </button>
      </div>
    );
  }
  const starting = state.phase === "starting";
  return (
    <div className="flex flex-wrap items-center gap-2">
      {link}
      <button
        type="button"
        className={`flex h-9 items-center gap-1.5 rounded-md px-4 font-medium disabled:opacity-50 ${
          link === false ? "bg-accent text-surface hover:opacity-90" : "border border-line hover:bg-sunken"
        }`}
        onClick={() => void demo.start("synthetic")}
        disabled={starting}
        data-testid="start-synthetic"
      >
        {starting ? "Calling …" : "Call with a synthetic camera"}
      </button>
      <button
        type="button"
        className="flex h-9 items-center gap-1.5 rounded-md border border-line px-4 font-medium hover:bg-sunken disabled:opacity-50"
        onClick={() => void demo.start("device")}
        disabled={starting}
        data-testid="start-device"
      >
        <Video size={16} aria-hidden />
        Use my camera and microphone
      </button>
    </div>
  );
}

function Notices({ state }: { readonly state: DemoState }): ReactElement {
  return (
    <div aria-live="polite" className="mt-3 grid gap-2 empty:hidden">
      {state.problem !== null && <Notice id="problem">{state.problem}</Notice>}
      {state.deviceProblem !== null && (
        <Notice id="device-problem">
          Your camera and microphone could not be used ({state.deviceProblem}). The call goes on with a
          synthetic camera, and the session names the refusal.
        </Notice>
      )}
      {state.soundBlocked && state.phase === "running" && (
        <Notice id="sound-blocked">
          Your browser holds back the synthetic voices until you touch the page: click anywhere.
        </Notice>
      )}
    </div>
  );
}

function Notice({ id, children }: { readonly id: string; readonly children: React.ReactNode }): ReactElement {
  return (
    <p className="rounded-md border border-line bg-sunken px-3 py-2" data-testid={id}>
      {children}
    </p>
  );
}
