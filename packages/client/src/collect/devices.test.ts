import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeKit, type FakeKit } from "../testing/fake-kit.ts";
import { watchDevices } from "./devices.ts";

type Info = Pick<MediaDeviceInfo, "kind" | "deviceId" | "groupId" | "label">;

const info = (
  kind: MediaDeviceKind,
  label: string,
  deviceId = `id of ${label}`,
  groupId = `group of ${label}`,
): Info => ({
  kind,
  deviceId,
  groupId,
  label,
});
const camera = info("videoinput", "FaceTime HD Camera (3A71:F4B5)");
const inner = info("audioinput", "MacBook Pro Microphone (Built-in)");
const headset = info("audioinput", "Jabra Evolve2 65 (0b0e:030c)");
const speaker = info("audiooutput", "MacBook Pro Speakers (Built-in)");
const chosen = info("audioinput", `Default - ${headset.label}`, "default", headset.groupId);

/** A browser with these devices, watched. */
async function watch(
  all: Info[],
  fake: FakeKit = createFakeKit(),
  states: Readonly<Record<string, EventTarget>> = {},
) {
  // One class a test: its method is wrapped.
  class FakeDevices extends EventTarget {
    all = all;
    error: Error | undefined;
    async enumerateDevices(): Promise<Info[]> {
      if (this.error) throw this.error;
      return this.all;
    }
  }
  const media = new FakeDevices();
  const query = async ({ name }: { readonly name: string }): Promise<EventTarget> => {
    const status = states[name];
    if (status === undefined) throw new TypeError(`${name} is no permission here`);
    return status;
  };
  vi.stubGlobal("navigator", { mediaDevices: media, permissions: { query } });
  const devices = watchDevices(fake.kit);
  await settle();
  return { ...fake, media, devices, listed: () => fake.events.map(({ name, data }) => [name, data]) };
}

/** Until all promises that can settle have. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const hash = expect.stringMatching(/^[\da-f]{10}$/) as string;

beforeEach(() => {
  // The same hash without a thread of its own: everything is done when the promises are.
  vi.spyOn(crypto.subtle, "digest").mockImplementation(async (_, data) => {
    const { buffer } = new Uint8Array(
      createHash("sha256")
        .update(new Uint8Array(data as ArrayBuffer))
        .digest(),
    );
    return buffer;
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("devices", () => {
  it("are told by class and hash, without name or id, and the choice of the system is no device of its own", async () => {
    const { events, errors } = await watch([chosen, inner, headset, camera, speaker]);
    expect(errors).toEqual([]);
    expect(events).toEqual([
      {
        name: "devices-listed",
        data: {
          audioInputs: 2,
          videoInputs: 1,
          audioOutputs: 1,
          devices: [
            { kind: "audioinput", type: "built-in", device: hash },
            { kind: "audioinput", type: "headset", device: hash, role: "default" },
            { kind: "videoinput", type: "built-in", device: hash },
            { kind: "audiooutput", type: "built-in", device: hash },
          ],
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/Jabra|MacBook|FaceTime|id of|group of/);
  });

  it("have the same hash in each session of a project and another one in each project", async () => {
    const hashes: string[] = [];
    for (const project of ["pk_one", "pk_one", "pk_two"]) {
      const { events } = await watch([headset], createFakeKit(project));
      hashes.push(JSON.stringify(events));
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it("are counted when the browser names only the choice of the system", async () => {
    const { events } = await watch([info("audioinput", "", "default", ""), info("videoinput", "", "", "")]);
    expect(events[0]?.data).toEqual({
      audioInputs: 1,
      videoInputs: 1,
      audioOutputs: 0,
      devices: [
        { kind: "audioinput", type: "unknown", role: "default" },
        { kind: "videoinput", type: "unknown" },
      ],
    });
  });

  it("come and go", async () => {
    const { media, listed } = await watch([inner, camera]);
    media.all = [inner, camera, headset];
    media.dispatchEvent(new Event("devicechange"));
    await settle();
    media.all = [inner];
    media.dispatchEvent(new Event("devicechange"));
    await settle();
    expect(listed().slice(1)).toEqual([
      [
        "devices-changed",
        {
          audioInputs: 2,
          videoInputs: 1,
          audioOutputs: 0,
          added: [{ kind: "audioinput", type: "headset", device: hash }],
          removed: [],
        },
      ],
      [
        "devices-changed",
        {
          audioInputs: 1,
          videoInputs: 0,
          audioOutputs: 0,
          added: [],
          removed: [
            { kind: "videoinput", type: "built-in", device: hash },
            { kind: "audioinput", type: "headset", device: hash },
          ],
        },
      ],
    ]);
  });

  it("are only counted as long as they have no names, and listed again when they get them", async () => {
    const unnamed = info("audioinput", "", "", "");
    const { kit, media, listed } = await watch([unnamed]);
    media.dispatchEvent(new Event("devicechange"));
    await settle();
    kit.onCapture?.();
    await settle();
    media.all = [inner];
    kit.onCapture?.();
    await settle();
    expect(listed().slice(1)).toEqual([
      ["devices-changed", { audioInputs: 1, videoInputs: 0, audioOutputs: 0 }],
      [
        "devices-listed",
        expect.objectContaining({ devices: [{ kind: "audioinput", type: "built-in", device: hash }] }),
      ],
    ]);
  });

  it("are seen in what the app asks for, and a question that fails is told", async () => {
    const { media, listed } = await watch([inner]);
    media.all = [inner, headset];
    expect(await media.enumerateDevices()).toHaveLength(2);
    await settle();
    expect(listed().at(-1)).toEqual(["devices-listed", expect.objectContaining({ audioInputs: 2 })]);
    media.error = new DOMException("in use", "NotReadableError");
    await expect(media.enumerateDevices()).rejects.toBe(media.error);
    expect(listed().slice(2)).toEqual([
      ["call", { method: "enumerateDevices", names: "", args: [], rejected: true }],
    ]);
  });

  it("name a loudspeaker by what is known of it", async () => {
    const { devices } = await watch([speaker]);
    expect(devices.describeSink("")).toBe("default");
    expect(devices.describeSink("communications")).toBe("communications");
    expect(devices.describeSink(speaker.deviceId)).toEqual({
      kind: "audiooutput",
      type: "built-in",
      device: hash,
    });
    expect(devices.describeSink("made up")).toEqual({ type: "unknown" });
    expect(devices.describeSink({ type: "none" })).toEqual({ type: "none" });
  });

  it("are allowed or not, and nothing is said of what the browser does not know", async () => {
    const microphone = Object.assign(new EventTarget(), { state: "prompt" });
    const { events, stop } = await watch([], createFakeKit(), { microphone });
    microphone.state = "denied";
    microphone.dispatchEvent(new Event("change"));
    stop();
    microphone.state = "granted";
    microphone.dispatchEvent(new Event("change"));
    expect(events.filter(({ name }) => name === "permission-state-changed").map(({ data }) => data)).toEqual([
      { name: "microphone", state: "prompt" },
      { name: "microphone", state: "denied" },
    ]);
  });
});
