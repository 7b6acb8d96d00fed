-- In which form an endpoint is told, where that is not the usual one.
ALTER TABLE webhooks ADD COLUMN form TEXT;
