-- The whole analysis of a finished session, and what the analysis of its call needs of it: a page of the past does not
-- wait until its logs are read again. Few rows share a mark, as they are looked up by session and large.
CREATE TABLE IF NOT EXISTS {{table analyses}}
(
    projectId LowCardinality(String),
    sessionId String,
    leg UInt16,
    startedAt DateTime64(3, 'UTC'),
    logBytes UInt64,
    catalogVersion LowCardinality(String),
    scoreVersion LowCardinality(String),
    analysis String CODEC(ZSTD(3)),
    callMember String CODEC(ZSTD(3)),
    version UInt64,
    isDeleted UInt8
)
ENGINE = {{engine ReplacingMergeTree(version, isDeleted)}}
ORDER BY (projectId, sessionId, leg)
SETTINGS index_granularity = 64;
