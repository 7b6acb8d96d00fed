-- Conversations, one with each phone. phone is what all writings of a number have in common, or a name; rows of before have
-- none until they are given theirs, a few at a time: *_phoneless finds them. A row of threads says which message of a scope was
-- the last with one writing of a number, and when. Each message is in two scopes: 'sent', or 'received', and that of its account
-- ('sent usr_…', 'usr_…') or of the SIM that it came to ('sim_…') when it belongs to nobody.
ALTER TABLE messages ADD COLUMN phone TEXT;
ALTER TABLE inbox ADD COLUMN phone TEXT;
CREATE INDEX messages_phone ON messages (org, phone, created_at, id);
CREATE INDEX inbox_phone ON inbox (org, phone, received_at, id);
CREATE INDEX messages_phoneless ON messages (id) WHERE phone IS NULL AND request IS NOT NULL;
CREATE INDEX inbox_phoneless ON inbox (id) WHERE phone IS NULL;
CREATE INDEX modem_events_caller ON modem_events (org, caller, at, id) WHERE caller IS NOT NULL;
CREATE TABLE threads (
    org TEXT NOT NULL,
    scope TEXT NOT NULL,
    phone TEXT NOT NULL,
    number TEXT NOT NULL,
    at BIGINT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (org, scope, phone, number)
);
CREATE INDEX threads_newest ON threads (org, scope, at, id);
CREATE INDEX threads_at ON threads (at);

-- Until when an account has read what came from a phone; an empty phone: from any, until they read more. What came before this
-- release is taken as read.
CREATE TABLE thread_reads (
    org TEXT NOT NULL,
    account TEXT NOT NULL,
    phone TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (org, account, phone)
);
CREATE INDEX thread_reads_at ON thread_reads (read_at);
INSERT INTO thread_reads (org, account, phone, read_at)
    SELECT u.org, u.id, '', m.newest FROM users u, (SELECT MAX(received_at) AS newest FROM inbox) AS m
    WHERE m.newest IS NOT NULL;

-- Contacts are found by the phone of a message.
ALTER TABLE contacts ADD COLUMN phone TEXT;
UPDATE contacts SET phone = substr(replace(number, '+', ''), -9);
CREATE INDEX contacts_phone ON contacts (org, phone);
