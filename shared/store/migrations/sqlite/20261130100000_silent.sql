-- Messages that modems were to take, by when something was last heard of them.
CREATE INDEX messages_silent ON messages (updated_at, id) WHERE state = 'released' OR state = 'deferred';
