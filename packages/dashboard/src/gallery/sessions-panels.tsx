import { SessionsPage } from "../sessions/sessions-page.tsx";
import { admin, noon, project } from "./data/people.ts";
import {
  calls,
  facets,
  hostileCalls,
  hostileSessions,
  listOf,
  oddFacets,
  sessions,
  views,
} from "./data/sessions.ts";
import { allOffline, noAnswer, refused, value, type FixedAnswers } from "./fixed-queries.ts";
import { Panel } from "./panel.tsx";

const full: FixedAnswers = {
  me: value(admin),
  project: value(project),
  newest: value(noon - 1_500),
  views: value(views),
  facets: value(facets),
  sessions: value(listOf(sessions)),
  calls: value(calls),
  total: value(1_303),
  "any-session": value(1_303),
  nearest: value(sessions.slice(1, 3)),
};
const none: FixedAnswers = {
  ...full,
  sessions: value(listOf([])),
  calls: value({ calls: [], nextOffset: null }),
};
const title = "List of sessions";
const titleOfCalls = "List of calls";

/** The explorer. */
export function SessionsPanels(): React.ReactNode {
  return (
    <>
      <Panel id="sessions-full" title={title} state="with one of each kind" page="/sessions" answers={full}>
        <SessionsPage />
      </Panel>
      <Panel id="sessions-loading" title={title} state="while it loads" page="/sessions">
        <SessionsPage />
      </Panel>
      <Panel
        id="sessions-failed"
        title={title}
        state="that could not be loaded"
        page="/sessions"
        answers={{ ...full, sessions: noAnswer, facets: noAnswer }}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="sessions-offline"
        title={title}
        state="after the server has gone"
        page="/sessions"
        answers={allOffline(full)}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="sessions-empty"
        title={title}
        state="before anything is recorded"
        page="/sessions"
        answers={{ ...none, "any-session": value(0) }}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="sessions-filtered-away"
        title={title}
        state="with filters that nothing passes"
        page="/sessions"
        at="/sessions?class=poor&q=nobody&from=2026-10-05T00:00Z&to=2026-10-05T06:00Z&filter=browser:Safari"
        answers={none}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="sessions-partial"
        title={title}
        state="with facets that could not be counted"
        page="/sessions"
        answers={{ ...full, facets: value(oddFacets), views: refused("It broke", 500, "internal") }}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="sessions-hostile"
        title={title}
        state="with hostile names"
        page="/sessions"
        answers={{ ...full, sessions: value(listOf(hostileSessions)), facets: value(oddFacets) }}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="calls-full"
        title={titleOfCalls}
        state="with one of each kind"
        page="/sessions"
        at="/sessions?show=calls"
        answers={full}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="calls-loading"
        title={titleOfCalls}
        state="while it loads"
        page="/sessions"
        at="/sessions?show=calls"
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="calls-failed"
        title={titleOfCalls}
        state="that could not be loaded"
        page="/sessions"
        at="/sessions?show=calls"
        answers={{ ...full, calls: noAnswer }}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="calls-empty"
        title={titleOfCalls}
        state="of sessions that name none"
        page="/sessions"
        at="/sessions?show=calls"
        answers={{ ...full, calls: value({ calls: [], nextOffset: null }) }}
      >
        <SessionsPage />
      </Panel>
      <Panel
        id="calls-hostile"
        title={titleOfCalls}
        state="with hostile names"
        page="/sessions"
        at="/sessions?show=calls"
        answers={{ ...full, calls: value(hostileCalls) }}
      >
        <SessionsPage />
      </Panel>
    </>
  );
}
