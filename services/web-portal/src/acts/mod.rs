//! What can be done, one noun a file. Acts know nothing of HTTP, pages or formats: each of the [doors](crate::doors)
//! translates what it is asked into an act, and the act's answer into its own words.
//!
//! An act that is done with an authority asks it for the power that the act needs, whether it reads or changes: no door
//! has to.

pub(crate) mod acceptance;
pub(crate) mod account;
pub(crate) mod account_limits;
pub(crate) mod act_as;
pub(crate) mod addressing;
pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod belonging;
pub(crate) mod broadcast;
pub(crate) mod bulk;
pub(crate) mod cancellation;
pub(crate) mod configuration;
pub(crate) mod conflict;
pub(crate) mod contact;
pub(crate) mod contact_export;
pub(crate) mod contact_import;
pub(crate) mod contact_merge;
pub(crate) mod conversation;
pub(crate) mod count;
pub(crate) mod credit;
pub(crate) mod dead_letter;
pub(crate) mod draft;
pub(crate) mod entry;
pub(crate) mod event;
pub(crate) mod export;
pub(crate) mod gateway;
pub(crate) mod group;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod injection;
pub(crate) mod invitation;
pub(crate) mod key;
pub(crate) mod log_in;
mod masked;
pub(crate) mod modem;
pub(crate) mod name;
pub(crate) mod not_read;
pub(crate) mod open_session;
pub(crate) mod opt_out;
pub(crate) mod password_link;
pub(crate) mod price;
pub(crate) mod reading;
pub(crate) mod rehearsal;
pub(crate) mod repetition;
pub(crate) mod report;
pub(crate) mod route;
pub(crate) mod schedule;
pub(crate) mod second_factor;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod sim;
pub(crate) mod sim_limits;
pub(crate) mod template;
pub(crate) mod traffic;
pub(crate) mod trial;
pub(crate) mod vote;
pub(crate) mod waiting;
pub(crate) mod way;
pub(crate) mod webhook;
