import type { JsonObject, JsonValue, StatsObject } from "@peerscope/schema";
import { isObject, isPlain, numberOf, parseJson } from "../json.ts";
import { isTimeKept, pressureType, typeByMembers, vanishing, vanishingMember } from "./object-rules.ts";
import { memberName, statsTypeName } from "./names.ts";

/** Bounds of what is held of one session. Ours: ten times the largest conference. */
const limits = {
  /** Stats objects of one connection, and members of one of them. */
  objects: 5_000,
  members: 300,
  /** Weight of all objects of a session: members, and a thirty-second of the characters of texts. */
  weight: 250_000,
  /** Characters of an id, and of a text. A certificate has some 1,500. */
  idCharacters: 512,
  textCharacters: 16_384,
} as const;

/** What is told about the report that a frame leads to. */
export interface DecodedReport {
  readonly stats: readonly StatsObject[];
  /** Unix ms: the time that most of the objects have in common; null when none is said. */
  readonly at: number | null;
  /** State of the processor as the Compute Pressure API has it: 1 critical to 4 nominal; null when it is not told. */
  readonly cpuState: number | null;
  /** Members and objects that were left out, because they are too many, too large or of no use. */
  readonly left: number;
  /** Objects of which the beginning is missing. */
  readonly baseless: number;
}

/** What the connections of a session hold together. */
export interface HeldWeight {
  weight: number;
}

/** Is there little room left for what is new? */
export function isNearlyFull({ weight }: HeldWeight): boolean {
  return weight > limits.weight * 0.75;
}

/** The reports of one connection, put together from their differences. */
export interface ReportState {
  /** Members of all objects and a part of the length of their texts, as a measure of what a report costs. */
  readonly size: number;
  /** Gives back what it holds of the session's weight. */
  release(): void;
  /** Takes a difference. `now` is the time of its frame, Unix ms. */
  apply(difference: JsonObject, own: OwnAdditions, now: number): DecodedReport;
  /** Takes a difference or a whole report as older clients write them: names in clear, times in the objects. */
  applyNamed(value: JsonObject, isWhole: boolean, now: number): DecodedReport;
}

/** What Peerscope's own dumps say beyond the format: see own-frames.ts. */
export interface OwnAdditions {
  /** Members to be removed before the difference is applied, by object. */
  readonly removed: JsonObject | null;
  /** All objects in their order. */
  readonly order: readonly JsonValue[] | null;
  /** Forget what was before. */
  readonly reset: boolean;
}

interface MutableStats {
  id: string;
  type: string;
  timestamp: number;
  [member: string]: JsonValue;
}

interface Held {
  /** Made anew when it has got or lost a member: see `settle`. */
  stats: MutableStats;
  hasNewShape: boolean;
  /** Own members besides id, type and timestamp. */
  members: number;
  /** Of the object itself and its members. */
  weight: number;
  hasType: boolean;
  hasTime: boolean;
  /** Number of the difference that mentioned it last. */
  mentioned: number;
  /** Counter beside `vanishing`, before the difference; and whether the difference said the member itself. */
  counterBefore: JsonValue | undefined;
  saidAgain: boolean;
}

