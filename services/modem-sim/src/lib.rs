//! Simulated GSM modems on pseudo-terminals or TCP, with faults on demand and a small network between them.
