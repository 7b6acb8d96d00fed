-- The gateway that a message was brought from, which sent or received it before this one.
ALTER TABLE messages ADD COLUMN imported_from TEXT;
ALTER TABLE inbox ADD COLUMN imported_from TEXT;
