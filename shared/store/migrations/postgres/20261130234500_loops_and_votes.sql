-- Senders who answer what is sent back to them as machines do, so that nothing is sent back to them until stopped_until. owner
-- is the account whose reply was the first not to be sent, replies how many messages were answered before; told says whether that was told.
CREATE TABLE reply_loops (
    org TEXT NOT NULL,
    sender TEXT NOT NULL,
    owner TEXT NOT NULL,
    replies BIGINT NOT NULL,
    stopped_at BIGINT NOT NULL,
    stopped_until BIGINT NOT NULL,
    told BOOLEAN NOT NULL,
    PRIMARY KEY (org, sender)
);
CREATE INDEX reply_loops_untold ON reply_loops (stopped_at) WHERE NOT told;

-- Which option of a keyword service each sender chose last, and when the message came that says so.
CREATE TABLE service_votes (
    service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    sender TEXT NOT NULL,
    choice TEXT NOT NULL,
    voted_at BIGINT NOT NULL,
    PRIMARY KEY (service, sender)
);
