//! Serves people (pages) and programs (REST and compatibility endpoints).
