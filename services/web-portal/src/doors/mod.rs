//! The ways in: each translates requests into [acts](crate::acts), and what an act answers into its own words. No door
//! knows another, but that of [agents](mcp), whose tools are calls of the API. Those of other gateways share why a request
//! is [refused].

pub(crate) mod api;
pub(crate) mod jasmin;
pub(crate) mod kannel;
pub(crate) mod mail;
pub(crate) mod mcp;
pub(crate) mod pages;
pub(crate) mod playsms;
pub(crate) mod refused;
pub(crate) mod smseagle;
pub(crate) mod smsgate;
pub(crate) mod twilio;
