-- The batch that a message belongs to, and how far the messages of a batch are.
ALTER TABLE messages ADD COLUMN batch TEXT;
CREATE INDEX messages_batch ON messages (batch, state) WHERE batch IS NOT NULL;
-- Lists of one state and lists of one recipient, newest first.
CREATE INDEX messages_state ON messages (org, state, created_at, id);
CREATE INDEX messages_recipient ON messages (org, recipient, created_at, id);
