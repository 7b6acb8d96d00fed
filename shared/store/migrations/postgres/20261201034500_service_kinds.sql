-- What keyword services keep of messages: answers to quizzes and surveys, and the texts of boards. The id is that of the call, so
-- a call that is made twice keeps one. question counts from 0, of a board it is 0; session is that of a survey; is_right is
-- of a quiz. phone is what all writings of the sender have in common.
CREATE TABLE service_entries (
    id TEXT NOT NULL PRIMARY KEY,
    service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    session TEXT,
    sender TEXT NOT NULL,
    phone TEXT NOT NULL,
    question BIGINT NOT NULL,
    body TEXT NOT NULL,
    is_right BOOLEAN,
    hidden BOOLEAN NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX service_entries_at ON service_entries (service, at, id);
CREATE INDEX service_entries_phone ON service_entries (service, phone, question);

-- Who is asked something by a service and has not answered all of it: the questions of a survey, or a code that says that the
-- sender has the phone. The id is that of the call that began it. The next messages of that phone to that SIM go to the
-- service until it is over, or until expires_at. body is the text that a code lets go to a group; tries counts wrong codes.
CREATE TABLE service_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    sim TEXT NOT NULL,
    sender TEXT NOT NULL,
    phone TEXT NOT NULL,
    question BIGINT NOT NULL,
    code TEXT,
    body TEXT,
    tries BIGINT NOT NULL,
    is_open BOOLEAN NOT NULL,
    started_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX service_sessions_open ON service_sessions (org, phone, sim) WHERE is_open;
CREATE INDEX service_sessions_service ON service_sessions (service, started_at, id);

-- PINs that were tried and not found right, so that nobody tries many. The id is that of the call.
CREATE TABLE service_pin_tries (
    id TEXT NOT NULL PRIMARY KEY,
    service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    phone TEXT NOT NULL,
    tried_at BIGINT NOT NULL
);
CREATE INDEX service_pin_tries_at ON service_pin_tries (service, tried_at);

-- Under which public address a board is shown.
CREATE TABLE service_boards (
    address TEXT NOT NULL PRIMARY KEY,
    service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE
);
CREATE INDEX service_boards_service ON service_boards (service);

-- One phone has one vote, however its number is written.
ALTER TABLE service_votes ADD COLUMN phone TEXT;
UPDATE service_votes SET phone = right(replace(sender, '+', ''), 9);
CREATE INDEX service_votes_phone ON service_votes (service, phone);
