-- Times are microseconds since 1970 in UTC. Ids are their text form (msg_…, usr_…). Names are the same as
-- in migrations/postgres; a test compares both.

CREATE TABLE orgs (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- name_key is the name in lower case: two names that differ in case only are one.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    role TEXT NOT NULL,
    language TEXT,
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX users_org ON users (org, name_key);

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (id),
    owner TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    secret_sha256 TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_owner ON api_keys (org, owner);

CREATE TABLE sessions (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (id),
    owner TEXT NOT NULL REFERENCES users (id),
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    idle_expires_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_owner ON sessions (owner);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- At most one is open: neither used nor void.
CREATE TABLE setup_tokens (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    void_at BIGINT
);

-- Messages to be sent. An event may come before its request: then the row has no request yet, and no
-- reader sees it. state_seq is the stream sequence of the event that set the state. While persistence holds
-- a message, due_at and due_round say when it is requested again, and as which round; requested_round is the
-- last that was requested.
CREATE TABLE messages (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT UNIQUE,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    recipient TEXT,
    body TEXT,
    data TEXT,
    encoding TEXT,
    priority TEXT,
    request TEXT,
    state TEXT NOT NULL,
    phase BIGINT NOT NULL,
    round BIGINT NOT NULL,
    state_seq BIGINT NOT NULL,
    parts BIGINT,
    modem TEXT,
    sim TEXT,
    error_code TEXT,
    error_text TEXT,
    gate TEXT,
    held_until BIGINT,
    due_at BIGINT,
    due_round BIGINT,
    requested_round BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    not_after BIGINT,
    dlr_url TEXT,
    dlr_mask BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX messages_org ON messages (org, created_at, id);
CREATE INDEX messages_owner ON messages (org, owner, created_at, id);
CREATE INDEX messages_due ON messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX messages_updated ON messages (updated_at);

CREATE TABLE message_parts (
    message TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    part BIGINT NOT NULL,
    reference BIGINT,
    modem TEXT,
    sim TEXT,
    sent_at BIGINT,
    report_status BIGINT,
    report_outcome TEXT,
    report_rank BIGINT NOT NULL,
    report_text TEXT,
    discharged_at BIGINT,
    reported_at BIGINT,
    PRIMARY KEY (message, part)
);

-- event_key is what makes an event told twice one line.
CREATE TABLE timeline (
    message TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    event_key TEXT NOT NULL,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    round BIGINT NOT NULL,
    stream_seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    change_json TEXT NOT NULL,
    PRIMARY KEY (message, event_key)
);
CREATE INDEX timeline_at ON timeline (at);

-- Messages received. No owner: they belong to everybody of the organisation.
CREATE TABLE inbox (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT UNIQUE,
    org TEXT NOT NULL,
    owner TEXT,
    sender TEXT NOT NULL,
    recipient TEXT,
    body TEXT,
    data TEXT,
    class BIGINT,
    port_to BIGINT,
    port_from BIGINT,
    parts BIGINT NOT NULL,
    missing_count BIGINT NOT NULL,
    missing TEXT NOT NULL,
    sim TEXT NOT NULL,
    modem TEXT NOT NULL,
    smsc_at BIGINT,
    received_at BIGINT NOT NULL,
    pdus TEXT NOT NULL
);
CREATE INDEX inbox_org ON inbox (org, received_at, id);
CREATE INDEX inbox_received ON inbox (received_at);
CREATE INDEX inbox_owner ON inbox (org, owner, received_at, id);

-- Every delivery report, also those about no message of ours.
CREATE TABLE dlrs (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT,
    message TEXT,
    part BIGINT,
    modem TEXT NOT NULL,
    sim TEXT NOT NULL,
    reference BIGINT NOT NULL,
    recipient TEXT,
    status BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    status_text TEXT NOT NULL,
    discharged_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    pdu TEXT NOT NULL
);
CREATE INDEX dlrs_message ON dlrs (message);
CREATE INDEX dlrs_received ON dlrs (received_at);

CREATE TABLE modem_events (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    kind TEXT NOT NULL,
    modem TEXT NOT NULL,
    sim TEXT,
    event_text TEXT NOT NULL,
    caller TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX modem_events_modem ON modem_events (org, modem, at, id);
CREATE INDEX modem_events_org ON modem_events (org, at, id);
CREATE INDEX modem_events_at ON modem_events (at);

-- Calls to customers' URLs; one for each message and event_key.
CREATE TABLE callbacks (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    message TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    event_key TEXT NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    next_at BIGINT,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (message, event_key)
);
CREATE INDEX callbacks_next ON callbacks (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX callbacks_updated ON callbacks (updated_at);

CREATE TABLE callback_attempts (
    callback TEXT NOT NULL REFERENCES callbacks (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL,
    at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    http_status BIGINT,
    error TEXT,
    PRIMARY KEY (callback, attempt)
);

-- Settings on their way to the broker's bucket config. No value: the key is deleted.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    org TEXT NOT NULL,
    key TEXT NOT NULL,
    value_json TEXT,
    created_at BIGINT NOT NULL,
    published_at BIGINT
);
CREATE INDEX outbox_open ON outbox (seq) WHERE published_at IS NULL;

-- The next number for clients that need integers. One row.
CREATE TABLE number_sequence (
    id BIGINT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO number_sequence (id, next) VALUES (1, 1);
