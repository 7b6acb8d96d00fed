//! The portal on a real broker and a real database.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(clippy::expect_used, reason = "a test that cannot have its parts has failed")]

mod alerts;
mod api;
mod api_docs;
mod audit;
mod authority;
mod bounds;
mod browser;
mod callbacks;
mod clock;
mod contacts;
mod conversations;
mod disk;
mod document;
mod dry_run;
mod ending;
mod fields;
mod following;
mod gateway;
mod growth;
mod idempotency;
mod jasmin;
mod kannel;
mod key_addresses;
mod key_scopes;
mod limits;
mod live;
mod mail;
mod mcp;
mod modems;
mod numbers;
mod opt_outs;
mod pages;
mod people;
mod playsms;
mod powers;
mod routes;
mod schedules;
mod search;
mod services;
mod shown;
mod sim_limits;
mod smseagle;
mod smsgate;
mod socket;
mod strangers;
mod twilio;
mod waiting;
mod webhooks;
mod whole;
