import type { ContextRecord, JsonObject, JsonValue } from "@peerscope/schema";
import { objectOf } from "./stat-members.ts";

/** Most characters of the id of a user or a call, and of a label and its name. They are kept for each session, in lists too. Ours. */
const maxIdLength = 512;
/** Most characters of any other text. Ours. */
const maxTextLength = 4_096;
/** Most characters of what is neither a text nor labels, as JSON. Ours. */
const maxValueLength = 65_536;
/** Members, and labels; an app has a few of each. Ours. */
const maxMembers = 200;
const maxTags = 100;

/**
 * What a session says of itself after one more record: members that are set; null takes one back; labels are merged key by key. A few bytes
 * of a frame can say millions of characters, so what is too long is cut, and what is too much is left out.
 */
export function mergedContext(before: JsonObject, record: ContextRecord): JsonObject {
  const incoming = objectOf(record.context);
  if (incoming === null) return before;
  const members = new Map(Object.entries(before));
  for (const [member, value] of Object.entries(incoming)) {
    if (member === "tags") members.set(member, mergedTags(objectOf(before["tags"]), objectOf(value)));
    else put(members, member, value, maxMembers, isId(member) ? maxIdLength : maxTextLength);
  }
  return toObject(members);
}

const isId = (member: string): boolean => member === "userId" || member === "callId";

function mergedTags(before: JsonObject | null, incoming: JsonObject | null): JsonObject {
  const tags = new Map(Object.entries(before ?? {}));
  for (const [tag, label] of Object.entries(incoming ?? {})) put(tags, tag, label, maxTags, maxIdLength);
  return toObject(tags);
}

function put(
  members: Map<string, JsonValue | undefined>,
  member: string,
  value: JsonValue | undefined,
  most: number,
  maxLength: number,
): void {
  if (value === null) members.delete(member);
  else if (member.length <= maxIdLength && (members.size < most || members.has(member))) {
    if (typeof value === "string") members.set(member, value.slice(0, maxLength));
    else if (typeof value !== "object") members.set(member, value);
    else if (JSON.stringify(value).length <= maxValueLength) members.set(member, value);
  }
}

function toObject(members: ReadonlyMap<string, JsonValue | undefined>): JsonObject {
  const object: { [member: string]: JsonValue } = {};
  for (const [member, value] of members) {
    if (value === undefined) continue;
    // `__proto__` in a log is data, not a prototype.
    Object.defineProperty(object, member, { value, configurable: true, enumerable: true, writable: true });
  }
  return object;
}
