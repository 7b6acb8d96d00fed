//! The whole, as its users meet it: the `merpati` program, a real nats-server, simulated modems.
//!
//! Each test has a gateway of its own in a folder of its own, on ports of its own. The simulated
//! modems belong to the test and not to the gateway, so they live on when the gateway is killed.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod gateway;
mod rig;

mod account_limits;
mod alerts;
mod api;
mod architecture;
mod audit;
mod authority;
mod batches;
mod beside_kannel;
mod broadcasts;
mod brokers;
mod budget;
mod cli;
mod config;
mod credits;
mod dependencies;
mod deploy;
mod disk;
mod examples;
mod faults;
mod fields;
mod import;
mod import_others;
mod import_playsms;
mod internal_service;
mod kannel;
mod kannel_admin;
mod kill;
mod letters;
mod limits;
mod loops;
mod mail;
mod opt_out;
mod receive;
mod report;
mod routes;
mod schedules;
mod send;
mod services;
mod team;
mod trace;
mod webhooks;
