//! Decides whether a message may go, when, and through which pool or SIM; reassembles multipart MO.
