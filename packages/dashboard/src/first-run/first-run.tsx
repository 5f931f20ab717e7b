import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, FolderOpen, List, LoaderCircle, Video } from "lucide-react";
import { useEffect, useState } from "react";
import { includesRole, type CurrentProject } from "../access/me.ts";
import { useNow } from "../frame/clock.ts";
import { projectQuery } from "../queries/sessions.ts";
import { RequestError } from "../queries/fetch-json.ts";
import { firstSampleQuery } from "../settings/queries.ts";
import { SnippetBox } from "../settings/snippet-box.tsx";
import { ago } from "../words/time.ts";
import { firstRunState, type FirstRunState } from "./first-run-state.ts";
import { RefusalList, sampleCount } from "./refusal-list.tsx";

const everyMs = 2_000;

/** Three ways to a first session, and what arrives meanwhile. */
export function FirstRun({ project }: { readonly project: CurrentProject }): React.ReactNode {
  const keys = useQuery(projectQuery(project.projectId));
  const [framework, setFramework] = useState("script");
  useEffect(() => {
    document.title = "Start – Peerscope";
  }, []);
  const hasNoKey = keys.error instanceof RequestError && keys.error.code === "ingest-key-missing";
  return (
    <div className="mx-auto max-w-4xl">
      <h1 className="text-lg font-semibold tracking-tight">Record the first call of {project.name}</h1>
      <p className="mt-1 max-w-prose text-ink-soft">
        Nothing of your own is recorded yet. One of these three is enough; the first takes about a minute.
      </p>
      <Arrival projectId={project.projectId} />
      <ol className="mt-4 grid grid-cols-[minmax(0,1fr)] gap-4">
        <li className="card p-5">
          <h2 className="text-base font-semibold">1. Add the SDK to your app</h2>
          <div className="mt-3">
            {keys.data !== undefined ? (
              <SnippetBox token={keys.data.ingestKey} framework={framework} onFramework={setFramework} />
            ) : hasNoKey ? (
              <p className="text-table">
                The project has no public key.{" "}
                {includesRole(project.role, "admin") ? (
                  <Link to="/settings/$section" params={{ section: "keys" }} className="link">
                    Create one
                  </Link>
                ) : (
                  "Ask an admin of the project to create one."
                )}
              </p>
            ) : keys.isError ? (
              <p className="text-table text-poor">{keys.error.message}</p>
            ) : (
              <div className="skeleton h-28 w-full" />
            )}
          </div>
        </li>
        <li className="grid gap-4 sm:grid-cols-2">
          <a href="/demo" className="card flex items-start gap-3 p-5 hover:border-accent">
            <Video className="mt-0.5 size-5 shrink-0 text-accent" aria-hidden />
            <span>
              <span className="block text-base font-semibold">2. Or open the demo call</span>
              <span className="text-table text-ink-soft">
                A real call in this browser, with problems at the push of a button.
              </span>
            </span>
          </a>
          <Link to="/dump" className="card flex items-start gap-3 p-5 hover:border-accent">
            <FolderOpen className="mt-0.5 size-5 shrink-0 text-accent" aria-hidden />
            <span>
              <span className="block text-base font-semibold">3. Or drop a dump</span>
              <span className="text-table text-ink-soft">
                webrtc-internals, rtcstats or a Peerscope recording. It never leaves this browser.
              </span>
            </span>
          </Link>
        </li>
      </ol>
      <p className="mt-4 text-table">
        <Link to="/sessions" className="link inline-flex min-h-6 items-center gap-1.5">
          <List className="size-4" aria-hidden />
          Look at the list of sessions
        </Link>
      </p>
    </div>
  );
}

/** Waits for the first sample, counts what comes, and says what is wrong when nothing does. */
function Arrival({ projectId }: { readonly projectId: string }): React.ReactNode {
  const first = useQuery(firstSampleQuery(projectId, everyMs));
  const [since] = useState(() => Date.now());
  const now = useNow();
  if (first.data === undefined)
    return <div className="card mt-4 h-16 p-4" role="status" aria-label="Loading" />;
  const state = firstRunState(first.data, now - since);
  return (
    <section
      className="card mt-4 p-4"
      aria-label="What arrives"
      data-testid="arrival"
      data-state={state.kind}
    >
      <div role="status" className="text-table">
        <Headline state={state} now={first.data.now} />
      </div>
      {first.isError && (
        <p className="mt-2 text-table text-poor">The server does not answer; this is how it was before.</p>
      )}
      {(state.kind === "refused" || state.kind === "unknown") && state.refusals.length > 0 && (
        <div className="mt-3">
          <RefusalList refusals={state.refusals} now={first.data.now} />
        </div>
      )}
      {state.kind === "waiting" && state.isLong && (
        <ul className="mt-2 list-disc pl-5 text-table text-ink-soft">
          <li>
            Reload the page of your app after pasting, and begin a call: without one there is nothing to send.
          </li>
          <li>
            The console of that page has a line of Peerscope when something is wrong, and the network tab a
            request to <code className="font-mono">/ingest</code>.
          </li>
          <li>
            A content security policy needs <code className="font-mono">connect-src {location.origin}</code>;
            a page on https needs a server on https.
          </li>
          <li>A proxy in front of this server has to hand on WebSockets.</li>
        </ul>
      )}
    </section>
  );
}

function Headline({ state, now }: { readonly state: FirstRunState; readonly now: number }): React.ReactNode {
  switch (state.kind) {
    case "waiting":
      return (
        <p className="flex items-center gap-2">
          <LoaderCircle className="size-4 text-accent motion-safe:animate-spin" aria-hidden />
          <span>
            <strong>Waiting for the first sample.</strong> 0 samples so far, and nothing was refused.
          </span>
        </p>
      );
    case "refused":
      return (
        <p>
          <strong>Clients tried, and were refused.</strong> 0 samples so far.
        </p>
      );
    case "unknown":
      return (
        <p>
          <strong>The store does not answer,</strong> so it is not known what was recorded before. Recording
          goes on.
        </p>
      );
    case "arrived":
      return (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span>
            <strong>The first sample arrived.</strong>{" "}
            {state.frames > 0 && `${sampleCount(state.frames)} so far`}
            {state.at !== null && `${state.frames > 0 ? ", " : ""}the last ${ago(state.at, now)}`}.
          </span>
          {state.sessionId !== null && (
            <Link to="/sessions/$id" params={{ id: state.sessionId }} className="btn-primary">
              Open the session
              <ArrowRight className="size-3.5" aria-hidden />
            </Link>
          )}
        </p>
      );
  }
}
