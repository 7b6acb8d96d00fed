//! `merpati`: every service of the gateway, and the command line that talks to it.
//!
//! `merpati up` runs them all in one process; `merpati router` and its like run one. Everything else
//! is a client of a running gateway's API: over the socket in its data folder, or by
//! `MERPATI_URL` and `MERPATI_KEY`.

mod cli;
mod client;
mod command;
mod data;
mod embedded_nats;
mod output;
mod services;
mod settings;
mod simulated;
mod up;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let json = cli.json;
    platform::tls::install_provider();
    match command::run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::error(json, &error);
            ExitCode::FAILURE
        }
    }
}
