//! `merpati import kannel`: reads a `kannel.conf` and makes what it says, each thing once.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use api::{NewKey, NewService, NewUser, Service, Services};
use contracts::PhoneNumber;
use platform::config::{Config, Sources};

use super::account::Accounts;
use super::conf::{self, Included, LARGEST_FILE, shown};
use super::messages::count;
use super::modem::Modem;
use super::plan::{self, Plan, Planned};
use super::report::{Line, Report, State};
use super::stopped::{STOPPED, stop};
use crate::client::Client;
use crate::command::opt_outs;
use crate::output;

/// What the keys of imported users are called.
const LABEL: &str = "kannel.conf";
/// Why a user is not made whose name an account has already.
const ANOTHERS: &str = "there is an account of this name without a key named kannel.conf, and it is not given Kannel's password; \
                        give it a key with the password by POST /api/v1/keys (kannel_password)";
/// The files of a folder that are included.
const MOST_OF_FOLDER: usize = 200;
/// The most numbers of a black list.
const MOST_NUMBERS: usize = 100_000;

pub(super) async fn run(
    as_json: bool,
    config: &Config,
    settings: &Path,
    file: &Path,
    dry_run: bool,
) -> anyhow::Result<ExitCode> {
    let text = match load(file) {
        Ok(Included::File(text)) => text,
        Ok(Included::Folder(_)) => anyhow::bail!("{} is a folder", file.display()),
        Err(why) => anyhow::bail!("{} cannot be read: {why}", file.display()),
    };
    let plan = plan::plan(conf::read(file, &text, &mut load));
    let client = Client::new(&config.data)?;
    let mut report = Report::new(dry_run);
    let stopped = black_lists(&plan, &mut report);
    let Some(accounts) = Accounts::of(&client, dry_run).await? else {
        output::note("No gateway runs here, so what is there already is not known.");
        report.lines = untried(&plan);
        return show(as_json, &plan, report);
    };
    let services = client.get::<Services>("/services").await?.into_read().services;
    if !dry_run {
        stop(&client, &stopped, &mut report).await?;
    }
    let importer = Importer { client, config, settings, dry_run, accounts, services };
    report.lines = importer.all(&plan).await;
    show(as_json, &plan, report)
}

/// The numbers of the black lists that can be read.
fn black_lists(plan: &Plan, report: &mut Report) -> BTreeSet<PhoneNumber> {
    let mut all = BTreeSet::new();
    for Planned { place, what } in &plan.black_lists {
        let found = fs::File::open(what).and_then(|file| opt_outs::numbers(BufReader::new(file)));
        match found {
            Err(error) => {
                let words = format!(
                    "the black list {} is not carried over: it cannot be read: {error}",
                    shown(&what.display().to_string())
                );
                report.remark(place, &words);
            }
            Ok(found) => {
                if found.wrong > 0 {
                    let words = format!("{} lines of the black list are no numbers", found.wrong);
                    report.remark(place, &words);
                }
                let numbers = found.numbers.iter().filter_map(|one| PhoneNumber::parse(one).ok());
                all.extend(numbers.take(MOST_NUMBERS));
            }
        }
    }
    if !all.is_empty() {
        count(report, STOPPED).found = u64::try_from(all.len()).unwrap_or(u64::MAX);
    }
    all
}

/// Everything in a plan, when it is not known what is there.
fn untried(plan: &Plan) -> Vec<Line> {
    let users = plan.users.iter().map(|user| user.line("user", &user.what.name, State::New));
    let services = plan.services.iter().map(|one| one.line("service", &one.what.name, State::New));
    let modems = plan.modems.iter().map(|one| {
        let path = one.what.path.to_string();
        one.line("modem", &path, State::New)
    });
    users.chain(services).chain(modems).collect()
}

impl<T> Planned<T> {
    /// What became of it.
    fn line(&self, what: &'static str, name: &str, state: State) -> Line {
        Line { place: self.place.to_string(), what, name: shown(name), state }
    }
}

struct Importer<'a> {
    client: Client,
    config: &'a Config,
    /// The configuration's file.
    settings: &'a Path,
    dry_run: bool,
    accounts: Accounts,
    services: Vec<Service>,
}

