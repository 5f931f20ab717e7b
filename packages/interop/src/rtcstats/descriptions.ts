import { sdpDifference, type JsonObject, type JsonValue } from "@peerscope/schema";
import { objectOf, textOf } from "../json.ts";
import { reduceSdp } from "../redact.ts";

/** Characters of a description that is put together: longer ones are hostile. Ours: five times what the SDK keeps of one. */
const maxSdpCharacters = 300_000;

/** A session description of the source, its sections written out. */
interface Whole {
  readonly type: string;
  readonly sdp: string;
}

/** What becomes of a description that the source names. */
export interface ReadDescription {
  /** As it is recorded: `sdp` is missing when it could not be put together. */
  readonly recorded: JsonObject;
  /** Why it could not. */
  readonly problem: "base-missing" | "too-large" | null;
}

/** The session descriptions of one connection: undoes the compression of their sections, and says them as the SDK does. */
export interface Descriptions {
  /** createOffer or createAnswer gave it. */
  created(value: JsonValue, callId: number, method: string): ReadDescription;
  /** It is to be set; `settled` says whether it was. */
  setting(end: "local" | "remote", value: JsonValue, callId: number, method: string): ReadDescription;
  settled(end: "local" | "remote", isSet: boolean): void;
  /** setLocalDescription() without an argument made it. */
  madeAndSet(value: JsonValue, callId: number, method: string): ReadDescription;
}

export function createDescriptions(): Descriptions {
  const applied: { local: Whole | null; remote: Whole | null } = { local: null, remote: null };
  const waiting: { local: Whole | null; remote: Whole | null } = { local: null, remote: null };
  const created = new Map<string, Whole>();
  /** What was recorded last of either end: what later ones are said by. */
  const recorded = new Map<
    "local" | "remote",
    { readonly callId: number; readonly lines: readonly string[] }
  >();

  function read(
    value: JsonValue,
    base: Whole | null,
    end: "local" | "remote",
    callId: number,
  ): { readonly whole: Whole | null; readonly read: ReadDescription } {
    const given = objectOf(value);
    const type = textOf(given["type"]) ?? "";
    const sdp = textOf(given["sdp"]);
    const plain = { type: type.slice(0, 20) };
    if (sdp === null) return { whole: null, read: { recorded: plain, problem: null } };
    const text = expand(sdp, base !== null && base.type === type ? base.sdp : null);
    if (text === null) return { whole: null, read: { recorded: plain, problem: "base-missing" } };
    if (text.length > maxSdpCharacters)
      return { whole: null, read: { recorded: plain, problem: "too-large" } };
    const lines = reduceSdp(text).split("\n");
    const before = recorded.get(end) ?? [...recorded.values()][0];
    recorded.set(end, { callId, lines });
    const said = before === undefined ? lines.join("\n") : sdpDifference(before.callId, before.lines, lines);
    return { whole: { type, sdp: text }, read: { recorded: { ...plain, sdp: said }, problem: null } };
  }

  return {
    created(value, callId) {
      const { whole, read: result } = read(value, applied.local, "local", callId);
      if (whole !== null && /^(offer|pranswer|answer)$/.test(whole.type)) created.set(whole.type, whole);
      return result;
    },
    setting(end, value, callId) {
      const type = textOf(objectOf(value)["type"]) ?? "";
      // Of an own one, what was created before it is the base when none of its type is applied.
      const own = applied.local?.type === type ? applied.local : (created.get(type) ?? null);
      const { whole, read: result } = read(value, end === "local" ? own : applied.remote, end, callId);
      waiting[end] = whole;
      return result;
    },
    settled(end, isSet) {
      // A rollback has no text: what was applied before it counts again, and that is the last one that was set.
      if (isSet) applied[end] = waiting[end] ?? applied[end];
      waiting[end] = null;
    },
    madeAndSet(value, callId) {
      const { whole, read: result } = read(value, applied.local, "local", callId);
      if (whole !== null) applied.local = whole;
      return result;
    },
  };
}

/** The text with its sections written out; null when one of them is said by a base that is not there. */
function expand(sdp: string, base: string | null): string | null {
  const sections = sectionsOf(sdp);
  if (!sections.some(isMarker)) return sdp;
  if (base === null) return null;
  const known = sectionsOf(base);
  const whole: string[] = [];
  for (const [index, section] of sections.entries()) {
    if (!isMarker(section)) whole.push(section);
    else {
      const same = known[index];
      if (same === undefined) return null;
      whole.push(same);
    }
  }
  return `${whole.join("\r\n")}\r\n`;
}

/** What stands before each "m=" line, and from each on. */
function sectionsOf(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m).map((section) => section.trim());
}

function isMarker(section: string): boolean {
  return section === "v=" || section === "m=";
}
