-- Which contacts are in a group (JSON); none: those that somebody put into it. Its members stand in contact_group_members as those
-- of any other group, and are written whenever a contact or the rule changes.
ALTER TABLE contact_groups ADD COLUMN rule TEXT;
CREATE INDEX contact_groups_rules ON contact_groups (org, owner) WHERE rule IS NOT NULL;
