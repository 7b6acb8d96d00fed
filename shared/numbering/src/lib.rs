//! Telephone numbers as people write them at home, and as networks know them.
//!
//! A [`Plan`] has a home country. It reads `0812…`, `812…`, `62812…` and `+62 (0) 812…` as the one number `+62812…`, and
//! says of a number why it is sent nothing ([`Unusable`]): no number of its country is so long, its country is not
//! allowed, or it costs more than others. Without a home country, a plan leaves every number as it is written.
//!
//! What is known of the countries are the tables of libphonenumber, which the crate `phonenumber` brings. They lag
//! behind what networks give out, so only the length decides whether a number is possible, and a number that the tables
//! do not list passes. The crate's own reader is not used: it takes the eleven digits `62812345678` for a landline of
//! Sumatra, because they are that too, and it takes numbers of any length.
//!
//! The tables are read when the first number is read by a plan with a home country: about 250 countries, whose patterns
//! are checked then and compiled when a number is first held against them. They stay in memory, a few megabytes. Without
//! a home country they are never read.

mod country;
mod destination;
mod network;
mod plan;
mod tables;
mod unusable;
mod zones;

pub use country::{Country, NoCountry};
pub use destination::{Destination, NoDestination};
pub use plan::Plan;
pub use unusable::Unusable;
