-- Files with a message for each row. plan is what is sent (JSON), and revision counts how often that was said. sending is how many
-- of the batches the broker has; none: nobody has confirmed yet. header is the first row (JSON).
CREATE TABLE bulks (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    column_count BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    header TEXT NOT NULL,
    plan TEXT,
    revision BIGINT NOT NULL,
    sending BIGINT,
    sent_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX bulks_newest ON bulks (org, owner, created_at, id);
CREATE INDEX bulks_updated ON bulks (updated_at);

-- The rows of a file in pieces. place is that of the first row of a piece, from 0; cells are its rows (JSON), outcomes what becomes of
-- each (JSON), and first_message is how many messages the pieces before it have.
CREATE TABLE bulk_rows (
    bulk TEXT NOT NULL,
    place BIGINT NOT NULL,
    cells TEXT NOT NULL,
    outcomes TEXT,
    first_message BIGINT NOT NULL,
    PRIMARY KEY (bulk, place)
);
CREATE INDEX bulk_rows_message ON bulk_rows (bulk, first_message, place);
