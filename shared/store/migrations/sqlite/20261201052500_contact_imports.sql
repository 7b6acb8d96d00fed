-- Files of contacts, and contacts that were merged. account is who uploaded the file, and owner whose the contacts are; it is empty for
-- what all of the organisation share. plan says what its columns are (JSON), and revision counts how often that was said. applied is how
-- many of the rows were made to contacts; none: nobody has confirmed yet. counts is what became of the rows so far (JSON), new_groups
-- are the groups that were made for it (JSON).
CREATE TABLE contact_imports (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    account TEXT NOT NULL,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    column_count BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    header TEXT NOT NULL,
    plan TEXT,
    revision BIGINT NOT NULL,
    applied BIGINT,
    counts TEXT NOT NULL,
    new_groups TEXT NOT NULL,
    applied_at BIGINT,
    undo_at BIGINT,
    undone_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX contact_imports_newest ON contact_imports (org, account, created_at, id);
CREATE INDEX contact_imports_updated ON contact_imports (updated_at);

-- The rows of a file in pieces. place is that of the first row of a piece, from 0; cells are its rows (JSON), outcomes what would become
-- of each (JSON).
CREATE TABLE contact_import_rows (
    import TEXT NOT NULL,
    place BIGINT NOT NULL,
    cells TEXT NOT NULL,
    outcomes TEXT,
    PRIMARY KEY (import, place)
);

-- What was done to each contact, until it is undone. known is the contact as it was before (JSON); none: it was made. written_at is when
-- it was written and written_groups the groups that it was in then (JSON); none: it was removed. left_why says why it was not undone.
CREATE TABLE contact_import_changes (
    import TEXT NOT NULL,
    contact TEXT NOT NULL,
    name TEXT NOT NULL,
    known TEXT,
    written_at BIGINT,
    written_groups TEXT,
    left_why TEXT,
    PRIMARY KEY (import, contact)
);
CREATE INDEX contact_import_changes_left ON contact_import_changes (import, left_why, contact);
