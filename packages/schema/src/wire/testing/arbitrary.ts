import * as fc from "fast-check";
import type { JsonValue } from "../../json.ts";
import type { SampleRecord, SessionRecord, StatsObject } from "../../records.ts";

const name = fc.oneof(
  fc.constantFrom(
    "bytesSent",
    "jitter",
    "kind",
    "timestamp",
    "id2",
    "__proto__",
    "constructor",
    "0",
    "10",
    "",
  ),
  fc.string({ unit: "binary", maxLength: 6 }),
);

const number = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  fc.maxSafeInteger(),
  fc.double(),
  fc.float(),
  fc.integer({ min: 0, max: 1e9 }).map((n) => n * 1e-6),
  fc.integer({ min: 0, max: 32767 }).map((n) => n / 32767),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 2 ** 53, -(2 ** 53)),
);

const text = fc.oneof(
  fc.constantFrom("video", "succeeded", ""),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.array(fc.integer(), { minLength: 2, maxLength: 5 }).map((numbers) => numbers.join(",")),
);

const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 5 },
    number,
    text,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const at = fc.oneof(fc.integer({ min: 0, max: 2e12 }), fc.double({ noNaN: true, noDefaultInfinity: true }));

const statsObject: fc.Arbitrary<StatsObject> = fc
  .tuple(
    fc.constantFrom("A", "B", "C", "D"),
    fc.constantFrom("inbound-rtp", "codec"),
    fc.oneof(fc.constant(1_800_000_000_000.5), number),
    fc.dictionary(name, json, { maxKeys: 6, noNullPrototype: true }),
  )
  .map(([id, type, timestamp, members]) => Object.assign(members, { id, type, timestamp }));

const sample: fc.Arbitrary<SampleRecord> = fc.record(
  {
    kind: fc.constant("sample"),
    at,
    connectionId: fc.constantFrom("pc-1", "pc-2"),
    durationMs: fc.double({ noNaN: true }),
    stats: fc.array(statsObject, { maxLength: 5 }),
  },
  { requiredKeys: ["kind", "at", "connectionId", "stats"], noNullPrototype: true },
);

const objectOf = fc.dictionary(name, json, { maxKeys: 4, noNullPrototype: true });

/** Any record that is JSON, NaN and its like included. */
export const arbitraryRecord: fc.Arbitrary<SessionRecord> = fc.oneof(
  { weight: 4, arbitrary: sample },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        kind: fc.constant("event"),
        at,
        name: fc.constantFrom("app-event", "sdk-error"),
        connectionId: fc.constant("pc-1"),
        data: objectOf,
      },
      { requiredKeys: ["kind", "at", "name"], noNullPrototype: true },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("context"), at, context: objectOf }, { noNullPrototype: true }),
  },
);
