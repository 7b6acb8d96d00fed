-- An index for each list that a page or a program may ask for, newest first.
CREATE INDEX messages_owner_state ON messages (org, owner, state, created_at, id);
DROP INDEX messages_batch;
CREATE INDEX messages_batch ON messages (batch, org, state, created_at, id) WHERE batch IS NOT NULL;
CREATE INDEX inbox_sim ON inbox (org, sim, received_at, id);
CREATE INDEX inbox_sender ON inbox (org, sender, received_at, id);
CREATE INDEX inbox_owner_sim ON inbox (org, owner, sim, received_at, id);

-- Only what the queries look for: a message that is on its way is not old, and one that is held has its end elsewhere.
DROP INDEX messages_updated;
CREATE INDEX messages_updated ON messages (updated_at) WHERE phase >= 2 OR request IS NULL;
DROP INDEX messages_ends;
CREATE INDEX messages_ends ON messages (ends_at) WHERE phase < 2 AND request IS NOT NULL AND state <> 'sending' AND state <> 'uncertain' AND (state <> 'held' OR due_at IS NULL);
