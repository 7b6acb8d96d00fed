//! NATS for Merpati's services: connection, topology, typed publish and consume, trace headers, dead letters.
