-- Versions of the rules that say which way messages go, the one in force among them: it is a setting too.
CREATE TABLE route_versions (
    org TEXT NOT NULL,
    version BIGINT NOT NULL,
    account TEXT NOT NULL,
    rules BIGINT NOT NULL,
    value_json TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org, version)
);
-- The pool that a SIM is in; none: the default one.
ALTER TABLE sims ADD COLUMN pool TEXT;
-- Which modems a message that was admitted waits for; none: those of the default pool.
ALTER TABLE messages ADD COLUMN target TEXT;
