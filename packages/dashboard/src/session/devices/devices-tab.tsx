import type { JsonValue } from "@peerscope/schema";
import { useMemo } from "react";
import { short } from "../../words/numbers.ts";
import { useSession, useSnapshot, useTimeWords } from "../context.tsx";
import { LaneRows } from "../lane-rows.tsx";
import { deviceHistory, deviceWords, kindWords, type DeviceHistory } from "./device-list.ts";
import { mediaLanes } from "./media-lanes.ts";
import { mediaRequests, type MediaRequest } from "./media-requests.ts";

/** What was asked of the machine, what it gave, and what it has: microphones, cameras, loudspeakers. */
export function DevicesTab(): React.ReactNode {
  const { store, start } = useSession();
  const snapshot = useSnapshot(store);
  const { events } = snapshot;
  const end = snapshot.analysis?.end ?? start;
  const requests = useMemo(() => mediaRequests(events), [events]);
  const history = useMemo(() => deviceHistory(events), [events]);
  const lanes = useMemo(() => mediaLanes(events, end), [events, end]);
  const isEmpty =
    requests.length === 0 &&
    lanes.length === 0 &&
    history.list === null &&
    history.changes.length === 0 &&
    history.permissions.length === 0;
  if (isEmpty) {
    return (
      <p className="card p-6 text-ink-soft">
        {snapshot.phase === "loading"
          ? "Reading the devices"
          : "This recording says nothing about devices: the page used none, or its source does not record them."}
      </p>
    );
  }
  return (
    <section className="flex flex-col gap-3" aria-label="Devices and media">
      {requests.length > 0 && <Requests requests={requests} />}
      {lanes.length > 0 && (
        <div className="card p-4">
          <h2 className="mb-2 font-semibold">Tracks and elements over time</h2>
          <div className="flex flex-col gap-0.5">
            <LaneRows lanes={lanes} />
          </div>
        </div>
      )}
      <History history={history} />
    </section>
  );
}

const outcomeWords: Readonly<Record<MediaRequest["outcome"], string>> = {
  granted: "● granted",
  refused: "✕ refused",
  pending: "– no answer",
};
const outcomeLooks: Readonly<Record<MediaRequest["outcome"], string>> = {
  granted: "text-good",
  refused: "font-semibold text-poor",
  pending: "text-fair",
};

function Requests({ requests }: { readonly requests: readonly MediaRequest[] }): React.ReactNode {
  return (
    <div className="card overflow-hidden">
      <h2 className="border-b border-line px-4 py-2 font-semibold">What the page asked for</h2>
      <ol className="divide-y divide-line">
        {requests.map((request, place) => (
          <li key={place} className="px-4 py-2 text-table">
            <p className="flex flex-wrap items-baseline gap-x-3">
              <Moment at={request.at} />
              <code className="font-mono text-xs">{request.method}()</code>
              <span className={outcomeLooks[request.outcome]}>{outcomeWords[request.outcome]}</span>
              {request.durationMs !== null && (
                <span className="text-xs text-ink-soft">after {short(request.durationMs)} ms</span>
              )}
            </p>
            {request.reason !== null && <p className="mt-1">{request.reason}</p>}
            <div className="mt-1 grid gap-2 md:grid-cols-2">
              <Json title="Asked for" value={request.asked} />
              <Json title="Given" value={request.given} />
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Json({
  title,
  value,
}: {
  readonly title: string;
  readonly value: JsonValue | null;
}): React.ReactNode {
  if (value === null) return null;
  return (
    <details>
      <summary className="min-h-6 text-xs text-ink-soft">{title}</summary>
      <pre
        tabIndex={0}
        role="region"
        aria-label={title}
        className="max-h-56 overflow-auto rounded-sm bg-sunken p-2 font-mono text-xs whitespace-pre-wrap"
      >
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}

function Moment({ at }: { readonly at: number }): React.ReactNode {
  const { view, start } = useSession();
  const words = useTimeWords();
  return (
    <button
      type="button"
      className="tnum min-h-6 text-ink-soft hover:text-accent hover:underline"
      title="Put the cursor here"
      onClick={() => view.setAt((at - start) / 1000, true)}
    >
      {words(at, true)}
    </button>
  );
}

function History({ history }: { readonly history: DeviceHistory }): React.ReactNode {
  const { list, changes, permissions } = history;
  if (list === null && changes.length === 0 && permissions.length === 0) return null;
  const kinds = ["audioinput", "audiooutput", "videoinput"] as const;
  return (
    <div className="card grid gap-x-8 gap-y-4 p-4 text-table md:grid-cols-2">
      <div>
        <h2 className="font-semibold">Devices that the page could see</h2>
        <p className="text-xs text-ink-soft">
          Names stay in the page. What is kept is the class of a device and a mark to recognise it again.
        </p>
        {list === null ? (
          <p className="mt-2 text-ink-soft">The page never saw a list.</p>
        ) : (
          <dl className="mt-2">
            {kinds.map((kind) => {
              const devices = list.devices.filter((device) => device.kind === kind);
              return (
                <div key={kind} className="mt-1">
                  <dt className="text-xs text-ink-soft">{kindWords[kind]}</dt>
                  {devices.length === 0 ? (
                    <dd>none</dd>
                  ) : (
                    devices.map((device, place) => (
                      <dd key={place} className="wrap-anywhere">
                        {deviceWords(device)}
                      </dd>
                    ))
                  )}
                </div>
              );
            })}
          </dl>
        )}
      </div>
      <div>
        <h2 className="font-semibold">What changed</h2>
        {permissions.length + changes.length === 0 && <p className="mt-2 text-ink-soft">Nothing.</p>}
        <ol className="mt-2">
          {permissions.map(({ at, name, state }, place) => (
            <li key={`permission ${place}`} className="flex gap-3">
              <Moment at={at} />
              <span
                className={`min-w-0 wrap-anywhere ${state === "denied" ? "font-semibold text-poor" : ""}`}
              >
                {state === "denied" && "✕ "}
                <bdi>{name}</bdi>: <bdi>{state}</bdi>
              </span>
            </li>
          ))}
          {changes.map(({ at, added, removed }, place) => (
            <li key={`change ${place}`} className="flex gap-3">
              <Moment at={at} />
              <span className="min-w-0 wrap-anywhere">
                {[
                  ...added.map((device) => `came: ${device.kind}, ${deviceWords(device)}`),
                  ...removed.map((device) => `went: ${device.kind}, ${deviceWords(device)}`),
                ].join("; ") ||
                  "Devices came or went; which is not known, because the browser gives no names"}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
