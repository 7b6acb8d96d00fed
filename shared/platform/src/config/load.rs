//! Reading the configuration from its layers, and saying what is wrong with it.
//!
//! Layers, weakest first: the reference file inside the program, a file, the environment, the flags.
//! Every layer is checked against the reference before they are merged, so an error names the layer,
//! the setting, what was found, and what the reference says about it. (serde alone would name the
//! field and forget where the value came from.)

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Map, Value, ValueKind};

use super::Config;
use super::error::ConfigError;
use super::explain::{check_keys, find, locate, origin_of, shown};
use super::reference::{Help, REFERENCE};

/// What the names of environment variables begin with.
const PREFIX: &str = "MERPATI__";

/// The longest time that a program of a keyword service may take: well within the time for which its call is somebody's.
const LONGEST_PROGRAM: Duration = Duration::from_secs(30);

/// The longest `router.doubles`: the broker remembers what was sent for twice as long.
const LONGEST_DOUBLES: Duration = Duration::from_hours(1);
/// The largest number and the longest time of `limits.recipient`: the broker remembers the messages of that time.
const MOST_TO_ONE: u32 = 100;
const LONGEST_OF_ONE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Settings whose value no error shows.
const SECRET: [&str; 6] = [
    "nats.password",
    "database.url",
    "modems.pin",
    "kannel.admin_password",
    "kannel.status_password",
    "mail.smtp.password",
];

/// Where the configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    data: Option<PathBuf>,
    file: Option<PathBuf>,
    environment: BTreeMap<String, String>,
    flags: BTreeMap<String, String>,
}

impl Sources {
    /// The defaults only.
    pub fn new() -> Self {
        Self::default()
    }

    /// The defaults and the `MERPATI__…` variables of this process.
    pub fn from_process() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::new().environment(variables)
    }

    /// The data folder, from a flag; its `merpati.toml` is read when no other file is given.
    #[must_use]
    pub fn data(mut self, dir: Option<PathBuf>) -> Self {
        self.data = dir;
        self
    }

    /// The file to read in place of the data folder's.
    #[must_use]
    pub fn file(mut self, path: Option<PathBuf>) -> Self {
        self.file = path;
        self
    }

    /// Environment variables; those that do not begin with `MERPATI__` are left out.
    #[must_use]
    pub fn environment(mut self, all: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(all.into_iter().filter(|(name, _)| name.starts_with(PREFIX)));
        self
    }

    /// A setting from a flag: `("http.listen", "127.0.0.1:0")`; lists with commas.
    #[must_use]
    pub fn flag(mut self, key: &str, value: impl Into<String>) -> Self {
        self.flags.insert(key.to_owned(), value.into());
        self
    }
}

