-- What is sent at a time, once or again and again. starts and zone are the local date and time and the IANA zone of it, and
-- repetition a rule; next_at is the moment of the next time, NULL while the schedule is paused and when it is over. message is JSON;
-- numbers and group_ids are words with spaces between. last_ is what came of the last time.
CREATE TABLE schedules (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    message TEXT NOT NULL,
    numbers TEXT NOT NULL,
    group_ids TEXT NOT NULL,
    starts TEXT NOT NULL,
    zone TEXT NOT NULL,
    repetition TEXT,
    paused BOOLEAN NOT NULL,
    next_at BIGINT,
    last_at BIGINT,
    last_batch TEXT,
    last_count BIGINT,
    last_trouble TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (org, owner, name_key)
);
CREATE INDEX schedules_name ON schedules (org, name_key, id);
CREATE INDEX schedules_next ON schedules (next_at) WHERE next_at IS NOT NULL;
