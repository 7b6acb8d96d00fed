//! Real parts for tests: a nats-server per test, temporary databases, a whole gateway.
