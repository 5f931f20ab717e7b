import type { EventRow } from "../../worker/messages.ts";
import { pathEvents } from "../connection/path-events.ts";
import { deviceHistory, deviceWords, kindWords } from "../devices/device-list.ts";
import { mediaRequests } from "../devices/media-requests.ts";

/** Changes that are listed; the session page has all. Ours. */
const shownChanges = 25;

/** What the events of a session say about devices and network. */
export interface Environment {
  /** Kind of device and which there were, at the end of the session. */
  readonly devices: readonly (readonly [string, string])[];
  /** What changed or was refused, in the order of time; `at` in Unix ms. */
  readonly happened: readonly { readonly at: number; readonly text: string }[];
  /** Changes beyond those. */
  readonly left: number;
}

export function environmentOf(events: readonly EventRow[]): Environment {
  const { list, changes, permissions } = deviceHistory(events);
  const connections = [...new Set(events.flatMap(({ connectionId }) => connectionId ?? []))];
  const happened = [
    ...mediaRequests(events).flatMap(({ at, method, outcome, reason }) =>
      outcome === "refused" ? [{ at, text: `${method}() was refused: ${reason ?? "no reason"}` }] : [],
    ),
    ...permissions.map(({ at, name, state }) => ({ at, text: `Permission for ${name}: ${state}` })),
    ...changes.flatMap(({ at, added, removed }) => [
      ...added.map(({ kind, type }) => ({
        at,
        text: `Added to the ${kindWords[kind].toLowerCase()}: ${type}`,
      })),
      ...removed.map(({ kind, type }) => ({
        at,
        text: `Gone from the ${kindWords[kind].toLowerCase()}: ${type}`,
      })),
    ]),
    ...events.flatMap(({ at, name, data }) =>
      name === "network-online-changed"
        ? [
            {
              at,
              text: data?.["online"] === false ? "The machine went offline" : "The machine was online again",
            },
          ]
        : [],
    ),
    ...connections.flatMap((connectionId) => pathEvents(events, connectionId)),
  ].sort((a, b) => a.at - b.at);
  const kinds = ["audioinput", "audiooutput", "videoinput"] as const;
  return {
    devices: kinds.flatMap((kind) => {
      const own = (list?.devices ?? []).filter((device) => device.kind === kind);
      return own.length === 0 ? [] : [[kindWords[kind], own.map(deviceWords).join("; ")] as const];
    }),
    happened: happened.slice(0, shownChanges).map(({ at, text }) => ({ at, text })),
    left: Math.max(0, happened.length - shownChanges),
  };
}
