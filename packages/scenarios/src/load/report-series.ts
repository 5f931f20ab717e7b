import type { JsonValue, StatsObject } from "@peerscope/schema";

/**
 * Reports without end, of any number of objects, made of recorded ones: objects are replicated under other ids, and counters
 * go on where the recording ends. Each call makes new objects, as a browser does.
 */
export function createReportSeries(
  recorded: readonly (readonly StatsObject[])[],
  objects: number,
): (step: number) => StatsObject[] {
  // Only objects that are in all of them, so that a report does not change its size.
  const ids = (recorded[0] ?? [])
    .map(({ id }) => id)
    .filter((id) => recorded.every((report) => report.some((object) => object.id === id)));
  const tracks = ids.map((id) => recorded.map((report) => report.find((object) => object.id === id)));
  const growths = tracks.map((states) => growthOf(states));
  return (step) => {
    const place = step % recorded.length;
    const rounds = Math.floor(step / recorded.length);
    return Array.from({ length: objects }, (_, index) => {
      const copy = Math.floor(index / ids.length);
      const state = tracks[index % ids.length]?.[place];
      const growth = growths[index % ids.length];
      const members = Object.entries(state ?? {}).map(([name, value]) => [
        name,
        memberOf(name, value, copy, rounds * (growth?.get(name) ?? 0)),
      ]);
      // By way of JSON: objects as compact as those that a browser makes.
      return JSON.parse(JSON.stringify(Object.fromEntries(members))) as StatsObject;
    });
  };
}

/** How much each counter grows in one run through the recording; what also falls is no counter and starts over. */
function growthOf(states: readonly (StatsObject | undefined)[]): Map<string, number> {
  const growth = new Map<string, number>();
  for (const name of Object.keys(states[0] ?? {})) {
    const values = states.map((state) => Number(state?.[name]));
    const isCounter = values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
    if (isCounter) growth.set(name, (values.at(-1) ?? 0) - (values[0] ?? 0));
  }
  return growth;
}

function memberOf(name: string, value: JsonValue | undefined, copy: number, grown: number): unknown {
  if (typeof value === "number") return name === "ssrc" ? value + copy : value + grown;
  const namesObject = typeof value === "string" && copy > 0 && /^id$|Id$|Identifier$/.test(name);
  return namesObject ? `${value}-${copy}` : value;
}
