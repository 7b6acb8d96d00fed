-- Usual messages that wait are found however much bulk waits before them, and one's own messages with a phone without those of
-- others.
CREATE INDEX messages_urgent ON messages (org, state, created_at, id)
    WHERE (state = 'accepted' OR state = 'admitted' OR state = 'released' OR state = 'deferred') AND priority <> 'bulk';
CREATE INDEX messages_owner_phone ON messages (org, owner, phone, created_at, id);
