-- How a URL is called, as JSON, where it is not simply fetched.
ALTER TABLE callbacks ADD COLUMN form TEXT;
