-- The zone of the times on an account's pages, by its IANA name. NULL: that of the browser, else that of the gateway's machine.
ALTER TABLE users ADD COLUMN zone TEXT;
