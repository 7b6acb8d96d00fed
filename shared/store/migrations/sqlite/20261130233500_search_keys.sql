-- What contacts, groups and templates are searched in: their texts in small letters, each on a line of its own. The program
-- writes it, for engines differ in what they hold small letters to be; rows of before have what their engine makes of them.
ALTER TABLE contacts ADD COLUMN search_key TEXT;
UPDATE contacts SET search_key = name_key || char(10) || number || char(10) || lower(COALESCE(email, '')) || char(10) || lower(tags);
ALTER TABLE contact_groups ADD COLUMN search_key TEXT;
UPDATE contact_groups SET search_key = name_key || char(10) || lower(COALESCE(code, ''));
ALTER TABLE templates ADD COLUMN search_key TEXT;
UPDATE templates SET search_key = name_key || char(10) || lower(body);
