-- One text to many, handed out at a pace. message is JSON and its text a template; group_ids are words with spaces between, and the
-- numbers that were written down have rows of their own. starts and zone are a local date and time and an IANA zone, pace is so many messages
-- in pace_seconds, quiet are local hours. version is counted up by every change, so that whoever changes what was read knows whether it still
-- is so. next_at is the moment at which something is to be done for it, NULL while there is nothing. read_part and read_after say how far the
-- audience was read, NULL before and after that. handed are the recipients whose messages were made, in_hand the messages that waited for
-- modems when the last were. untold_at is when an order was given that the batches may not have been told, NULL when they were.
CREATE TABLE broadcasts (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    message TEXT NOT NULL,
    group_ids TEXT NOT NULL,
    numbers BIGINT NOT NULL,
    starts TEXT,
    zone TEXT NOT NULL,
    pace BIGINT,
    pace_seconds BIGINT,
    quiet TEXT,
    state TEXT NOT NULL,
    trouble TEXT,
    version BIGINT NOT NULL,
    next_at BIGINT,
    read_part BIGINT,
    read_after TEXT,
    candidates BIGINT NOT NULL,
    recipients BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    opted_out BIGINT NOT NULL,
    unusable BIGINT NOT NULL,
    handed BIGINT NOT NULL,
    in_hand BIGINT NOT NULL,
    tests BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    untold_at BIGINT,
    UNIQUE (org, owner, name_key)
);
CREATE INDEX broadcasts_name ON broadcasts (org, name_key, id);
CREATE INDEX broadcasts_next ON broadcasts (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX broadcasts_untold ON broadcasts (untold_at) WHERE untold_at IS NOT NULL;
CREATE INDEX broadcasts_finished ON broadcasts (finished_at) WHERE finished_at IS NOT NULL;
-- The numbers of an audience as they were written.
CREATE TABLE broadcast_numbers (
    broadcast TEXT NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    place BIGINT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (broadcast, place)
);
-- Everybody of an audience, in the order in which it was read. recipient counts those who are sent something, from 0; the others have
-- left_out, which says why not.
CREATE TABLE broadcast_recipients (
    broadcast TEXT NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    place BIGINT NOT NULL,
    number TEXT NOT NULL,
    phone TEXT NOT NULL,
    contact TEXT,
    zone TEXT NOT NULL,
    recipient BIGINT,
    left_out TEXT,
    handed BOOLEAN NOT NULL,
    PRIMARY KEY (broadcast, place)
);
CREATE INDEX broadcast_recipients_phone ON broadcast_recipients (broadcast, phone) WHERE recipient IS NOT NULL;
CREATE INDEX broadcast_recipients_waiting ON broadcast_recipients (broadcast, zone, recipient) WHERE recipient IS NOT NULL AND NOT handed;
-- How many recipients live by the clocks of a zone, and how many of them are still to be handed out.
CREATE TABLE broadcast_zones (
    broadcast TEXT NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    zone TEXT NOT NULL,
    remaining BIGINT NOT NULL,
    PRIMARY KEY (broadcast, zone)
);
-- The batches that a broadcast is.
CREATE TABLE broadcast_batches (
    batch TEXT NOT NULL PRIMARY KEY,
    broadcast TEXT NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    place BIGINT NOT NULL
);
CREATE INDEX broadcast_batches_broadcast ON broadcast_batches (broadcast, place);
