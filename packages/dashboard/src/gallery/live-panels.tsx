import { LiveCalls } from "../live/live-calls.tsx";
import { CommonFactor, JustNow } from "../live/live-side.tsx";
import { SufferingList } from "../live/suffering-list.tsx";
import { busy, calm, hostileLive } from "./data/live.ts";
import { Panel } from "./panel.tsx";

const states = [
  { name: "full", words: "while some suffer", snapshot: busy },
  { name: "empty", words: "while all is well", snapshot: calm },
  { name: "hostile", words: "with hostile names", snapshot: hostileLive },
] as const;

/** What is happening now. */
export function LivePanels(): React.ReactNode {
  return states.map(({ name, words, snapshot }) => (
    <Panel key={name} id={`live-${name}`} title="Live" state={words} page="/live">
      <div className="grid gap-3 p-4 @4xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 content-start gap-3">
          <SufferingList sessions={snapshot.sessions} affected={snapshot.affected} now={snapshot.at} />
          <LiveCalls calls={snapshot.worstCalls} total={snapshot.calls} />
        </div>
        <div className="grid min-w-0 content-start gap-3">
          <CommonFactor snapshot={snapshot} />
          <JustNow changes={snapshot.changes} />
        </div>
      </div>
    </Panel>
  ));
}
