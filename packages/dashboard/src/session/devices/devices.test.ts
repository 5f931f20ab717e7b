import { describe, expect, test } from "vitest";
import type { EventRow } from "../../worker/messages.ts";
import { deviceHistory } from "./device-list.ts";
import { mediaLanes } from "./media-lanes.ts";
import { mediaRequests } from "./media-requests.ts";

const event = (at: number, name: string, data: EventRow["data"]): EventRow => ({
  at,
  name,
  connectionId: null,
  data,
});

describe("requests for media", () => {
  const requests = mediaRequests([
    event(1, "api-called", {
      callId: 1,
      method: "getUserMedia",
      arguments: { constraints: { audio: true } },
    }),
    event(2, "api-called", { callId: 2, method: "getDisplayMedia" }),
    event(3, "api-settled", {
      callId: 1,
      method: "getUserMedia",
      outcome: "rejected",
      durationMs: 2,
      error: { name: "NotReadableError", message: "in use", constraint: "" },
    }),
    event(4, "api-settled", { callId: 3, method: "setSinkId", outcome: "fulfilled", durationMs: 5 }),
    event(5, "api-called", { callId: 4, method: "createOffer" }),
  ]);

  test("are joined with their outcome; one without an answer says so; one whose call was lost stands for itself", () => {
    expect(requests.map(({ at, method, outcome }) => [at, method, outcome])).toEqual([
      [1, "getUserMedia", "refused"],
      [2, "getDisplayMedia", "pending"],
      [4, "setSinkId", "granted"],
    ]);
    expect(requests[0]?.asked).toEqual({ constraints: { audio: true } });
  });

  test("say why they were refused in words that help, and what the browser said", () => {
    expect(requests[0]?.reason).toBe(
      "The device is there but cannot be opened: another program may hold it (NotReadableError: in use)",
    );
  });
});

describe("devices", () => {
  const headset = { kind: "audioinput", type: "usb", device: "aa" };
  const camera = { kind: "videoinput", type: "built-in", device: "bb", role: "default" };

  test("that came and went change the list", () => {
    const history = deviceHistory([
      event(1, "devices-listed", { devices: [headset, camera, { kind: "printer", type: "other" }, 7] }),
      event(5, "devices-changed", { added: [], removed: [headset] }),
      event(6, "permission-state-changed", { name: "microphone", state: "denied" }),
    ]);
    expect(history.list).toEqual({ at: 5, devices: [camera] });
    expect(history.changes).toHaveLength(1);
    expect(history.permissions).toEqual([{ at: 6, name: "microphone", state: "denied" }]);
  });

  test("of which nothing is known are none", () => {
    expect(deviceHistory([])).toEqual({ list: null, changes: [], permissions: [] });
  });
});

test("tracks, elements and contexts have lanes, numbered where a name would stand twice", () => {
  const track = (trackId: string, enabled: boolean): EventRow["data"] => ({
    trackId,
    kind: "audio",
    direction: "local",
    enabled,
    muted: false,
    readyState: "live",
  });
  const element = { elementId: "e", tagName: "video", trackIds: [], paused: false, muted: true, volume: 1 };
  const lanes = mediaLanes(
    [
      event(0, "track-state-changed", track("a", true)),
      event(0, "track-state-changed", track("b", true)),
      event(4, "track-state-changed", track("a", false)),
      event(0, "media-element-changed", element),
      event(6, "media-element-stalled", { elementId: "e", reason: "waiting" }),
      event(0, "audio-context-state-changed", { contextId: "c", state: "suspended", sampleRate: 48_000 }),
    ],
    10,
  );
  expect(lanes.map(({ title, spans }) => [title, spans.map(({ word }) => word)])).toEqual([
    ["Microphone", ["on", "switched off"]],
    ["Microphone 2", ["on"]],
    ["<video> element", ["plays without sound", "stalled"]],
    ["AudioContext", ["suspended"]],
  ]);
});
