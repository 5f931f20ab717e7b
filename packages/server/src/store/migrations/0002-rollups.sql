-- What happened in each minute, by who it happened to. Computed when it is asked for: rows of legs are replaced while
-- sessions are live and when they are analysed again, and a sum that was kept aside would count them twice
-- (docs/decisions/0009-rollups-are-computed.md).
CREATE VIEW IF NOT EXISTS {{view rollups}} AS
SELECT
    projectId,
    toStartOfMinute(startedAt, 'UTC') AS minute,
    ifNull(browser, '') AS browser,
    ifNull(os, '') AS os,
    tags['appVersion'] AS appVersion,
    tags['country'] AS country,
    toUInt64(count()) AS sessions,
    toUInt64(count(legs.score)) AS scored,
    sum(ifNull(legs.score, 0)) AS scoreSum,
    toUInt64(countIf(scoreClass = 'good')) AS good,
    toUInt64(countIf(scoreClass = 'fair')) AS fair,
    toUInt64(countIf(scoreClass = 'poor')) AS poor,
    toUInt64(countIf(scoreClass = 'failed')) AS failed,
    toUInt64(countIf(scoreClass = 'dropped')) AS dropped,
    quantilesTDigestIfState(0.05, 0.5)(ifNull(legs.score, 0), isNotNull(legs.score)) AS scoreQuantiles
FROM legs FINAL
WHERE finished = 1 AND sample = 0
GROUP BY projectId, minute, browser, os, appVersion, country;
