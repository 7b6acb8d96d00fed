-- Customers' endpoints for events. Each is a lane: next_at says when the first event that waits is tried or, while the
-- lane is taken, until when a copy of the service has it; it is NULL when nothing waits or the endpoint is disabled.
-- failures counts tries in a row that failed, pending the events that wait, dropped those that found no room.
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    sim TEXT,
    sender TEXT,
    keyword TEXT,
    raw_pdu BOOLEAN NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT,
    disabled_at BIGINT,
    disabled_reason TEXT,
    next_at BIGINT,
    taken BOOLEAN NOT NULL,
    failures BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_owner ON webhooks (org, owner, created_at, id);
CREATE INDEX webhooks_next ON webhooks (next_at) WHERE next_at IS NOT NULL;

-- Events on their way to endpoints. The id is what the endpoint knows a repetition by; the number is the place in the
-- lane, 0 for a test, which goes before all others. tries are those since the event came or was replayed.
CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    event TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_lane ON webhook_deliveries (webhook, number, id) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook, created_at, id);
CREATE INDEX webhook_deliveries_updated ON webhook_deliveries (updated_at);

CREATE TABLE webhook_attempts (
    delivery TEXT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    http_status BIGINT,
    error TEXT,
    answer TEXT,
    PRIMARY KEY (delivery, at)
);
