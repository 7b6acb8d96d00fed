-- Attempts to send under an Idempotency-Key, for a day. seed is what the ids of its messages are made from;
-- accepted_at says that the broker has all of them.
CREATE TABLE send_attempts (
    owner TEXT NOT NULL,
    key_sha256 TEXT NOT NULL,
    org TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    seed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    accepted_at BIGINT,
    PRIMARY KEY (owner, key_sha256)
);
CREATE INDEX send_attempts_created ON send_attempts (created_at);
