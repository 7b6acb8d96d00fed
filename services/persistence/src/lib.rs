//! Writes message history: requests and events in, rows out, in batches, idempotent.
