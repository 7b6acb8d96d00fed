-- Settings as they are now, each for one key of the broker's bucket config. version grows with each change; published
-- is the last version that the bucket is known to have had. They take the place of the outbox, whose order two
-- publishers could not keep.
CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    value_json TEXT NOT NULL,
    version BIGINT NOT NULL,
    published BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX settings_open ON settings (key) WHERE published < version;
INSERT INTO settings (key, org, value_json, version, published, changed_at)
    SELECT 'account.' || id, org,
        '{"org":"' || org || '","enabled":' || CASE WHEN enabled THEN 'true' ELSE 'false' END
            || ',"admin":' || CASE WHEN role = 'admin' THEN 'true' ELSE 'false' END || '}',
        1, 0, created_at
    FROM users;
DROP TABLE outbox;

-- Who may use a SIM, beside administrators. A SIM that is not here belongs to the default organisation; everybody may
-- send through it, and administrators read what it receives.
CREATE TABLE sims (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (id),
    everybody_sends BOOLEAN NOT NULL,
    everybody_reads BOOLEAN NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX sims_org ON sims (org, id);

-- The accounts that may, where not everybody may.
CREATE TABLE sim_members (
    sim TEXT NOT NULL REFERENCES sims (id) ON DELETE CASCADE,
    account TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sends BOOLEAN NOT NULL,
    reads BOOLEAN NOT NULL,
    PRIMARY KEY (sim, account)
);
CREATE INDEX sim_members_account ON sim_members (account, sim);

-- What people set for single modems.
CREATE TABLE modems (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (id),
    name TEXT,
    enabled BOOLEAN NOT NULL,
    changed_at BIGINT NOT NULL
);

-- From here on a row of inbox without an owner belongs to nobody: administrators read it, and whom the SIM's settings
-- let. And several rows of setup_tokens may be open at once, each for a day.
