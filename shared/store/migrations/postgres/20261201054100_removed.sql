-- A contact, a group or a template that was removed a moment ago may be brought back. It is in no organisation meanwhile: org has its
-- own id, so nobody reaches it and its name is free, and removed_from the organisation that it comes back to.
ALTER TABLE contacts ADD COLUMN removed_at BIGINT;
ALTER TABLE contacts ADD COLUMN removed_from TEXT;
CREATE INDEX contacts_removed ON contacts (removed_at) WHERE removed_at IS NOT NULL;
ALTER TABLE contact_groups ADD COLUMN removed_at BIGINT;
ALTER TABLE contact_groups ADD COLUMN removed_from TEXT;
CREATE INDEX contact_groups_removed ON contact_groups (removed_at) WHERE removed_at IS NOT NULL;
ALTER TABLE templates ADD COLUMN removed_at BIGINT;
ALTER TABLE templates ADD COLUMN removed_from TEXT;
CREATE INDEX templates_removed ON templates (removed_at) WHERE removed_at IS NOT NULL;

-- Which contacts were in which groups when one of the two was removed.
CREATE TABLE removed_members (
    contact_group TEXT NOT NULL REFERENCES contact_groups (id) ON DELETE CASCADE,
    contact TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (contact_group, contact)
);
CREATE INDEX removed_members_contact ON removed_members (contact, contact_group);
