-- What sessions are looked for by: the machine, the versions, and how the media travelled. Empty where it is not known.
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS browserName LowCardinality(String) AFTER os;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS browserVersion LowCardinality(String) AFTER browserName;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS osName LowCardinality(String) AFTER browserVersion;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS device LowCardinality(String) AFTER osName;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS country LowCardinality(String) AFTER device;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS network LowCardinality(String) AFTER country;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS appVersion LowCardinality(String) AFTER network;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS paths Array(LowCardinality(String)) AFTER appVersion;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS codecs Array(LowCardinality(String)) AFTER paths;
