//! The platform as its users meet it.

mod config;
mod serving;