impl Importer<'_> {
    async fn all(self, plan: &Plan) -> Vec<Line> {
        let mut lines = Vec::new();
        for user in &plan.users {
            let state = self.user(&user.what).await;
            lines.push(user.line("user", &user.what.name, state));
        }
        for service in &plan.services {
            let state = self.service(&service.what).await;
            lines.push(service.line("service", &service.what.name, state));
        }
        lines.extend(self.modems(&plan.modems));
        lines
    }

    async fn user(&self, user: &plan::User) -> State {
        let allow = user.allowed.iter().map(ToString::to_string).collect::<Vec<_>>();
        let new = NewUser { name: user.name.clone(), ..NewUser::default() };
        let key = NewKey {
            user: Some(user.name.clone()),
            label: LABEL.to_owned(),
            scopes: Some(vec!["messages:send".to_owned()]),
            allow: (!allow.is_empty()).then_some(allow),
            kannel_password: Some(user.password.clone()),
            ..NewKey::default()
        };
        self.accounts.bring(&self.client, &new, &key, (ANOTHERS, self.dry_run)).await.0
    }

    async fn service(&self, new: &NewService) -> State {
        let is_named =
            |known: &&Service| known.name.to_lowercase() == new.name.trim().to_lowercase();
        if let Some(known) = self.services.iter().find(is_named) {
            return if is_same(known, new) {
                State::There
            } else {
                State::Failed {
                    error: "a service that does something else is called so".to_owned(),
                }
            };
        }
        if self.dry_run {
            return State::New;
        }
        match self.client.post::<Service>("/services", new).await {
            Ok(_) => State::Made,
            Err(error) => State::failed(&error),
        }
    }

    /// Adds the ports that the configuration does not have yet to its file, all of them or none.
    fn modems(&self, modems: &[Planned<Modem>]) -> Vec<Line> {
        let known = |modem: &Modem| {
            let of_all = self.config.modems.ports.contains(&modem.path);
            of_all || self.config.modems.port.iter().any(|port| port.path == modem.path)
        };
        let new: Vec<&Planned<Modem>> = modems.iter().filter(|one| !known(&one.what)).collect();
        let state = if self.dry_run {
            State::New
        } else {
            let text: Vec<String> = new.iter().map(|one| one.what.toml()).collect();
            match add_to_file(self.config, self.settings, &text) {
                Ok(()) => State::Made,
                Err(error) => State::Failed { error: format!("{error:#}") },
            }
        };
        let lines = modems.iter().map(|one| {
            let state = if known(&one.what) { State::There } else { state.clone() };
            one.line("modem", &one.what.path.to_string(), state)
        });
        lines.collect()
    }
}

/// Whether a service is the one that is wanted: it has its keyword, and does the same.
fn is_same(known: &Service, new: &NewService) -> bool {
    let Service { get_url, post_url, post_xml, reply, .. } = known;
    let wanted = [&new.get_url, &new.post_url, &new.post_xml, &new.reply];
    let wanted = wanted.map(|action| action.as_deref().map(str::trim));
    known.keyword == new.keyword.trim().to_lowercase()
        && [get_url, post_url, post_xml, reply].map(Option::as_deref) == wanted
}

/// Adds tables to the end of the configuration file, when the whole is a good configuration.
fn add_to_file(config: &Config, file: &Path, tables: &[String]) -> anyhow::Result<()> {
    if tables.is_empty() {
        return Ok(());
    }
    if std::env::var("MERPATI_URL").is_ok_and(|url| !url.is_empty()) {
        anyhow::bail!("the gateway is on another machine: add the modem to its merpati.toml");
    }
    let present = platform::files::read_if_there(file)?.unwrap_or_default();
    let gap = if present.is_empty() || present.ends_with('\n') { "\n" } else { "\n\n" };
    let added = format!("{gap}{}", tables.join("\n"));
    let trial = tempfile_beside(file, &format!("{present}{added}"))?;
    let loaded =
        Config::load(&Sources::new().data(Some(config.data.clone())).file(Some(trial.clone())));
    let _ = fs::remove_file(&trial);
    loaded.with_context(|| format!("{} would not be good any more", file.display()))?;
    if present.is_empty() {
        return platform::files::write_private(file, added.trim_start().as_bytes())
            .with_context(|| format!("{} cannot be written", file.display()));
    }
    // Added to, and not replaced: whose file it is stays as it was.
    let mut open = fs::OpenOptions::new().append(true).open(file)?;
    open.write_all(added.as_bytes())?;
    open.sync_all().with_context(|| format!("{} cannot be written", file.display()))
}

/// Writes a file that only its owner reads, beside another one.
fn tempfile_beside(file: &Path, text: &str) -> anyhow::Result<PathBuf> {
    let mut trial = file.as_os_str().to_owned();
    trial.push(format!(".{}.toml", std::process::id()));
    let trial = PathBuf::from(trial);
    platform::files::write_private(&trial, text.as_bytes())
        .with_context(|| format!("{} cannot be written", trial.display()))?;
    Ok(trial)
}

/// A file or a folder, within bounds.
fn load(path: &Path) -> Result<Included, String> {
    let about = fs::metadata(path).map_err(|error| error.to_string())?;
    if about.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| error.to_string())?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|entry| entry.is_file())
            .take(MOST_OF_FOLDER)
            .collect();
        files.sort();
        // As they stand when they are included from a file beside the folder.
        let absolute = |file: PathBuf| fs::canonicalize(&file).unwrap_or(file);
        return Ok(Included::Folder(files.into_iter().map(absolute).collect()));
    }
    if !about.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut octets = Vec::new();
    let most = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX);
    let open = fs::File::open(path).map_err(|error| error.to_string())?;
    open.take(most + 1).read_to_end(&mut octets).map_err(|error| error.to_string())?;
    if octets.len() > LARGEST_FILE {
        return Err(format!("it has more than {LARGEST_FILE} bytes"));
    }
    Ok(Included::File(String::from_utf8_lossy(&octets).into_owned()))
}

fn show(as_json: bool, plan: &Plan, mut report: Report) -> anyhow::Result<ExitCode> {
    for remark in &plan.remarks {
        report.remark(&remark.place, &remark.words);
    }
    let code = report.show(as_json, "this file")?;
    if !as_json {
        if report.has_made("user") {
            output::note("The users' Kannel passwords work at /cgi-bin/sendsms, and nowhere else.");
        }
        if report.has_made("modem") {
            output::note("The modems are in merpati.toml; restart the gateway to use them.");
        }
        if report.dry_run {
            output::note("Nothing was made. Without --dry-run it is.");
        }
    }
    Ok(code)
}
