import type { LiveSnapshot } from "@peerscope/schema/api";
import { LiveView } from "../live/live-page.tsx";
import type { LiveState } from "../live/live-stream.ts";
import { busy, calm, hostileLive } from "./data/live.ts";
import { admin, minuteMs, noon } from "./data/people.ts";
import { value } from "./fixed-queries.ts";
import { Panel } from "./panel.tsx";

const open: LiveState = { line: "open", snapshot: null, clockOffsetMs: 0, retryAt: null, refusal: null };
const lost: LiveState = { ...open, line: "lost", retryAt: noon + 5_000 };
const nobodyThere: LiveSnapshot = { ...calm, clients: 0, calls: 0, sessions: [], worstCalls: [] };

const states: readonly { readonly name: string; readonly words: string; readonly state: LiveState }[] = [
  { name: "full", words: "while some suffer", state: { ...open, snapshot: busy } },
  { name: "calm", words: "while all is well", state: { ...open, snapshot: calm } },
  { name: "empty", words: "while nobody is in a call", state: { ...open, snapshot: nobodyThere } },
  { name: "loading", words: "while it connects", state: { ...open, line: "connecting" } },
  {
    name: "failed",
    words: "for somebody who may not",
    state: { ...lost, refusal: { code: "login-needed", message: "Log in to see this" } },
  },
  { name: "offline", words: "after the server has gone", state: { ...lost, snapshot: busy } },
  { name: "hostile", words: "with hostile names", state: { ...open, snapshot: hostileLive } },
];

const known = { me: value(admin), newest: value(noon - 20 * minuteMs) };

/** What is happening now, in the states of the line to the server. */
export function LivePanels(): React.ReactNode {
  return states.map(({ name, words, state }) => (
    <Panel key={name} id={`live-${name}`} title="Live" state={words} page="/live" answers={known}>
      <LiveView state={state} onRetry={() => undefined} />
    </Panel>
  ));
}
