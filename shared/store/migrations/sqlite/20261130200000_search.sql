-- What messages are searched for: the words of a text and what stands together in a number, with a blank between, as
-- shared/store cuts them. Rows of before have none until they are given theirs, a few at a time: *_wordless finds them. The
-- index is kept by the triggers, whoever writes or removes a row; its rows have the numbers of the messages, which no
-- VACUUM changes.
ALTER TABLE messages ADD COLUMN words TEXT;
ALTER TABLE inbox ADD COLUMN words TEXT;
CREATE INDEX messages_wordless ON messages (id) WHERE words IS NULL AND request IS NOT NULL;
CREATE INDEX inbox_wordless ON inbox (id) WHERE words IS NULL;

CREATE VIRTUAL TABLE messages_search USING fts5 (found, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
CREATE TRIGGER messages_search_insert AFTER INSERT ON messages WHEN new.words IS NOT NULL BEGIN
    INSERT INTO messages_search (rowid, found) VALUES (new.number, new.words);
END;
CREATE TRIGGER messages_search_update AFTER UPDATE OF words ON messages WHEN new.words IS NOT old.words BEGIN
    DELETE FROM messages_search WHERE rowid = old.number;
    INSERT INTO messages_search (rowid, found) SELECT new.number, new.words WHERE new.words IS NOT NULL;
END;
CREATE TRIGGER messages_search_delete AFTER DELETE ON messages WHEN old.words IS NOT NULL BEGIN
    DELETE FROM messages_search WHERE rowid = old.number;
END;

CREATE VIRTUAL TABLE inbox_search USING fts5 (found, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
CREATE TRIGGER inbox_search_insert AFTER INSERT ON inbox WHEN new.words IS NOT NULL BEGIN
    INSERT INTO inbox_search (rowid, found) VALUES (new.number, new.words);
END;
CREATE TRIGGER inbox_search_update AFTER UPDATE OF words ON inbox WHEN new.words IS NOT old.words BEGIN
    DELETE FROM inbox_search WHERE rowid = old.number;
    INSERT INTO inbox_search (rowid, found) SELECT new.number, new.words WHERE new.words IS NOT NULL;
END;
CREATE TRIGGER inbox_search_delete AFTER DELETE ON inbox WHEN old.words IS NOT NULL BEGIN
    DELETE FROM inbox_search WHERE rowid = old.number;
END;
