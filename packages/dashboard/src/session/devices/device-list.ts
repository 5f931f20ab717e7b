import type { JsonObject, JsonValue } from "@peerscope/schema";
import type { EventRow } from "../../worker/messages.ts";

/** A device as the page saw it. Its name never left the page: what is known is its class and a hash. */
export interface Device {
  readonly kind: "audioinput" | "audiooutput" | "videoinput";
  readonly type: string;
  /** Recognises it again within the project; null when the browser gave no names. */
  readonly device: string | null;
  readonly role: string | null;
}

/** What the page saw at a moment. */
export interface DeviceList {
  /** Unix ms. */
  readonly at: number;
  readonly devices: readonly Device[];
}

/** Devices came or went. */
export interface DeviceChange {
  readonly at: number;
  readonly added: readonly Device[];
  readonly removed: readonly Device[];
}

/** What the user allowed, and when that changed. */
export interface PermissionChange {
  readonly at: number;
  readonly name: string;
  readonly state: string;
}

/** Everything the events say about devices and permissions. */
export interface DeviceHistory {
  /** The last list; null when the page never saw one. */
  readonly list: DeviceList | null;
  readonly changes: readonly DeviceChange[];
  readonly permissions: readonly PermissionChange[];
}

export function deviceHistory(events: readonly EventRow[]): DeviceHistory {
  let list: DeviceList | null = null;
  const changes: DeviceChange[] = [];
  const permissions: PermissionChange[] = [];
  for (const { at, name, data } of events) {
    if (name === "devices-listed") list = { at, devices: devicesOf(data?.["devices"]) };
    else if (name === "devices-changed") {
      const change = { at, added: devicesOf(data?.["added"]), removed: devicesOf(data?.["removed"]) };
      changes.push(change);
      if (list !== null) list = { at, devices: apply(list.devices, change) };
    } else if (name === "permission-state-changed") {
      const { name: permission, state } = data ?? {};
      if (typeof permission === "string" && typeof state === "string")
        permissions.push({ at, name: permission, state });
    }
  }
  return { list, changes, permissions };
}

function apply(devices: readonly Device[], { added, removed }: DeviceChange): Device[] {
  const gone = removed.map(keyOf);
  return [...devices.filter((device) => !gone.includes(keyOf(device))), ...added];
}

const keyOf = ({ kind, type, device }: Device): string => `${kind} ${type} ${device ?? ""}`;

function devicesOf(value: JsonValue | undefined): Device[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly JsonValue[]).flatMap((entry) => {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
    const { kind, type, device, role } = entry as JsonObject;
    if (kind !== "audioinput" && kind !== "audiooutput" && kind !== "videoinput") return [];
    const text = (part: JsonValue | undefined): string | null => (typeof part === "string" ? part : null);
    return [{ kind, type: text(type) ?? "unknown", device: text(device), role: text(role) }];
  });
}

/** What a kind of device is called. */
export const kindWords: Readonly<Record<Device["kind"], string>> = {
  audioinput: "Microphones",
  audiooutput: "Loudspeakers",
  videoinput: "Cameras",
};

/** What is known of a device: "headset, #a1b2". */
export function deviceWords({ type, role, device }: Device): string {
  const what = type === "unknown" ? "not named by the browser" : type.replace("built-in", "built in");
  return [
    what,
    role === null ? null : `chosen by the system (${role})`,
    device === null ? null : `#${device}`,
  ]
    .filter(Boolean)
    .join(", ");
}
