import type { MonitorStatus } from "@peerscope/client";
import type { ReactElement } from "react";
import type { DemoState } from "./demo-call.ts";

/** What the recording does: the lines an app writes for it, and how far the server has it on disk. */
export function TelemetryPanel(props: {
  readonly state: DemoState;
  readonly user: string;
  readonly call: string;
}): ReactElement {
  const { state, user, call } = props;
  const { telemetry } = state;
  return (
    <section aria-labelledby="telemetry" className="card" data-testid="telemetry">
      <header className="flex items-baseline justify-between gap-4 border-b border-line px-4 py-3">
        <h2 id="telemetry" className="font-semibold">
          The recording
        </h2>
        <p className="text-xs text-ink-soft" data-testid="telemetry-state">
          {stateInWords(telemetry)}
        </p>
      </header>
      <pre
        tabIndex={0}
        role="region"
        aria-label="Code of this page"
        className="overflow-x-auto bg-sunken px-4 py-3 font-mono text-xs leading-5"
      >
        <code>
          {`import { start } from "@peerscope/client";\n`}
          {`const peerscope = start({ url: "${location.origin}", token: "${state.token ?? "pk_…"}",\n`}
          {`  user: ${JSON.stringify(user)}, call: ${JSON.stringify(call)}, tags: { page: "demo" } });`}
        </code>
      </pre>
      <p className="px-4 pt-3 text-xs text-ink-soft">
        That is all this page does for it, before its first connection. Both ends are in one page, so they are
        one session with two connections. Peerscope records statistics and events, never sound or picture.
        While a screen's sound is off, the browser itself reports a level of zero for what arrives there.
      </p>
      <dl className="grid grid-cols-2 gap-3 px-4 py-3 text-xs tabular-nums sm:grid-cols-4">
        <Entry name="Session" value={state.sessionId?.slice(0, 8) ?? "–"} />
        <Entry name="Frames on the server's disk" value={String(telemetry?.framesAcknowledged ?? "–")} />
        <Entry name="Records waiting" value={String(telemetry?.recordsQueued ?? "–")} />
        <Entry name="Records given up" value={String(telemetry?.lost ?? "–")} />
      </dl>
    </section>
  );
}

function stateInWords(telemetry: MonitorStatus | null): string {
  if (telemetry === null) return "not started";
  if (telemetry.refused !== null) return `refused: ${telemetry.refused}`;
  return telemetry.connected ? "connected" : "not connected; keeps everything until it is";
}

function Entry({ name, value }: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <div>
      <dt className="text-ink-soft">{name}</dt>
      <dd className="mt-0.5 font-medium">{value}</dd>
    </div>
  );
}
