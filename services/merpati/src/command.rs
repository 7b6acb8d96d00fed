//! The commands, one a file. A service runs until it is stopped; the others ask a running gateway.

mod account_limits;
mod accounts;
mod alerts;
mod audit;
mod broadcasts;
mod bulk;
mod config;
mod contacts;
mod control;
mod conversations;
mod credits;
mod dead;
mod doctor;
mod gateway;
mod ids;
mod import;
mod inbox;
mod keyword_services;
mod limits;
mod messages;
mod modems;
mod nats;
mod opt_outs;
mod pdu;
mod people;
mod pools;
mod report;
mod routes;
mod schedules;
mod send;
mod sim;
mod sims;
mod teams;
mod webhooks;

use std::process::ExitCode;

use crate::cli::{Cli, Command, Database, Switch};
use crate::client::Client;
use crate::services::Service;
use crate::{services, settings, up};

/// Runs the command on a runtime of its own.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(dispatch(cli))
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let json = cli.json;
    match &cli.command {
        Command::Config(crate::cli::Config { what: None }) => {
            config::print();
            return Ok(ExitCode::SUCCESS);
        }
        Command::Pdu(crate::cli::Pdu::Decode { hex, no_smsc }) => {
            return pdu::decode(json, hex, *no_smsc);
        }
        Command::Sim(arguments) => return sim::run(json, arguments).await,
        _ => {}
    }
    let config = settings::load(&cli)?;
    let client = || Client::new(&config.data);
    match cli.command {
        Command::Up(arguments) => up::run(json, config, arguments).await?,
        Command::ModemDriver(ports) => {
            services::run(config, Service::ModemDriver, ports.sim).await?;
        }
        Command::Router => services::run(config, Service::Router, 0).await?,
        Command::Persistence => services::run(config, Service::Persistence, 0).await?,
        Command::WebPortal { .. } => services::run(config, Service::WebPortal, 0).await?,
        Command::Webhooks => services::run(config, Service::Webhooks, 0).await?,
        Command::Modems(arguments) => modems::run(json, &client()?, arguments).await?,
        Command::Sims(arguments) => sims::run(json, &client()?, arguments).await?,
        Command::Limit(said) => limits::run(json, &client()?, said).await?,
        Command::At { modem, command } => control::at(json, &client()?, &modem, &command).await?,
        Command::Ussd { modem, code } => control::ussd(json, &client()?, &modem, &code).await?,
        Command::Lines { modem } => control::lines(json, &client()?, &modem).await?,
        Command::Trace { modem, seconds } => {
            control::trace(json, &client()?, &modem, seconds).await?;
        }
        Command::Restart { modem, hard } => {
            control::restart(json, &client()?, &modem, hard).await?;
        }
        Command::Flight { modem, mode } => {
            control::flight(json, &client()?, &modem, mode == Switch::On).await?;
        }
        Command::Number(said) => control::number(json, &client()?, "number", &said).await?,
        Command::Smsc(said) => control::number(json, &client()?, "smsc", &said).await?,
        Command::Pin { modem } => control::pin(json, &client()?, &modem).await?,
        Command::Send(arguments) => return send::run(json, &client()?, arguments).await,
        Command::Bulk(said) => return bulk::run(json, &client()?, *said).await,
        Command::Dead => dead::list(json, &client()?).await?,
        Command::Alerts { all } => alerts::list(json, &client()?, all).await?,
        Command::Report(said) => report::run(json, &client()?, said).await?,
        Command::Audit(said) => return audit::run(json, &client()?, said).await,
        Command::Why { id } => messages::why(json, &client()?, &id).await?,
        Command::Messages(wanted) => messages::show(json, &client()?, wanted).await?,
        Command::Cancel { ids } => return messages::cancel(json, &client()?, &ids).await,
        Command::SendAgain { id } => messages::send_again(json, &client()?, &id).await?,
        Command::Inbox { limit, search } => {
            inbox::list(json, &client()?, limit, search.as_deref()).await?;
        }
        Command::Contact(said) => contacts::run(json, &client()?, said).await?,
        Command::Conversation(said) => conversations::run(json, &client()?, said).await?,
        Command::User(user) => accounts::user(json, &client()?, user).await?,
        Command::Team(said) => teams::run(json, &client()?, said).await?,
        Command::Key(key) => accounts::key(json, &client()?, key).await?,
        Command::Webhook(webhook) => return webhooks::run(json, &client()?, webhook).await,
        Command::Service(service) => keyword_services::run(json, &client()?, *service).await?,
        Command::OptOut(said) => opt_outs::run(json, &client()?, said).await?,
        Command::Credit(said) => credits::run(json, &client()?, said).await?,
        Command::Gateway(said) => gateway::run(json, &client()?, said).await?,
        Command::Route(said) => routes::run(json, &client()?, said).await?,
        Command::Pool(said) => pools::run(json, &client()?, said).await?,
        Command::Schedule(said) => schedules::run(json, &client()?, said).await?,
        Command::Broadcast(said) => broadcasts::run(json, &client()?, said).await?,
        Command::SetupLink => accounts::setup_link(json, &client()?).await?,
        Command::Import(said) => {
            let settings = cli.config.unwrap_or_else(|| config.data.join("merpati.toml"));
            return import::run(json, &config, &settings, said).await;
        }
        Command::Nats(crate::cli::Nats::Credentials { name }) => {
            nats::credentials(json, &config, &name).await?;
        }
        Command::Doctor => return doctor::run(json, &config).await,
        Command::Database(Database::Migrate) => services::migrate(json, &config).await?,
        Command::Config(crate::cli::Config { what: Some(said) }) => {
            return config::run(json, &client()?, &config.data, said).await;
        }
        // Handled above, before there was a configuration.
        Command::Config(_) | Command::Pdu(_) | Command::Sim(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The text on standard input up to the first line end.
fn first_line_of_input(what: &str) -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    anyhow::ensure!(!line.is_empty(), "{what} is expected on standard input, and nothing came");
    Ok(line)
}
