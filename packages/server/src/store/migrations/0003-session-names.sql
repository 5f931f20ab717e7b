-- Everybody and every call that a session named: a person's data is found by them, also when somebody else came after.
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS userIds Array(String) AFTER userId;
ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS callIds Array(String) AFTER userIds;
