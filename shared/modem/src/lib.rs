//! One GSM modem as a sans-io state machine: no I/O, no clock, no async.
