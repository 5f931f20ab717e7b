/** Tables of the store, in the order they are written: `legs` last, so that a listed session has its details. */
export const tableNames = ["events", "windows", "tracks", "observations", "analyses", "legs"] as const;
export type TableName = (typeof tableNames)[number];

/** Columns of each table with their types, as the migrations make them (tables.test.ts compares them): docs/reference/tables.md. */
export const tableColumns = {
  events: {
    projectId: "LowCardinality(String)",
    sessionId: "String",
    leg: "UInt16",
    position: "UInt32",
    at: "DateTime64(3, 'UTC')",
    name: "LowCardinality(String)",
    pcId: "String",
    data: "String",
    dataLength: "UInt32",
    version: "UInt64",
    isDeleted: "UInt8",
  },
  windows: {
    projectId: "LowCardinality(String)",
    sessionId: "String",
    leg: "UInt16",
    scope: "LowCardinality(String)",
    pcId: "String",
    trackId: "String",
    kind: "LowCardinality(String)",
    startedAt: "DateTime64(3, 'UTC')",
    endedAt: "DateTime64(3, 'UTC')",
    mos: "Nullable(Float32)",
    score: "Nullable(Float32)",
    reason: "LowCardinality(Nullable(String))",
    flags: "Array(LowCardinality(String))",
    lostMos: "Map(LowCardinality(String), Float32)",
    version: "UInt64",
    isDeleted: "UInt8",
  },
  tracks: {
    projectId: "LowCardinality(String)",
    sessionId: "String",
    leg: "UInt16",
    pcId: "String",
    trackId: "String",
    kind: "LowCardinality(String)",
    direction: "LowCardinality(String)",
    startedAt: "DateTime64(3, 'UTC')",
    endedAt: "DateTime64(3, 'UTC')",
    windows: "UInt32",
    scoredWindows: "UInt32",
    mosMean: "Nullable(Float64)",
    mosMin: "Nullable(Float64)",
    scoreMean: "Nullable(Float64)",
    lostMos: "Map(LowCardinality(String), Float64)",
    version: "UInt64",
    isDeleted: "UInt8",
  },
  observations: {
    projectId: "LowCardinality(String)",
    sessionId: "String",
    leg: "UInt16",
    key: "String",
    id: "LowCardinality(String)",
    severity: "LowCardinality(String)",
    category: "LowCardinality(String)",
    startedAt: "DateTime64(3, 'UTC')",
    clearedAt: "Nullable(DateTime64(3, 'UTC'))",
    endReason: "LowCardinality(Nullable(String))",
    pcId: "String",
    trackId: "String",
    kind: "LowCardinality(String)",
    direction: "LowCardinality(String)",
    peakField: "LowCardinality(Nullable(String))",
    peakValue: "Nullable(Float64)",
    peakUnit: "LowCardinality(Nullable(String))",
    domainHint: "LowCardinality(String)",
    parentKey: "Nullable(String)",
    catalogVersion: "LowCardinality(String)",
    detail: "String",
    version: "UInt64",
    isDeleted: "UInt8",
  },
  analyses: {
    projectId: "LowCardinality(String)",
    sessionId: "String",
    leg: "UInt16",
    startedAt: "DateTime64(3, 'UTC')",
    logBytes: "UInt64",
    catalogVersion: "LowCardinality(String)",
    scoreVersion: "LowCardinality(String)",
    analysis: "String",
    callMember: "String",
    version: "UInt64",
    isDeleted: "UInt8",
  },
  legs: {
    projectId: "LowCardinality(String)",
    sessionId: "String",
    leg: "UInt16",
    callId: "Nullable(String)",
    userId: "Nullable(String)",
    userIds: "Array(String)",
    callIds: "Array(String)",
    startedAt: "DateTime64(3, 'UTC')",
    lastAt: "DateTime64(3, 'UTC')",
    ended: "UInt8",
    finished: "UInt8",
    sample: "UInt8",
    score: "Nullable(Float64)",
    scoreClass: "LowCardinality(String)",
    coverage: "Float64",
    goodMinutes: "Nullable(Float64)",
    faultDomain: "LowCardinality(String)",
    confidence: "Float64",
    statedCause: "Nullable(String)",
    observationIds: "Array(LowCardinality(String))",
    worstSeverity: "LowCardinality(String)",
    browser: "Nullable(String)",
    os: "Nullable(String)",
    browserName: "LowCardinality(String)",
    browserVersion: "LowCardinality(String)",
    osName: "LowCardinality(String)",
    device: "LowCardinality(String)",
    country: "LowCardinality(String)",
    network: "LowCardinality(String)",
    appVersion: "LowCardinality(String)",
    paths: "Array(LowCardinality(String))",
    codecs: "Array(LowCardinality(String))",
    sdkVersion: "Nullable(String)",
    tags: "Map(LowCardinality(String), String)",
    samples: "UInt32",
    events: "UInt32",
    connections: "UInt32",
    catalogVersion: "LowCardinality(String)",
    scoreVersion: "LowCardinality(String)",
    logBytes: "UInt64",
    version: "UInt64",
    isDeleted: "UInt8",
  },
} as const;

/** What a column of this type takes: times in Unix ms. */
type ValueOf<Type extends string> = Type extends `LowCardinality(${infer Inner})`
  ? ValueOf<Inner>
  : Type extends `Nullable(${infer Inner})`
    ? ValueOf<Inner> | null
    : Type extends `Array(${infer Inner})`
      ? readonly ValueOf<Inner>[]
      : Type extends `Map(${string}, ${infer Inner})`
        ? Readonly<Record<string, ValueOf<Inner>>>
        : Type extends "String"
          ? string
          : number;

export type ColumnValue =
  | string
  | number
  | null
  | readonly string[]
  | Readonly<Record<string, string>>
  | Readonly<Record<string, number>>;

type Columns<Table extends TableName> = (typeof tableColumns)[Table];

/** A row of the table, without what only its writing gives it. */
export type RowValues<Table extends TableName> = {
  readonly [Column in Exclude<keyof Columns<Table>, "version" | "isDeleted">]: ValueOf<
    Columns<Table>[Column] & string
  >;
};
