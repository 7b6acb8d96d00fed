-- What was done, by whom and from where: an entry for each change of something that is set, and for what is done to a modem. The
-- entries of an organisation are a chain: each has the hash of the one before, and a hash of its own over that and all its columns.
-- audit_heads has the last of each chain; who appends locks its row first. Entries are never changed and never removed.
CREATE TABLE audit (
    org TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    actor_key TEXT,
    door TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_name TEXT NOT NULL,
    before_json TEXT NOT NULL,
    after_json TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (org, sequence)
);
CREATE INDEX audit_at ON audit (org, at, sequence);
CREATE INDEX audit_actor ON audit (org, actor, at, sequence);
CREATE INDEX audit_action ON audit (org, action, at, sequence);
CREATE INDEX audit_subject ON audit (org, subject, at, sequence);
CREATE TABLE audit_heads (
    org TEXT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are never changed');
END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are never removed');
END;
CREATE TRIGGER audit_heads_grow BEFORE UPDATE ON audit_heads WHEN new.org <> old.org OR new.sequence <> old.sequence + 1 BEGIN
    SELECT RAISE(ABORT, 'the audit log only grows, by one entry at a time');
END;
CREATE TRIGGER audit_heads_kept BEFORE DELETE ON audit_heads BEGIN
    SELECT RAISE(ABORT, 'the audit log is never removed');
END;
