-- Teams: users of an organisation with SIMs of their own. name_key is the name in lower case. With own_sims_only its users send through
-- SIMs of their teams alone.
CREATE TABLE teams (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    own_sims_only BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (org, name_key)
);
CREATE TABLE team_members (
    team TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    account TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (team, account)
);
CREATE INDEX team_members_account ON team_members (account, team);

-- The team that a SIM belongs to. While it does, everybody_sends and everybody_reads are false, and sim_members has the users of the
-- team, who all send and read: whoever asks those rows alone keeps to the wall.
ALTER TABLE sims ADD COLUMN team TEXT REFERENCES teams (id);
CREATE INDEX sims_team ON sims (team);