export function createReportState(all: HeldWeight = { weight: 0 }): ReportState {
  const objects = new Map<string, Held>();
  let size = 0;
  let differences = 0;
  let left = 0;

  function remove(id: string): void {
    const held = objects.get(id);
    if (held === undefined) return;
    weigh(held, -held.weight);
    objects.delete(id);
  }

  function forget(): void {
    objects.clear();
    all.weight -= size;
    size = 0;
  }

  /** Counts what an object becomes heavier by; false when that is too much. */
  function weigh(held: Held, more: number): boolean {
    if (more > 0 && all.weight + more > limits.weight) {
      left += 1;
      return false;
    }
    held.weight += more;
    size += more;
    all.weight += more;
    return true;
  }

  function open(id: string, now: number): Held | null {
    const known = objects.get(id);
    if (known !== undefined) return known;
    if (objects.size >= limits.objects || id.length > limits.idCharacters) {
      left += 1;
      return null;
    }
    const held: Held = {
      stats: { id, type: "unknown", timestamp: now },
      hasNewShape: true,
      members: 0,
      weight: 0,
      hasType: false,
      hasTime: false,
      mentioned: 0,
      counterBefore: undefined,
      saidAgain: false,
    };
    if (!weigh(held, 1)) return null;
    objects.set(id, held);
    return held;
  }

  function setMember(held: Held, name: string, value: JsonValue): void {
    const { stats } = held;
    if (name === "id" || name === "__proto__" || !isUsable(value)) {
      left += 1;
      return;
    }
    const before = stats[name];
    if (before === undefined && (held.members >= limits.members || name.length > limits.idCharacters)) {
      left += 1;
      return;
    }
    const whole = isObject(value) && isObject(before) ? { ...before, ...value } : value;
    if (whole !== value && !isUsable(whole)) {
      left += 1;
      return;
    }
    const isNew = before === undefined;
    if (!weigh(held, weightOf(whole) - (isNew ? 0 : weightOf(before)))) return;
    if (isNew) {
      held.members += 1;
      held.hasNewShape = true;
    }
    stats[name] = whole;
  }

  function setType(held: Held, code: JsonValue): void {
    const type = statsTypeName(code);
    if (type === null || type.length > limits.idCharacters) left += 1;
    else {
      held.stats.type = type;
      held.hasType = true;
    }
  }

  function removeMember(held: Held, name: string): void {
    if (!Object.hasOwn(held.stats, name)) return;
    weigh(held, -weightOf(held.stats[name] ?? null));
    Reflect.deleteProperty(held.stats, name);
    held.members -= 1;
    held.hasNewShape = true;
  }

  function removeMembers(removed: JsonObject): void {
    for (const [id, names] of Object.entries(removed)) {
      const held = objects.get(id);
      if (held === undefined || !Array.isArray(names)) continue;
      for (const name of names) {
        if (typeof name === "string" && !isFixed(name)) removeMember(held, name);
      }
    }
  }

  function reorder(order: readonly JsonValue[]): void {
    for (const id of order) {
      const held = typeof id === "string" ? objects.get(id) : undefined;
      if (held === undefined) continue;
      objects.delete(held.stats.id);
      objects.set(held.stats.id, held);
    }
  }

  function noteCounter(held: Held): void {
    const rule = vanishing.get(held.stats.type);
    held.counterBefore = rule === undefined ? undefined : held.stats[rule.counter];
    held.saidAgain = false;
  }

  function report(): DecodedReport {
    const stats: StatsObject[] = [];
    const times = new Map<number, number>();
    let cpuState: number | null = null;
    let baseless = 0;
    for (const held of objects.values()) {
      const { type, timestamp } = held.stats;
      if (type === pressureType) {
        cpuState = numberOf(held.stats["cpuState"]);
        continue;
      }
      if (!held.hasType) {
        // A certificate of which only the time got through has nothing to tell.
        if (held.members === 0) continue;
        baseless += 1;
        held.stats.type = typeByMembers(held.stats);
      }
      if (held.hasNewShape) settle(held);
      times.set(timestamp, (times.get(timestamp) ?? 0) + 1);
      stats.push(copyOf(held, objects, differences));
    }
    let at: number | null = null;
    let most = 0;
    for (const [time, count] of times) {
      if (count > most) {
        at = time;
        most = count;
      }
    }
    const told = left;
    left = 0;
    return { stats, at, cpuState, left: told, baseless };
  }

  return {
    get size() {
      return size;
    },
    release: forget,

    apply(difference, { removed, order, reset }, now) {
      differences += 1;
      if (reset) forget();
      const collective = numberOf(difference["t"]);
      if (removed !== null) removeMembers(removed);
      for (const id of Object.keys(difference)) {
        if (id === "t") continue;
        const change = difference[id];
        if (change === null) {
          remove(id);
          continue;
        }
        const held = isObject(change) ? open(id, now) : null;
        if (held === null || !isObject(change)) continue;
        // First: which members can be taken back depends on it, and numbers come before names.
        if (change["type"] !== undefined) setType(held, change["type"]);
        noteCounter(held);
        held.mentioned = differences;
        let ownTime: number | null = null;
        for (const key of Object.keys(change)) {
          const value = change[key];
          if (value === undefined) continue;
          if (key === "t" || key === "timestamp") ownTime = numberOf(value);
          else if (key !== "type") {
            const name = memberName(key);
            setMember(held, name, value);
            if (vanishingMember(held.stats.type) === name) held.saidAgain = true;
          }
        }
        if (ownTime !== null) {
          // A sender report came, and with it no round trip: Chromium takes back the one of before.
          if (held.stats.type === "remote-outbound-rtp" && ownTime !== held.stats.timestamp) {
            if (!held.saidAgain) removeMember(held, "roundTripTime");
          }
          held.stats.timestamp = ownTime;
        } else if (collective !== null && !(isTimeKept(held.stats.type) && held.hasTime)) {
          held.stats.timestamp = collective;
        }
        held.hasTime = true;
      }
      if (collective !== null) {
        for (const held of objects.values()) {
          if (held.mentioned !== differences && !isTimeKept(held.stats.type)) {
            held.stats.timestamp = collective;
          }
        }
      }
      if (order !== null) reorder(order);
      return report();
    },

    applyNamed(value, isWhole, now) {
      differences += 1;
      if (isWhole) forget();
      const collective = timeOf(value["timestamp"]);
      for (const id of Object.keys(value)) {
        const given = value[id];
        if (!isObject(given)) continue;
        const held = open(id, now);
        if (held === null) continue;
        // Some Android clients have the members one level further in.
        const values = given["values"];
        const change = isObject(values) ? { ...values, ...given, values: null } : given;
        if (change["type"] !== undefined) setType(held, change["type"]);
        noteCounter(held);
        held.mentioned = differences;
        for (const [name, member] of Object.entries(change)) {
          if (name === "timestamp") {
            const ownTime = timeOf(member);
            // 0 stands for the time of the report.
            if (ownTime === null || ownTime === 0) held.stats.timestamp = collective ?? now;
            else held.stats.timestamp = ownTime;
          } else if (name !== "type" && name !== "id" && name !== "values") {
            setMember(held, name, member);
            if (vanishingMember(held.stats.type) === name) held.saidAgain = true;
          }
        }
        if (!held.hasTime && !Object.hasOwn(change, "timestamp")) held.stats.timestamp = collective ?? now;
        held.hasTime = true;
      }
      return report();
    },
  };
}

