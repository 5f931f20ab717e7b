/**
 * What the SDK needs a moment after its start: a file of its own, so that the one that an app waits for stays small. Like the
 * surroundings it imports nothing of the main file but types: one that did would load it a second time in a page that
 * asks for it under another address.
 */
export { createTrackLook } from "./collect/tracks.ts";
export { createTransportLook } from "./collect/transports.ts";
export { createCadence } from "./sample/cadence.ts";
export { openPost, watchLeaving } from "./transport/away.ts";
export { giveUpSamples } from "./transport/give-up-samples.ts";
