import type { ReactElement } from "react";
import type { DemoCall, DemoState } from "./demo-call.ts";
import { impairmentControls, type ImpairmentControl } from "./impairment-controls.ts";

/** Sliders: how bad Ana's sound and picture travel. */
export function ImpairmentSliders(props: {
  readonly demo: DemoCall;
  readonly state: DemoState;
}): ReactElement {
  return (
    <section aria-labelledby="impair" className="card">
      <header className="border-b border-line px-4 py-3">
        <h2 id="impair" className="font-semibold">
          Make Ana's side bad
        </h2>
        <p className="text-xs text-ink-soft">
          Every control does the real thing. What it should lead to stands below it.
        </p>
      </header>
      <ul className="divide-y divide-line">
        <Rows kind="slider" {...props} />
      </ul>
    </section>
  );
}

/** Switches: what people and apps do to microphone, camera and connection. */
export function ImpairmentSwitches(props: {
  readonly demo: DemoCall;
  readonly state: DemoState;
}): ReactElement {
  const { demo, state } = props;
  const closed = state.impairments.connectionClosed;
  return (
    <section aria-labelledby="switches" className="card">
      <h2 id="switches" className="border-b border-line px-4 py-3 font-semibold">
        Ana's microphone, camera and connection
      </h2>
      <ul className="grid sm:grid-cols-2">
        <Rows kind="switch" {...props} />
        <li className="flex items-start justify-between gap-4 px-4 py-2.5">
          <div>
            <p className="font-medium">Close the connection</p>
            <p className="text-xs text-ink-soft">Ana's app calls close(), and Ben is not told.</p>
            <p className="text-xs text-ink-soft">
              <span className="text-ink">Expect:</span> an intended end on Ana's side, which is no fault.
            </p>
          </div>
          <button
            type="button"
            className="btn"
            disabled={state.phase !== "running" || closed}
            onClick={() => demo.impair({ connectionClosed: true })}
            data-testid="close-connection"
          >
            {closed ? "Closed" : "Close"}
          </button>
        </li>
      </ul>
    </section>
  );
}

function Rows(props: {
  readonly kind: ImpairmentControl["kind"];
  readonly demo: DemoCall;
  readonly state: DemoState;
}): ReactElement[] {
  const { kind, demo, state } = props;
  const enabled = state.phase === "running" && !state.impairments.connectionClosed;
  return impairmentControls
    .filter((control) => control.kind === kind)
    .map((control) => (
      <ControlRow key={control.id} control={control} state={state} demo={demo} enabled={enabled} />
    ));
}

function ControlRow(props: {
  readonly control: ImpairmentControl;
  readonly state: DemoState;
  readonly demo: DemoCall;
  readonly enabled: boolean;
}): ReactElement {
  const { control, state, demo } = props;
  const unavailable = control.unavailable(state);
  const enabled = props.enabled && unavailable === null;
  return (
    <li className="px-4 py-2.5">
      <div className="flex items-center justify-between gap-4">
        <label htmlFor={control.id} className="font-medium">
          {control.title}
        </label>
        {control.kind === "slider" ? (
          <output htmlFor={control.id} className="tnum text-xs">
            {control.words(control.read(state.impairments))}
          </output>
        ) : (
          <input
            id={control.id}
            data-testid={control.id}
            type="checkbox"
            role="switch"
            className="size-5 accent-accent"
            checked={control.read(state.impairments)}
            disabled={!enabled}
            onChange={(event) => demo.impair(control.change(event.target.checked))}
            aria-describedby={`${control.id}-does`}
          />
        )}
      </div>
      {control.kind === "slider" && (
        <input
          id={control.id}
          data-testid={control.id}
          type="range"
          className="mt-1 block h-6 w-full accent-accent"
          min={control.min}
          max={control.max}
          step={control.step}
          value={control.read(state.impairments)}
          disabled={!enabled}
          onChange={(event) => demo.impair(control.change(event.target.valueAsNumber))}
          aria-describedby={`${control.id}-does`}
          aria-valuetext={control.words(control.read(state.impairments))}
        />
      )}
      <div id={`${control.id}-does`} className="text-xs text-ink-soft">
        <p>{control.does}</p>
        <p>
          <span className="text-ink">Expect:</span> {unavailable ?? control.expect}{" "}
          {control.observations.map((id) => (
            <code key={id} className="mr-1 inline-block rounded bg-sunken px-1 text-ink">
              {id}
            </code>
          ))}
        </p>
      </div>
    </li>
  );
}
