-- What keyword services take beside what their keywords say: pattern is a regular expression that the whole text is matched
-- with, in place of keywords; place says which expression is asked first. sim, sender (how the sender is written at the
-- beginning) and times narrow what a service takes.
ALTER TABLE services ADD COLUMN pattern TEXT;
ALTER TABLE services ADD COLUMN place BIGINT NOT NULL DEFAULT 100;
ALTER TABLE services ADD COLUMN sim TEXT;
ALTER TABLE services ADD COLUMN sender TEXT;
ALTER TABLE services ADD COLUMN times TEXT;
-- What a service has besides its text: the numbers that the text is sent on to, or the options that senders vote for, with
-- spaces between, or the group of contacts that the sender is put into or taken out of.
ALTER TABLE services ADD COLUMN target TEXT;
CREATE INDEX services_pattern ON services (org, place, created_at, id) WHERE pattern IS NOT NULL;
