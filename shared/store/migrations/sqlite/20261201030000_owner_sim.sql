-- Lists of what one account sent through one SIM, newest first: among the many messages of a SIM, those of an account with few are far apart.
CREATE INDEX messages_owner_sim ON messages (org, owner, sim, created_at, id) WHERE sim IS NOT NULL;
