-- From which addresses and networks a key works, with blanks between them; empty or NULL: from anywhere.
ALTER TABLE api_keys ADD COLUMN allowed TEXT;
