-- Contacts, groups of contacts and templates. owner is empty for what all of the organisation share: everybody reads it, and
-- who reaches everything changes it. name_key is the name in lower case, which lists are sorted by.
CREATE TABLE contacts (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    number TEXT NOT NULL,
    email TEXT,
    note TEXT,
    tags TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX contacts_name ON contacts (org, name_key, id);
CREATE INDEX contacts_owner ON contacts (org, owner, name_key, id);

CREATE TABLE contact_groups (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    code TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (org, owner, name_key)
);
CREATE INDEX contact_groups_name ON contact_groups (org, name_key, id);

CREATE TABLE contact_group_members (
    contact_group TEXT NOT NULL REFERENCES contact_groups (id) ON DELETE CASCADE,
    contact TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (contact_group, contact)
);
CREATE INDEX contact_group_members_contact ON contact_group_members (contact, contact_group);

CREATE TABLE templates (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (org, owner, name_key)
);
CREATE INDEX templates_name ON templates (org, name_key, id);
