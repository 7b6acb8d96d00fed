-- Who asked to be sent nothing more, as it is now, and every change of it, which nothing removes. wished_at is when the holder of
-- the number said something last; phone is what all writings of one number have in common.
CREATE TABLE opt_outs (
    org TEXT NOT NULL,
    number TEXT NOT NULL,
    phone TEXT NOT NULL,
    opted_out BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    account TEXT,
    message TEXT,
    changed_at BIGINT NOT NULL,
    wished_at BIGINT,
    PRIMARY KEY (org, number)
);
CREATE INDEX opt_outs_phone ON opt_outs (org, phone);
CREATE TABLE opt_out_changes (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    number TEXT NOT NULL,
    phone TEXT NOT NULL,
    opted_out BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    account TEXT,
    message TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX opt_out_changes_phone ON opt_out_changes (org, phone, at, id);
-- Settings that are not published yet: those that many wait for first, then the newest.
CREATE INDEX settings_newest ON settings (changed_at) WHERE published < version;
