import type { SeenDevice } from "@peerscope/schema";
import { classifyLabel, withoutRole } from "./device-names.ts";
import type { Kit } from "./surroundings.ts";

export interface Devices {
  /** Says which loudspeaker is meant by the argument of a `setSinkId`, without its id. */
  describeSink(sink: unknown): unknown;
}

/** Ids that Chromium gives to the entries for the choice of the system. */
const roles: readonly string[] = ["default", "communications"];
/** Bytes of a hash: enough to tell the devices of a project apart, too few to tell a name for sure. Ours. */
const hashBytes = 5;

/**
 * Watches which cameras, microphones and loudspeakers there are. Their names and ids stay here: what leaves is the class of a device
 * and a hash of its name.
 */
export function watchDevices(kit: Kit): Devices {
  const { recorder, wrapper, listen, tellCall, salt, signal } = kit;
  const { fail, emit } = recorder;
  // Missing in a page that is not a secure context.
  const media = navigator.mediaDevices as MediaDevices | undefined;
  const hashes = new Map<string, string>();
  let known = new Map<string, SeenDevice>();
  let told = "";
  let busy = Promise.resolve();

  async function hashOf(label: string): Promise<string> {
    const known = hashes.get(label);
    if (known !== undefined) return known;
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${salt}\n${label}`));
    const bytes = Array.from(new Uint8Array(digest, 0, hashBytes));
    const hash = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    hashes.set(label, hash);
    return hash;
  }

  async function describe(all: readonly MediaDeviceInfo[]): Promise<Map<string, SeenDevice>> {
    const found = new Map<string, SeenDevice>();
    for (const { kind, deviceId, groupId, label } of all) {
      const chosen = all.filter(
        (entry) =>
          entry.kind === kind &&
          roles.includes(entry.deviceId) &&
          (entry.groupId === groupId || withoutRole(entry.label) === label),
      );
      // The entry of a role says nothing when the device itself is in the list.
      const isRole = roles.includes(deviceId);
      if (isRole && all.some((other) => other.kind === kind && !roles.includes(other.deviceId))) continue;
      const [role] = isRole ? [deviceId] : chosen.map((entry) => entry.deviceId);
      const name = withoutRole(label);
      found.set(`${kind} ${deviceId}`, {
        kind,
        type: classifyLabel(name),
        ...(name ? { device: await hashOf(name) } : {}),
        ...(role ? { role } : {}),
      });
    }
    return found;
  }

  /** Tells the list when it is not what was told; `changed`: tells what came and went. */
  async function look(changed: boolean, given?: readonly MediaDeviceInfo[]): Promise<void> {
    const now = await describe(given ?? (await enumerate()));
    const before = known;
    known = now;
    const devices = [...now.values()];
    const count = (wanted: string): number => devices.filter(({ kind }) => kind === wanted).length;
    const counts = {
      audioInputs: count("audioinput"),
      videoInputs: count("videoinput"),
      audioOutputs: count("audiooutput"),
    };
    const text = JSON.stringify(devices);
    const isNews = text !== told;
    told = text;
    // A list without names has no ids either: it cannot be compared.
    const isComparable = [before, now].every((list) => [...list.values()].every(({ device }) => device));
    if (changed && isComparable) {
      emit("devices-changed", { ...counts, added: missing(now, before), removed: missing(before, now) });
    } else if (changed) emit("devices-changed", { ...counts, added: undefined, removed: undefined });
    else if (isNews) emit("devices-listed", { ...counts, devices });
  }

  /** One after the other, so that what came and went is told once. */
  function update(changed: boolean, given?: readonly MediaDeviceInfo[]): void {
    busy = busy
      .then(() => (signal.aborted ? undefined : look(changed, given)))
      .catch((error: unknown) => fail("devices", error));
  }

  // Taken before it is wrapped: the questions of the SDK are not calls of the app.
  // oxlint-disable-next-line typescript/unbound-method -- called with the target
  const native = media?.enumerateDevices;
  const enumerate = async (): Promise<MediaDeviceInfo[]> => (media && (await native?.call(media))) ?? [];

  if (media) {
    wrapper.method(media, "enumerateDevices", () => (rejected, value) => {
      if (rejected) tellCall("enumerateDevices", "", [])(true, value);
      else update(false, value as readonly MediaDeviceInfo[]);
    });
    listen(media, "devicechange", () => update(true));
    // With the permission come the names.
    kit.onCapture = () => update(false);
    update(false);
  }
  for (const name of ["camera", "microphone"] as const) {
    // Rejects in Firefox before 131, which does not know these names; missing in old Safari.
    void navigator.permissions?.query({ name }).then(
      (permission) => {
        const tell = (): void => emit("permission-state-changed", { name, state: permission.state });
        if (signal.aborted) return;
        tell();
        listen(permission, "change", tell);
      },
      () => {},
    );
  }

  return {
    describeSink(sink) {
      if (typeof sink !== "string") return sink;
      if (!sink || roles.includes(sink)) return sink || "default";
      return known.get(`audiooutput ${sink}`) ?? { type: "unknown" };
    },
  };
}

function missing(
  from: ReadonlyMap<string, SeenDevice>,
  others: ReadonlyMap<string, SeenDevice>,
): SeenDevice[] {
  return [...from].flatMap(([key, device]) => (others.has(key) ? [] : [device]));
}
