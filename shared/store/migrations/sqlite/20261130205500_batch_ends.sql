-- How far batches are whose size is known, so that their end is noticed without counting: requested counts the messages
-- whose requests have come, settled those of them that were sent or ended. finished_at is set when both reach the size,
-- and told says whether that was told.
CREATE TABLE batches (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    size BIGINT NOT NULL,
    requested BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    finished_at BIGINT,
    told BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX batches_untold ON batches (finished_at) WHERE finished_at IS NOT NULL AND NOT told;
CREATE INDEX batches_updated ON batches (updated_at);
