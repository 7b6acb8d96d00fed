-- What a team keeps of conversations. A row of thread_marks is of all writings of one number: to whom its conversation is assigned,
-- since when it is archived or blocked, and where it is filed: 0 in the list, 1 archived, 2 blocked. threads has the last two
-- of these, so that each list is read in the order of an index.
CREATE TABLE thread_marks (
    org TEXT NOT NULL,
    phone TEXT NOT NULL,
    number TEXT NOT NULL,
    assigned TEXT,
    archived_at BIGINT,
    blocked_at BIGINT,
    filed BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org, phone, number)
);
CREATE INDEX thread_marks_at ON thread_marks (updated_at) WHERE blocked_at IS NULL;
CREATE INDEX thread_marks_assigned ON thread_marks (org, assigned, phone, number) WHERE assigned IS NOT NULL;

ALTER TABLE threads ADD COLUMN filed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN assigned TEXT;
DROP INDEX threads_newest;
CREATE INDEX threads_filed ON threads (org, scope, filed, at, id);
CREATE INDEX threads_assigned ON threads (org, scope, filed, assigned, at, id);
CREATE INDEX threads_phone ON threads (org, phone);

-- Of which conversations an account is told nothing.
CREATE TABLE thread_mutes (
    org TEXT NOT NULL,
    account TEXT NOT NULL,
    phone TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org, account, phone)
);
CREATE INDEX thread_mutes_at ON thread_mutes (at);

-- What was written into conversations for colleagues, and is sent to nobody.
CREATE TABLE thread_notes (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    phone TEXT NOT NULL,
    number TEXT NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX thread_notes_phone ON thread_notes (org, phone, at, id);
CREATE INDEX thread_notes_at ON thread_notes (at);
