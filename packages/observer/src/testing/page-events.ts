import type { EventData } from "@peerscope/schema";

/*
 * What the SDK tells of a page: tracks, media elements. Each function gives a usual state, and takes what differs.
 */

/** A microphone that is on. */
export function microphone(
  change: Partial<EventData["track-state-changed"]> = {},
): EventData["track-state-changed"] {
  return {
    trackId: "mic",
    kind: "audio",
    direction: "local",
    enabled: true,
    muted: false,
    readyState: "live",
    source: "microphone",
    ...change,
  };
}

/** A camera that is on. */
export function camera(
  change: Partial<EventData["track-state-changed"]> = {},
): EventData["track-state-changed"] {
  return { ...microphone(), trackId: "cam", kind: "video", source: "camera", ...change };
}

/** An element that plays sound and picture of the far end aloud. */
export function playing(
  change: Partial<EventData["media-element-changed"]> = {},
): EventData["media-element-changed"] {
  return {
    elementId: "el-1",
    tagName: "video",
    trackIds: ["far-mic", "far-cam"],
    paused: false,
    muted: false,
    volume: 1,
    videoWidth: 640,
    videoHeight: 360,
    displayWidth: 640,
    displayHeight: 360,
    ...change,
  };
}
