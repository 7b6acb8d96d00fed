//! Delivers callbacks with retries, so a slow URL slows nobody else.
