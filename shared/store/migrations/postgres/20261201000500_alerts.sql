-- What is or was wrong with the gateway. closed_at is NULL while it is; there is one such row of a kind and a subject, so whoever
-- makes the row has it told. together names the SMS that tells of it, NULL when none does; opening_told and closing_told say what
-- was told.
CREATE TABLE alerts (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    alert_text TEXT NOT NULL,
    advice TEXT NOT NULL,
    together TEXT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    opening_told BOOLEAN NOT NULL,
    closing_told BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX alerts_open ON alerts (org, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_opened ON alerts (org, opened_at, id);
