//! Benchmarks that print figures.
