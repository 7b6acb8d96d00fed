-- How much a SIM may send, and when, as contracts::limits::Limits in JSON; none: nothing limits it.
ALTER TABLE sims ADD COLUMN limits TEXT;
