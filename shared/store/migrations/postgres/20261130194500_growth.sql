-- What is deleted after a time is found without reading all there is.
CREATE INDEX webhook_deliveries_done ON webhook_deliveries (webhook, number) WHERE state <> 'pending';
CREATE INDEX sessions_idle ON sessions (idle_expires_at);
