-- How people come in. An account notes when it was last seen. A session notes the browser, as it calls itself, and the address from
-- which it was begun, and the administrator who acts as the account by it, if one does.
ALTER TABLE users ADD COLUMN seen_at BIGINT;
ALTER TABLE sessions ADD COLUMN browser TEXT;
ALTER TABLE sessions ADD COLUMN address TEXT;
ALTER TABLE sessions ADD COLUMN acting TEXT;
CREATE INDEX sessions_acting ON sessions (acting);

-- Links that work once: an invitation has a role and makes an account of it, a link for a new password has the account whose password
-- it sets. maker is the account that made the link, or empty for the command line.
CREATE TABLE account_links (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (id),
    token_sha256 TEXT NOT NULL UNIQUE,
    role TEXT,
    account TEXT REFERENCES users (id),
    label TEXT NOT NULL,
    maker TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    void_at BIGINT
);
CREATE INDEX account_links_org ON account_links (org, created_at);
CREATE INDEX account_links_account ON account_links (account);
CREATE INDEX account_links_maker ON account_links (maker);

-- The secret of an account's codes (RFC 6238), in base32. It counts once confirmed_at says when the first code was right. step is the
-- last time step of which a code was taken: no earlier one is taken any more.
CREATE TABLE second_factors (
    account TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    org TEXT NOT NULL,
    secret TEXT NOT NULL,
    step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT
);
-- Codes that do once each in the place of one of the phone.
CREATE TABLE recovery_codes (
    account TEXT NOT NULL REFERENCES users (id),
    code_sha256 TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account, code_sha256)
);
-- The roles whose accounts have to have codes.
CREATE TABLE second_factor_roles (
    org TEXT NOT NULL REFERENCES orgs (id),
    role TEXT NOT NULL,
    PRIMARY KEY (org, role)
);

-- Who has given the right password, and a code not yet.
CREATE TABLE log_ins (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX log_ins_account ON log_ins (account);
CREATE INDEX log_ins_expires ON log_ins (expires_at);
