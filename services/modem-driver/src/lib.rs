//! Owns serial ports: discovery, the work loop of a modem, the send journal, the control endpoint.
