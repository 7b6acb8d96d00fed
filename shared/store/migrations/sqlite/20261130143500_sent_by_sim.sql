-- Lists of what went out through one SIM, newest first.
CREATE INDEX messages_sim ON messages (org, sim, created_at, id) WHERE sim IS NOT NULL;
