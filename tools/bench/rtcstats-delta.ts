import type { JsonValue, StatsObject } from "@peerscope/schema";

/**
 * Differences of reports as rtcstats sends them: JSON of the members that changed, objects and members by number, the time that
 * most objects have said once. Written from its protocol, as a reference for sizes: numbers are given in order of appearance.
 */
export function createRtcstatsDelta(): (stats: readonly StatsObject[]) => string {
  let last = new Map<string, StatsObject>();
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
  return (stats) => {
    const time = Math.max(...stats.map(({ timestamp }) => timestamp));
    const difference: Record<string, Record<string, JsonValue> | null> = {};
    for (const object of stats) {
      const before = last.get(object.id);
      if (object.type === "certificate") continue;
      const changed = Object.entries(object).filter(
        ([name, value]) =>
          name !== "id" &&
          (name === "timestamp" ? value !== time : JSON.stringify(before?.[name]) !== JSON.stringify(value)),
      );
      if (changed.length === 0) continue;
      const coded = changed.map(([name, value]) => [
        name === "timestamp" ? "t" : numberOf(`.${name}`),
        value,
      ]);
      difference[numberOf(object.id)] = Object.fromEntries(coded) as Record<string, JsonValue>;
    }
    const current = new Map(stats.map((object) => [object.id, object]));
    for (const id of last.keys()) if (!current.has(id)) difference[numberOf(id)] = null;
    last = current;
    return JSON.stringify(["g", "PC_0", { ...difference, t: time }, 1_000]);
  };
}
