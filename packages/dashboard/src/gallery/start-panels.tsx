import { LoginPage } from "../access/login-page.tsx";
import { FirstRun } from "../first-run/first-run.tsx";
import { HomePage } from "../first-run/home-page.tsx";
import { NotFound, RouteFailed } from "../frame/fallbacks.tsx";
import { HealthFooter } from "../frame/health-footer.tsx";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { FileNotes } from "../session/file-notes.tsx";
import type { FileFacts } from "../worker/messages.ts";
import {
  admin,
  arrived,
  health,
  hostile,
  nobody,
  noon,
  nothingYet,
  project,
  refusals,
  viewer,
} from "./data/people.ts";
import { noAnswer, offline, refused, value } from "./fixed-queries.ts";
import { Panel } from "./panel.tsx";

const mine = { projectId: "default", name: "Talk", role: "admin" } as const;
const asViewer = { ...mine, role: "viewer" } as const;
const guide = { me: value(admin), project: value(project) };

const skipped = {
  code: "invalid-entry",
  line: 4,
  offset: 812,
  reason: `It is no JSON: ${hostile.markup}`,
} as const;
const facts: FileFacts = {
  format: "webrtc-internals",
  sessions: [{ name: "kim", records: 812 }],
  chosen: 0,
  skipped: { total: 12, kinds: [{ code: skipped.code, count: 12, first: skipped }], examples: [skipped] },
  limits: ["What the app did is not in it", "Times of events are those of the page"],
};

/** A panel that breaks, as one in ten thousand may. */
function Broken(): React.ReactNode {
  throw new Error(`Cannot read properties of ${hostile.markup}`);
}

/** The first minutes, the way in, and what stands around every page. */
export function StartPanels(): React.ReactNode {
  return (
    <>
      <Panel
        id="start-waiting"
        title="Guide"
        state="waiting"
        page="/"
        answers={{ ...guide, "first-sample": value(nothingYet) }}
      >
        <FirstRun project={mine} />
      </Panel>
      <Panel
        id="start-refused"
        title="Guide"
        state="with refused clients"
        page="/"
        answers={{ ...guide, "first-sample": value({ ...nothingYet, refusals }) }}
      >
        <FirstRun project={mine} />
      </Panel>
      <Panel
        id="start-arrived"
        title="Guide"
        state="when the first sample is there"
        page="/"
        answers={{ ...guide, "first-sample": value(arrived) }}
      >
        <FirstRun project={mine} />
      </Panel>
      <Panel
        id="start-partial"
        title="Guide"
        state="without the store, without a key, for a viewer"
        page="/"
        answers={{
          me: value(viewer),
          project: refused("The project has no public key", 404, "ingest-key-missing"),
          "first-sample": value({ ...nothingYet, hasOwn: null }),
        }}
      >
        <FirstRun project={asViewer} />
      </Panel>
      <Panel id="start-loading" title="Guide" state="while it loads" page="/">
        <FirstRun project={mine} />
      </Panel>
      <Panel
        id="start-offline"
        title="Guide"
        state="after the server has gone"
        page="/"
        answers={{ ...guide, "first-sample": offline(nothingYet) }}
      >
        <FirstRun project={mine} />
      </Panel>
      <Panel
        id="home-no-project"
        title="Start page"
        state="of somebody without a project"
        page="/"
        answers={{ me: value({ ...viewer, projects: [] }) }}
      >
        <HomePage />
      </Panel>
      <Panel
        id="login-oidc"
        title="Login"
        state="with both ways"
        page="/login"
        at="/login?next=/sessions/session-kim"
        answers={{ me: value({ ...nobody, login: { password: true, oidc: true } }) }}
      >
        <Shallow>
          <LoginPage />
        </Shallow>
      </Panel>
      <Panel
        id="login-nobody"
        title="Login"
        state="before there is a user"
        page="/login"
        answers={{ me: value({ ...nobody, login: { password: false, oidc: false } }) }}
      >
        <Shallow>
          <LoginPage />
        </Shallow>
      </Panel>
      <Panel
        id="login-failed"
        title="Login"
        state="without the server"
        page="/login"
        answers={{ me: noAnswer }}
      >
        <Shallow>
          <LoginPage />
        </Shallow>
      </Panel>
      <Panel id="file-notes" title="Notes of a file" state="that is not whole" page="/dump">
        <div className="p-4">
          <FileNotes facts={facts} />
        </div>
      </Panel>
      <Panel id="page-failed" title="Page" state="that failed" page="/">
        <RouteFailed error={new Error(hostile.markup)} reset={() => undefined} />
      </Panel>
      <Panel id="page-unknown" title="Page" state="that does not exist" page="/">
        <NotFound />
      </Panel>
      <Panel id="panel-failed" title="Panel" state="that failed" page="/">
        <PanelBoundary what="The timeline">
          <Broken />
        </PanelBoundary>
      </Panel>
      <Panel
        id="footer-full"
        title="Footer"
        state="connected"
        page="/"
        answers={{ health: value(health), newest: value(noon - 4_000) }}
      >
        <HealthFooter />
      </Panel>
      <Panel
        id="footer-partial"
        title="Footer"
        state="of a server in need"
        page="/"
        answers={{
          health: value({
            ...health,
            status: "degraded",
            store: "down",
            problems: ["store-down", "archive-down"],
          }),
          newest: value(null),
        }}
      >
        <HealthFooter />
      </Panel>
      <Panel
        id="footer-offline"
        title="Footer"
        state="after the server has gone"
        page="/"
        answers={{ health: offline(health), newest: offline(noon - 4_000) }}
      >
        <HealthFooter />
      </Panel>
    </>
  );
}

/** Pages that fill the window fill a part of it here. */
function Shallow({ children }: { readonly children: React.ReactNode }): React.ReactNode {
  return <div className="[&>.min-h-dvh]:min-h-0">{children}</div>;
}
