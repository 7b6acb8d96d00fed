-- Who asked to be sent nothing more, as it is now, and every change of it, which nothing removes.
CREATE TABLE opt_outs (
    org TEXT NOT NULL,
    number TEXT NOT NULL,
    opted_out BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    account TEXT,
    message TEXT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org, number)
);
CREATE TABLE opt_out_changes (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    number TEXT NOT NULL,
    opted_out BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    account TEXT,
    message TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX opt_out_changes_number ON opt_out_changes (org, number, at, id);
