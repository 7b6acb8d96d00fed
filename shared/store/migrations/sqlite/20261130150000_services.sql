-- Keyword services: what calls a program, or answers, when a message comes whose first word is a keyword. The keywords stand
-- in the row as words with spaces between, the first of them the one it was made with; service_keywords finds them.
CREATE TABLE services (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    keywords TEXT NOT NULL,
    action TEXT NOT NULL,
    argument TEXT NOT NULL,
    reply_with_body BOOLEAN NOT NULL,
    max_messages BIGINT NOT NULL,
    omit_empty BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (org, name_key)
);
CREATE INDEX services_owner ON services (org, owner, created_at, id);

CREATE TABLE service_keywords (
    org TEXT NOT NULL,
    keyword TEXT NOT NULL,
    owner TEXT NOT NULL,
    service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    PRIMARY KEY (org, keyword, owner)
);
CREATE INDEX service_keywords_service ON service_keywords (service);

-- What services were called for, and what came of it. The id is made from the message, so there is one call for each
-- message. next_at says when the next try is or, while a copy of the service has the call, until when. message_json and
-- reply, the text that is to be sent back, are there until the call is over; replied_at counts against what one sender
-- may be sent.
CREATE TABLE service_calls (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    message TEXT NOT NULL,
    sender TEXT NOT NULL,
    message_json TEXT,
    state TEXT NOT NULL,
    next_at BIGINT,
    attempts BIGINT NOT NULL,
    http_status BIGINT,
    last_error TEXT,
    reply TEXT,
    replied_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX service_calls_next ON service_calls (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX service_calls_service ON service_calls (service, created_at, id);
CREATE INDEX service_calls_replied ON service_calls (org, sender, replied_at) WHERE replied_at IS NOT NULL;
CREATE INDEX service_calls_updated ON service_calls (updated_at);
