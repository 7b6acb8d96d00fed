-- What messages are searched for: the words of a text and what stands together in a number, with a blank between, as
-- shared/store cuts them. Rows of before have none until they are given theirs, a few at a time: *_wordless finds them.
ALTER TABLE messages ADD COLUMN words TEXT;
ALTER TABLE inbox ADD COLUMN words TEXT;
CREATE INDEX messages_wordless ON messages (id) WHERE words IS NULL AND request IS NOT NULL;
CREATE INDEX inbox_wordless ON inbox (id) WHERE words IS NULL;
CREATE INDEX messages_search ON messages USING gin (array_to_tsvector(string_to_array(words, ' ')));
CREATE INDEX inbox_search ON inbox USING gin (array_to_tsvector(string_to_array(words, ' ')));
