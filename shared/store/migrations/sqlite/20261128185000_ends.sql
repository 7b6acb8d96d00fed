-- When it is too late to send a message: its own end, or that of the gateway's rules. NULL when that was told, and for
-- messages of before that have no end of their own.
ALTER TABLE messages ADD COLUMN ends_at INTEGER;
UPDATE messages SET ends_at = not_after WHERE phase < 2;
CREATE INDEX messages_ends ON messages (ends_at) WHERE phase < 2;
