-- How many messages are in which state, counted in the transactions that write messages, in the hour (since 1970) in which each was accepted or received:
-- and once more in the day (of UTC, by its first hour), so that a long time is read by its days: grain is 'hour' or 'day'.
-- 'accepted' stands for all states of a message that is not settled. sim and error are '' where there is none, and owner of what was received for nobody.
-- Counts stay when messages go. tallied says of a message that it is counted; rows of before are counted a few at a time: *_untallied finds them.
ALTER TABLE messages ADD COLUMN tallied BOOLEAN;
ALTER TABLE inbox ADD COLUMN tallied BOOLEAN;
CREATE INDEX messages_untallied ON messages (id) WHERE tallied IS NULL AND request IS NOT NULL;
CREATE INDEX inbox_untallied ON inbox (id) WHERE tallied IS NULL;
CREATE TABLE tallies (
    org TEXT NOT NULL,
    grain TEXT NOT NULL,
    hour BIGINT NOT NULL,
    owner TEXT NOT NULL,
    sim TEXT NOT NULL,
    priority TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT NOT NULL,
    messages BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    PRIMARY KEY (org, grain, hour, owner, sim, priority, state, error)
);
CREATE INDEX tallies_owner ON tallies (org, owner, grain, hour);
CREATE INDEX tallies_hour ON tallies (hour);

-- How long messages took: to be sent ('send') and then to be delivered ('deliver'). bin 0 is less than a second, bin n less than 2^n seconds.
CREATE TABLE tally_times (
    org TEXT NOT NULL,
    grain TEXT NOT NULL,
    hour BIGINT NOT NULL,
    owner TEXT NOT NULL,
    sim TEXT NOT NULL,
    priority TEXT NOT NULL,
    step TEXT NOT NULL,
    bin BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    millis BIGINT NOT NULL,
    PRIMARY KEY (org, grain, hour, owner, sim, priority, step, bin)
);
CREATE INDEX tally_times_owner ON tally_times (org, owner, grain, hour);
CREATE INDEX tally_times_hour ON tally_times (hour);

CREATE TABLE tally_received (
    org TEXT NOT NULL,
    grain TEXT NOT NULL,
    hour BIGINT NOT NULL,
    owner TEXT NOT NULL,
    sim TEXT NOT NULL,
    messages BIGINT NOT NULL,
    PRIMARY KEY (org, grain, hour, owner, sim)
);
CREATE INDEX tally_received_hour ON tally_received (hour);
