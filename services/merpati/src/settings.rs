//! The configuration as this command line has it: flags are stronger than environment and file.

use platform::config::{Config, ConfigError, Sources};

use crate::cli::{Cli, Command, Ports, Up};

/// Loads it.
pub(crate) fn load(cli: &Cli) -> Result<Config, ConfigError> {
    let mut sources = Sources::from_process().data(cli.data.clone()).file(cli.config.clone());
    match &cli.command {
        Command::Up(Up { http, ports }) => {
            if let Some(http) = http {
                sources = sources.flag("http.listen", http.to_string());
            }
            sources = with_ports(sources, ports);
        }
        Command::ModemDriver(ports) => sources = with_ports(sources, ports),
        Command::WebPortal { http: Some(http) } => {
            sources = sources.flag("http.listen", http.to_string());
        }
        _ => {}
    }
    Config::load(&sources)
}

fn with_ports(mut sources: Sources, ports: &Ports) -> Sources {
    if !ports.modems.is_empty() {
        sources = sources.flag("modems.ports", ports.modems.join(","));
    }
    if ports.no_discovery || ports.sim > 0 {
        sources = sources.flag("modems.discover", "false");
    }
    sources
}
