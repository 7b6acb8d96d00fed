-- What is known of contacts beside their usual fields, by name (JSON; none: nothing), and the tags of a contact in small letters, each with a space
-- before it and after it. The program writes tag_key, for engines differ in what they hold small letters to be; rows of before have
-- what their engine makes of them.
ALTER TABLE contacts ADD COLUMN fields TEXT;
ALTER TABLE contacts ADD COLUMN tag_key TEXT;
UPDATE contacts SET tag_key = ' ' || lower(tags) || ' ' WHERE tags <> '';
-- By it contacts of one phone are found that an account has twice.
CREATE INDEX contacts_owner_phone ON contacts (org, owner, phone);
