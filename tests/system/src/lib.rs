//! System tests: a real nats-server, simulated modems, the merpati program.
