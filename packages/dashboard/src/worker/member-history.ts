import type { JsonValue, SampleRecord } from "@peerscope/schema";

/** One member of one statistics object: what a reader can have drawn. */
export interface StatsMember {
  readonly connectionId: string;
  readonly statsId: string;
  readonly member: string;
}

/** All values of a member over the session; the columns are transferred, not copied. */
export interface MemberColumns {
  readonly key: string;
  /** Unix ms. */
  readonly times: Float64Array;
  /** NaN where the object was there without the member, or its value is no number. */
  readonly values: Float64Array;
  /** Never negative, never falls: a counter, whose rate says more than its value. */
  readonly isCounter: boolean;
}

/** "connection|object|member": names a member in a link. The parts may hold anything but a bar or a comma. */
export function memberKey({ connectionId, statsId, member }: StatsMember): string {
  return [connectionId, statsId, member].map((part) => encodeURIComponent(part)).join("|");
}

/** The other way round; null for what no link of ours says. */
export function parseMemberKey(key: string): StatsMember | null {
  const parts = key.split("|");
  if (parts.length !== 3) return null;
  try {
    const [connectionId = "", statsId = "", member = ""] = parts.map((part) => decodeURIComponent(part));
    return { connectionId, statsId, member };
  } catch {
    return null;
  }
}

/** Gathers members from every sample of a session in one pass. */
export function collectMembers(
  members: readonly StatsMember[],
  samples: Iterable<SampleRecord>,
): MemberColumns[] {
  const found = members.map((member) => ({
    member,
    times: [] as number[],
    values: [] as number[],
    last: -Infinity,
    isCounter: true,
  }));
  for (const { at, connectionId, stats } of samples) {
    for (const column of found) {
      if (column.member.connectionId !== connectionId || at <= (column.times.at(-1) ?? -Infinity)) continue;
      const object = stats.find(({ id }) => id === column.member.statsId);
      if (object === undefined) continue;
      const value = toNumber(object[column.member.member]);
      column.times.push(at);
      column.values.push(value);
      if (Number.isNaN(value)) continue;
      if (value < 0 || value < column.last) column.isCounter = false;
      column.last = value;
    }
  }
  return found.map(({ member, times, values, isCounter }) => {
    const numbers = values.filter((value) => !Number.isNaN(value));
    return {
      key: memberKey(member),
      times: Float64Array.from(times),
      values: Float64Array.from(values),
      isCounter: isCounter && numbers.length > 1 && numbers[0] !== numbers.at(-1),
    };
  });
}

function toNumber(value: JsonValue | undefined): number {
  if (typeof value === "number") return value;
  return typeof value === "boolean" ? Number(value) : Number.NaN;
}