impl Config {
    /// Reads and merges all layers, and checks the whole.
    ///
    /// # Errors
    /// [`ConfigError`], whose text is for the person at the terminal.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let reference: toml::Table = REFERENCE
            .parse()
            .map_err(|error: toml::de::Error| ConfigError::Reference(error.to_string()))?;
        let loader = Loader { reference };
        let mut layers = vec![Layer::from_toml("the built-in defaults", &loader.reference)];
        if let Some(path) = Loader::file_to_read(sources) {
            layers.push(loader.file_layer(&path)?);
        }
        for (name, value) in &sources.environment {
            let key = name[PREFIX.len()..].to_lowercase().replace("__", ".");
            let origin = format!("the environment variable {name}");
            layers.push(loader.text_layer(&origin, &key, value)?);
        }
        for (key, value) in &sources.flags {
            layers.push(loader.text_layer("the command line", key, value)?);
        }
        let mut builder = config::Config::builder();
        for layer in layers {
            builder = builder.add_source(layer);
        }
        let merged = builder.build().map_err(|error| ConfigError::Reference(error.to_string()))?;
        let mut config: Self =
            merged.clone().try_deserialize().map_err(|error| loader.explain(error, merged))?;
        if let Some(dir) = &sources.data {
            config.data.clone_from(dir);
        }
        if config.data.as_os_str().is_empty() {
            config.data = default_data_dir();
        }
        // What is named below it, such as the port of a simulated modem, is known by its whole path. Only where there is no
        // current folder, the path stays as it is written.
        if let Ok(absolute) = std::path::absolute(&config.data) {
            config.data = absolute;
        }
        config.check()?;
        Ok(config)
    }

    /// What types cannot say.
    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: &str| Err(ConfigError::Together(text.to_owned()));
        if self.http.tls.cert.is_some() != self.http.tls.key.is_some() {
            return wrong("http.tls.cert and http.tls.key go together: set both or none");
        }
        if self.router.max_parts == 0 {
            return wrong("router.max_parts is 0, so no message could be sent; use 1 to 255");
        }
        if self.router.depth == 0 {
            return wrong("router.depth is 0, so no message would be released; use 1 or more");
        }
        if self.router.doubles.duration() > LONGEST_DOUBLES {
            return wrong("router.doubles is more than an hour; use 1h or less");
        }
        if self.limits.recipient.is_some_and(|most| {
            most.count.get() > MOST_TO_ONE
                || most.period > LONGEST_OF_ONE
                || most.period.subsec_nanos() > 0
        }) {
            return wrong(
                "limits.recipient is at most 100 messages, in whole seconds and at most 7 days, such as 20/1d",
            );
        }
        let is_word = |word: &String| (1..=40).contains(&word.trim().chars().count());
        for words in [&self.router.stop_words, &self.router.start_words] {
            if words.len() > 100 || !words.iter().all(is_word) {
                return wrong(
                    "router.stop_words and router.start_words have at most 100 words each, of 1 to 40 characters",
                );
            }
        }
        if self.numbers.home_country.is_none() && !self.numbers.destinations.is_empty() {
            return wrong(
                "numbers.destinations needs numbers.home_country, such as ID: without it numbers stay as they are written, \
                 and none is refused because of where it leads",
            );
        }
        if self.modems.tries == 0 || self.modems.doubtful_tries == 0 || self.modems.retry.is_empty()
        {
            return wrong(
                "modems.tries and modems.doubtful_tries must be 1 or more, and modems.retry have a wait",
            );
        }
        for query in &self.modems.balance {
            if query.code.trim().is_empty() {
                return wrong(
                    "a modems.balance has an empty code; write a USSD code such as *888#",
                );
            }
            if !query.network.bytes().all(|digit| digit.is_ascii_digit()) {
                return wrong(
                    "the network of a modems.balance is what the SIM's IMSI begins with, in digits, such as 51010",
                );
            }
            if query.every.duration() < Duration::from_mins(1) {
                return wrong(
                    "a modems.balance is asked for less than a minute apart; use 1m or more",
                );
            }
        }
        if !matches!(self.nats.replicas, 1 | 3 | 5) {
            return wrong("nats.replicas must be 1, 3 or 5");
        }
        if self.nats.password.is_some() != self.nats.user.is_some() {
            return wrong("nats.user and nats.password go together: set both or none");
        }
        if self.kannel.admin.is_some() && self.kannel.admin_password.is_none() {
            return wrong(
                "kannel.admin needs kannel.admin_password: there is no password by default",
            );
        }
        if self.mail.smtp.host.is_some() && self.mail.smtp.from.is_none() {
            return wrong(
                "mail.smtp.host needs mail.smtp.from, the address that mails come from, such as \
                 Merpati <sms@shop.example>",
            );
        }
        if self.mail.smtp.user.is_some() != self.mail.smtp.password.is_some() {
            return wrong("mail.smtp.user and mail.smtp.password go together: set both or none");
        }
        if !self.services.programs.iter().all(|program| program.is_absolute()) {
            return wrong(
                "services.programs are the whole paths of programs, such as /usr/local/bin/stock",
            );
        }
        let program_timeout = self.services.timeout.duration();
        if program_timeout.is_zero() || program_timeout > LONGEST_PROGRAM {
            return wrong("services.timeout must be more than 0 and at most 30s");
        }
        if self.webhooks.concurrency == 0 || self.database.max_connections == 0 {
            return wrong("webhooks.concurrency and database.max_connections must be 1 or more");
        }
        if let Some(text) = self.alerts.wrong() {
            return wrong(text);
        }
        if self.telemetry.log.parse::<tracing_subscriber::filter::Targets>().is_err()
            && tracing_subscriber::EnvFilter::try_new(&self.telemetry.log).is_err()
        {
            return Err(ConfigError::Together(format!(
                "telemetry.log is '{}', which is neither a level (error, warn, info, debug, trace) \
                 nor a list of directives such as info,modem_driver=debug",
                self.telemetry.log
            )));
        }
        Ok(())
    }
}

