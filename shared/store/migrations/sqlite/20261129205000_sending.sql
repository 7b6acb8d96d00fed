-- Messages that are with a modem, by when something was last heard of them.
CREATE INDEX messages_sending ON messages (updated_at) WHERE state = 'sending';
