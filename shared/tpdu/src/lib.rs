//! SMS TPDU codec: 3GPP TS 23.040 and 23.038. Pure: no I/O, no clock, no async.
