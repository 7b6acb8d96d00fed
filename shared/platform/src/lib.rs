//! Configuration, telemetry, lifecycle, health, clock and id sources of Merpati's services.