/// `/var/lib/merpati` for root, else the XDG folder.
fn default_data_dir() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/merpati");
    }
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    std::env::var_os("XDG_DATA_HOME")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from)
        .or_else(home)
        .unwrap_or_default()
        .join("merpati")
}

/// One layer, its values marked with where they come from.
#[derive(Debug, Clone)]
struct Layer(Map<String, Value>);

impl Layer {
    fn from_toml(origin: &str, table: &toml::Table) -> Self {
        Self(table.iter().map(|(key, value)| (key.clone(), marked(origin, value))).collect())
    }
}

impl config::Source for Layer {
    fn clone_into_box(&self) -> Box<dyn config::Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

fn marked(origin: &str, value: &toml::Value) -> Value {
    let kind = match value {
        toml::Value::String(text) => ValueKind::String(text.clone()),
        toml::Value::Integer(number) => ValueKind::I64(*number),
        toml::Value::Float(number) => ValueKind::Float(*number),
        toml::Value::Boolean(yes) => ValueKind::Boolean(*yes),
        toml::Value::Datetime(at) => ValueKind::String(at.to_string()),
        toml::Value::Array(all) => {
            ValueKind::Array(all.iter().map(|value| marked(origin, value)).collect())
        }
        toml::Value::Table(table) => ValueKind::Table(Layer::from_toml(origin, table).0),
    };
    Value::new(Some(&origin.to_owned()), kind)
}

struct Loader {
    reference: toml::Table,
}

impl Loader {
    /// The file that was asked for, or the data folder's if it is there.
    fn file_to_read(sources: &Sources) -> Option<PathBuf> {
        sources.file.clone().or_else(|| {
            let from_environment = || sources.environment.get("MERPATI__DATA").map(PathBuf::from);
            let dir = sources.data.clone().or_else(from_environment);
            let path = dir.unwrap_or_else(default_data_dir).join("merpati.toml");
            path.exists().then_some(path)
        })
    }

    fn file_layer(&self, path: &Path) -> Result<Layer, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let table: toml::Table = text.parse().map_err(|source| ConfigError::NotToml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let origin = format!("the file {}", path.display());
        check_keys(&origin, "", &table, &self.reference)?;
        Ok(Layer::from_toml(&origin, &table))
    }

    /// A layer of one setting whose value is a text; a list is written with commas.
    fn text_layer(&self, origin: &str, key: &str, text: &str) -> Result<Layer, ConfigError> {
        let path: Vec<&str> = key.split('.').collect();
        let mut value = match self.lookup(&path) {
            Some(toml::Value::Array(_)) => toml::Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(|item| toml::Value::String(item.to_owned()))
                    .collect(),
            ),
            _ => toml::Value::String(text.to_owned()),
        };
        for segment in path.iter().rev() {
            value = toml::Value::Table(toml::Table::from_iter([((*segment).to_owned(), value)]));
        }
        let toml::Value::Table(table) = value else {
            return Err(ConfigError::Reference("an empty key".to_owned()));
        };
        check_keys(origin, "", &table, &self.reference)?;
        Ok(Layer::from_toml(origin, &table))
    }

    fn lookup(&self, path: &[&str]) -> Option<&toml::Value> {
        let (last, sections) = path.split_last()?;
        let mut table = &self.reference;
        for section in sections {
            table = table.get(*section)?.as_table()?;
        }
        table.get(*last)
    }

    /// Says of an error of the `config` crate which setting it is about and what is allowed there.
    fn explain(&self, error: config::ConfigError, merged: config::Config) -> ConfigError {
        let (key, reason) = locate(error);
        let root = merged.cache;
        // Elements of lists are written `retry[2]`: the list is what was set.
        let setting = key.split('[').next().unwrap_or_default().to_owned();
        let value = find(&root, &setting);
        let origin = value.and_then(origin_of).unwrap_or_else(|| "the configuration".to_owned());
        let found = match value {
            Some(_) if SECRET.contains(&setting.as_str()) => "a hidden value".to_owned(),
            Some(value) => shown(value),
            None => "nothing".to_owned(),
        };
        let path: Vec<&str> = setting.split('.').collect();
        let default = self.lookup(&path).map(ToString::to_string).unwrap_or_default();
        let help = Box::new(Help::new(&setting, default));
        ConfigError::WrongValue { key, origin, found, reason, help }
    }
}
