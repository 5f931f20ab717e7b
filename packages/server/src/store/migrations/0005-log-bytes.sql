-- How much of the log the rows are made of: a session that came back and went on has rows that are too old. 0 in rows of older versions.
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS logBytes UInt64 AFTER scoreVersion;
