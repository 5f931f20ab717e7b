import type { JsonObject, JsonValue } from "@peerscope/schema";
import { isObject } from "./json.ts";

/** Devices of a list that are taken over. Ours. */
const maxDevices = 100;

/** Entries that Chromium adds for the choice of the system. */
const roles: ReadonlySet<JsonValue | undefined> = new Set(["default", "communications"]);

/**
 * Data of a `devices-listed` event from what `enumerateDevices()` gave. Names and ids are not taken over; what a name says of the
 * device is known to the SDK alone, so that its type is "unknown" here.
 */
export function listDevices(entries: readonly JsonValue[]): JsonObject {
  const listed = entries.filter(isObject).slice(0, maxDevices);
  const kinds = listed
    .filter(
      ({ kind, deviceId }) =>
        !roles.has(deviceId) ||
        !listed.some((other) => other["kind"] === kind && !roles.has(other["deviceId"])),
    )
    .map(({ kind }) => kind);
  const count = (wanted: string): number => kinds.filter((kind) => kind === wanted).length;
  return {
    audioInputs: count("audioinput"),
    videoInputs: count("videoinput"),
    audioOutputs: count("audiooutput"),
    devices: kinds
      .filter((kind) => kind === "audioinput" || kind === "videoinput" || kind === "audiooutput")
      .map((kind) => ({ kind, type: "unknown" })),
  };
}
