-- While an organisation is isolated, what is received waits in the lanes: an endpoint is told of nothing received whose number
-- is greater than this. NULL when nothing waits so.
ALTER TABLE webhooks ADD COLUMN held_after INTEGER;

-- Calls of services that wait so are due at no time yet.
CREATE INDEX service_calls_held ON service_calls (org) WHERE state = 'pending' AND next_at IS NULL;
