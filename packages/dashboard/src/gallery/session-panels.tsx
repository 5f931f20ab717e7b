import { VerdictSkeleton } from "../session/verdict-card.tsx";
import { admin, project } from "./data/people.ts";
import { listOf, sessions } from "./data/sessions.ts";
import { noAnswer, value, type FixedAnswers } from "./fixed-queries.ts";
import { Panel } from "./panel.tsx";
import { RecordedView } from "./recorded-view.tsx";

const known: FixedAnswers = {
  me: value(admin),
  project: value(project),
  siblings: value(listOf(sessions.slice(0, 3))),
  notes: value([]),
};
const alone: FixedAnswers = { ...known, siblings: value(listOf([])) };
const title = "Session";

/** The whole page of a session, in its states. */
export function SessionPanels(): React.ReactNode {
  return (
    <>
      <Panel id="session-loss" title={title} state="with a cause" page="/sessions/$id" answers={known}>
        <RecordedView of="loss" />
      </Panel>
      <Panel
        id="session-good"
        title={title}
        state="in which nothing happened"
        page="/sessions/$id"
        answers={alone}
      >
        <RecordedView of="good" />
      </Panel>
      <Panel id="session-muted" title={title} state="muted by choice" page="/sessions/$id" answers={alone}>
        <RecordedView of="muted" />
      </Panel>
      <Panel
        id="session-ice-failure"
        title={title}
        state="that never connected"
        page="/sessions/$id"
        answers={alone}
      >
        <RecordedView of="ice-failure" />
      </Panel>
      <Panel
        id="session-permission-denied"
        title={title}
        state="without microphone and camera"
        page="/sessions/$id"
        answers={alone}
      >
        <RecordedView of="permission-denied" />
      </Panel>
      <Panel id="session-loading" title={title} state="while it is read" page="/sessions/$id">
        <div className="p-4">
          <VerdictSkeleton share={0.42} />
        </div>
      </Panel>
      <Panel
        id="session-failed"
        title={title}
        state="that could not be read"
        page="/sessions/$id"
        answers={alone}
      >
        <RecordedView
          of="loss"
          changed={{
            phase: "failed",
            analysis: null,
            failure: {
              code: "log-missing",
              message: "The log of this session is not on the server any more",
            },
          }}
        />
      </Panel>
      <Panel
        id="session-broken-off"
        title={title}
        state="that could not be read to its end"
        page="/sessions/$id"
        answers={alone}
      >
        <RecordedView
          of="loss"
          changed={{ phase: "failed", failure: { code: "http-502", message: "The server answered 502" } }}
        />
      </Panel>
      <Panel
        id="session-partial"
        title={title}
        state="with a torn recording"
        page="/sessions/$id"
        answers={alone}
      >
        <RecordedView of="partial" />
      </Panel>
      <Panel id="session-live" title={title} state="that goes on" page="/sessions/$id" answers={known}>
        <RecordedView of="live" changed={{ phase: "live" }} />
      </Panel>
      <Panel
        id="session-offline"
        title={title}
        state="that went on when the server went away"
        page="/sessions/$id"
        answers={known}
        otherwise={noAnswer}
      >
        <RecordedView of="live" changed={{ phase: "live", connectionLost: true }} />
      </Panel>
      <Panel
        id="session-hostile"
        title={title}
        state="with hostile names"
        page="/sessions/$id"
        answers={alone}
      >
        <RecordedView of="hostile" />
      </Panel>
    </>
  );
}
