-- One leg: the part of a session that is in one call.
CREATE TABLE IF NOT EXISTS {{table legs}}
(
    projectId LowCardinality(String),
    sessionId String,
    leg UInt16,
    callId Nullable(String),
    userId Nullable(String),
    startedAt DateTime64(3, 'UTC'),
    lastAt DateTime64(3, 'UTC'),
    ended UInt8,
    finished UInt8,
    sample UInt8,
    score Nullable(Float64),
    scoreClass LowCardinality(String),
    coverage Float64,
    goodMinutes Nullable(Float64),
    faultDomain LowCardinality(String),
    confidence Float64,
    statedCause Nullable(String),
    observationIds Array(LowCardinality(String)),
    worstSeverity LowCardinality(String),
    browser Nullable(String),
    os Nullable(String),
    sdkVersion Nullable(String),
    tags Map(LowCardinality(String), String),
    samples UInt32,
    events UInt32,
    connections UInt32,
    catalogVersion LowCardinality(String),
    scoreVersion LowCardinality(String),
    version UInt64,
    isDeleted UInt8
)
ENGINE = {{engine ReplacingMergeTree(version, isDeleted)}}
ORDER BY (projectId, sessionId, leg);

-- One received track of one leg.
CREATE TABLE IF NOT EXISTS {{table tracks}}
(
    projectId LowCardinality(String),
    sessionId String,
    leg UInt16,
    pcId String,
    trackId String,
    kind LowCardinality(String),
    direction LowCardinality(String),
    startedAt DateTime64(3, 'UTC'),
    endedAt DateTime64(3, 'UTC'),
    windows UInt32,
    scoredWindows UInt32,
    mosMean Nullable(Float64),
    mosMin Nullable(Float64),
    scoreMean Nullable(Float64),
    lostMos Map(LowCardinality(String), Float64),
    version UInt64,
    isDeleted UInt8
)
ENGINE = {{engine ReplacingMergeTree(version, isDeleted)}}
ORDER BY (projectId, sessionId, leg, pcId, trackId, kind);

-- Ten seconds of one received track, or of the whole session.
CREATE TABLE IF NOT EXISTS {{table windows}}
(
    projectId LowCardinality(String),
    sessionId String,
    leg UInt16,
    scope LowCardinality(String),
    pcId String,
    trackId String,
    kind LowCardinality(String),
    startedAt DateTime64(3, 'UTC'),
    endedAt DateTime64(3, 'UTC'),
    mos Nullable(Float32),
    score Nullable(Float32),
    reason LowCardinality(Nullable(String)),
    flags Array(LowCardinality(String)),
    lostMos Map(LowCardinality(String), Float32),
    version UInt64,
    isDeleted UInt8
)
ENGINE = {{engine ReplacingMergeTree(version, isDeleted)}}
ORDER BY (projectId, sessionId, leg, scope, pcId, trackId, kind, startedAt);

-- One finding.
CREATE TABLE IF NOT EXISTS {{table observations}}
(
    projectId LowCardinality(String),
    sessionId String,
    leg UInt16,
    key String,
    id LowCardinality(String),
    severity LowCardinality(String),
    category LowCardinality(String),
    startedAt DateTime64(3, 'UTC'),
    clearedAt Nullable(DateTime64(3, 'UTC')),
    endReason LowCardinality(Nullable(String)),
    pcId String,
    trackId String,
    kind LowCardinality(String),
    direction LowCardinality(String),
    peakField LowCardinality(Nullable(String)),
    peakValue Nullable(Float64),
    peakUnit LowCardinality(Nullable(String)),
    domainHint LowCardinality(String),
    parentKey Nullable(String),
    catalogVersion LowCardinality(String),
    detail String,
    version UInt64,
    isDeleted UInt8
)
ENGINE = {{engine ReplacingMergeTree(version, isDeleted)}}
ORDER BY (projectId, sessionId, leg, key);

-- One event of a session; the first two thousand of each.
CREATE TABLE IF NOT EXISTS {{table events}}
(
    projectId LowCardinality(String),
    sessionId String,
    leg UInt16,
    position UInt32,
    at DateTime64(3, 'UTC'),
    name LowCardinality(String),
    pcId String,
    data String,
    dataLength UInt32,
    version UInt64,
    isDeleted UInt8
)
ENGINE = {{engine ReplacingMergeTree(version, isDeleted)}}
ORDER BY (projectId, sessionId, leg, position);
