//! SMSEagle's HTTP API, so that monitoring systems which know it change a host name and a token and nothing else.
//!
//! An API key takes the place of the access token; of login and password, the name of an account and one of its keys.

mod first;
mod second;
mod sending;

pub(crate) use first::{json_rpc, send_sms};
pub(crate) use second::messages_sms;
