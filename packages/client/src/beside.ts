/**
 * What the SDK needs a moment after its start, to send what it has recorded and to record more: a file of its own, so that the one that an app waits for stays small. Like the
 * surroundings it imports nothing of the main file but types: one that did would load it a second time in a page that
 * asks for it under another address.
 */
import { watchPage } from "./collect/page.ts";
import type { PeerConnections } from "./collect/peer-connections.ts";
import { createTrackLook } from "./collect/tracks.ts";
import { createTransportLook } from "./collect/transports.ts";
import { createCadence } from "./sample/cadence.ts";
import type { Sampler } from "./sample/sampler.ts";
import { watchLeaving, type Leaving } from "./transport/away.ts";

export { createFrameQueue } from "./transport/frame-queue.ts";
export { createIngestSocket } from "./transport/ingest-socket.ts";

/** What of the SDK goes on here. */
export interface Attended extends Leaving {
  readonly connections: PeerConnections;
  readonly sampler: Sampler;
  /** As the app asked, in milliseconds. */
  readonly intervalMs: number;
  /** Share of the main thread that the SDK may take. Default 0.01. */
  readonly cpuBudget?: number | undefined;
}

/** Begins what follows the start: cadence, tracks and transports of connections, and what the page itself does. */
export function attend(sdk: Attended): void {
  const { kit, connections, queue, intervalMs, cpuBudget = 0.01, socket } = sdk;
  const { listen, platform, recorder } = kit;
  const { emit } = recorder;
  sdk.sampler.follow((replan) => createCadence(platform.now, recorder, queue, intervalMs, cpuBudget, replan));
  connections.extend(createTrackLook(emit, listen));
  connections.extend(createTransportLook(emit, listen));
  watchPage(emit, listen, socket.open, () => recorder.flush());
  watchLeaving(sdk);
}