/**
 * Engines keep an object that grew member by member as a dictionary, which takes ten times as long to copy as one that was made at once
 * (measured in Node 20). What JSON.parse makes is made at once.
 */
function settle(held: Held): void {
  const { id, type, timestamp } = held.stats;
  const made = parseJson(JSON.stringify(held.stats));
  if (isObject(made)) held.stats = { ...made, id, type, timestamp };
  held.hasNewShape = false;
}

/** The object as it is now, without what the browser is known to have taken back. */
function copyOf(held: Held, objects: ReadonlyMap<string, Held>, differences: number): StatsObject {
  const { stats, mentioned, saidAgain, counterBefore } = held;
  const { type } = stats;
  const copy = { ...stats };
  if (type === "transport") {
    const pairId = stats["selectedCandidatePairId"];
    if (typeof pairId === "string" && !objects.has(pairId))
      Reflect.deleteProperty(copy, "selectedCandidatePairId");
    return copy;
  }
  const rule = vanishing.get(type);
  if (rule === undefined || (saidAgain && mentioned === differences)) return copy;
  const value = stats[rule.member];
  const counter = stats[rule.counter];
  const standsStill = mentioned !== differences || counter === counterBefore;
  if (standsStill && typeof value === "number" && value !== 0 && counter !== undefined) {
    for (const member of rule.members) Reflect.deleteProperty(copy, member);
  }
  return copy;
}

function isFixed(name: string): boolean {
  return name === "id" || name === "type" || name === "timestamp";
}

function isUsable(value: JsonValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return value.length <= limits.textCharacters;
  if (typeof value !== "object" || value === null) return true;
  return Object.keys(value).length <= limits.members && isPlain(value);
}

function weightOf(value: JsonValue): number {
  if (typeof value === "string") return 1 + (value.length >> 5);
  if (typeof value !== "object" || value === null) return 1;
  return 1 + (JSON.stringify(value).length >> 5);
}

/** Unix ms of a number or an ISO text. */
function timeOf(value: JsonValue | undefined): number | null {
  if (typeof value !== "string") return numberOf(value);
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? null : parsed;
}
