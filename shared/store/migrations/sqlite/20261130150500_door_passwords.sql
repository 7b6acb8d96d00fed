-- Passwords that open one door in place of an API key, as clients of the gateways before have them: argon2id in PHC form,
-- since a person chose them. Whoever comes in by one has the authority of the key.
CREATE TABLE door_passwords (
    door TEXT NOT NULL,
    owner TEXT NOT NULL REFERENCES users (id),
    password_hash TEXT NOT NULL,
    key TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (door, owner)
);
