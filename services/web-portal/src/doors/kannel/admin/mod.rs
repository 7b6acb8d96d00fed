//! Kannel's admin pages, on a port of their own: what programs that watch and steer a Kannel ask for.
//!
//! The answers are those of Kannel 1.4.5: status 200 always, plain text, and its words; what has no counterpart here is
//! refused in words of ours. As with Kannel, the password stands in the query, so the port is for this machine or a
//! network of one's own. Who asks takes a turn, and a wrong password keeps it for a second: so passwords are guessed one
//! a second, whoever guesses and from wherever.

mod report;
mod store_status;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, RawQuery, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse as _, Response};
use contracts::modem::{ModemState, ModemStatus};
use contracts::{SimId, Timestamp};
use platform::config::Secret;
use store::{ModemChange, SecretHash, Traffic};

use crate::acts::gateway::{self, Done};
use crate::acts::not_read::NotRead;
use crate::acts::{modem, traffic};
use crate::app::App;
use crate::authority::Authority;
use crate::causes::in_full;
use report::{Centre, Form, Report, Sums, sum_of_loads};

/// How long a wrong password keeps the others waiting.
const AFTER_WRONG: Duration = Duration::from_secs(1);
/// How long what happens may take to be in the database, and is not counted yet.
const COUNTED_AFTER: Duration = Duration::from_secs(2);

/// What Kannel knows, in its order; the first line of what is answered to another.
const COMMANDS: &str = "status\nstore-status\nlog-level\nshutdown\nsuspend\nisolate\nresume\nrestart\n\
                        graceful-restart\nflush-dlr\nstop-smsc\nstart-smsc\nadd-smsc\nremove-smsc\nreload-lists\n\
                        remove-message\n";

/// What the pages need beside the portal.
pub(crate) struct Admin {
    password: Secret,
    /// Another password, which only reads.
    status_password: Option<Secret>,
    /// When the portal started.
    started: Timestamp,
    turn: tokio::sync::Mutex<()>,
    counted: tokio::sync::Mutex<Counted>,
}

/// What came and went since the start, as far as it is counted.
struct Counted {
    until: Timestamp,
    sums: HashMap<SimId, Sums>,
}

/// What a password opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    All,
    Status,
}

impl Admin {
    /// With the passwords of the configuration, at the start of the portal.
    pub(crate) fn new(
        password: Secret,
        status_password: Option<Secret>,
        started: Timestamp,
    ) -> Arc<Self> {
        Arc::new(Self {
            password,
            status_password,
            started,
            turn: tokio::sync::Mutex::default(),
            counted: tokio::sync::Mutex::new(Counted { until: started, sums: HashMap::new() }),
        })
    }

    /// What the password opens. Compared by hashes, so that the time says nothing of the password.
    async fn open(&self, given: Option<&str>) -> Option<Opened> {
        let _turn = self.turn.lock().await;
        let given = SecretHash::of(given.unwrap_or_default());
        let is = |secret: &Secret| SecretHash::of(secret.expose()) == given;
        if is(&self.password) {
            return Some(Opened::All);
        }
        if self.status_password.as_ref().is_some_and(is) {
            return Some(Opened::Status);
        }
        tokio::time::sleep(AFTER_WRONG).await;
        None
    }
}

/// Why a command was not done, in words.
type Said = Result<String, String>;

/// Every path of the port.
pub(crate) async fn page(
    State(app): State<App>,
    Extension(admin): Extension<Arc<Admin>>,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let parameters: HashMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let parameter = |name: &str| parameters.get(name).map(AsRef::as_ref);
    let path = uri.path().trim_start_matches('/');
    let path = path.strip_prefix("cgi-bin/").unwrap_or(path);
    let (command, form) = match path.split_once('.') {
        Some((command, ending)) => (command, Form::of(ending)),
        None => (path, Some(Form::Text)),
    };
    let is_read = matches!(command, "status" | "store-status");
    let opened = admin.open(parameter("password")).await;
    if !(opened == Some(Opened::All) || is_read && opened == Some(Opened::Status)) {
        tracing::warn!(command, "Kannel's admin pages refused a password");
        return answer(Form::Text, "Denied".to_owned());
    }
    let authority = Authority::of_kannel_admin();
    let form = form.unwrap_or(Form::Text);
    let said = match command {
        "status" => report(&app, &authority, &admin, form).await,
        "store-status" => store_status::list(&app, &authority, form).await,
        "suspend" => {
            let done = gateway::suspend(&app, &authority).await;
            self::said(done, "Kannel suspended", "Already suspended")
        }
        "isolate" => {
            let done = gateway::isolate(&app, &authority).await;
            self::said(done, "Kannel isolated from message providers", "Already isolated")
        }
        "resume" => {
            let done = gateway::resume(&app, &authority).await;
            self::said(done, "Running resumed", "Already running")
        }
        "log-level" => log_level(parameter("level")),
        "stop-smsc" => start(&app, &authority, parameter("smsc"), false).await,
        "start-smsc" => start(&app, &authority, parameter("smsc"), true).await,
        other => Err(refused(other, uri.path())),
    };
    // Kannel's pages answer 200 whatever happened.
    match said {
        Ok(said) => answer(if is_read { form } else { Form::Text }, said),
        Err(said) => answer(Form::Text, said),
    }
}

fn answer(form: Form, said: String) -> Response {
    ([(header::CONTENT_TYPE, form.content_type())], said).into_response()
}

/// Why what has no counterpart is not done.
fn refused(command: &str, path: &str) -> String {
    match command {
        "reload-lists" => "There are no black or white lists here: who is sent nothing has opted out (merpati optout), and that holds at once",
        "shutdown" | "restart" | "graceful-restart" => {
            "Merpati is stopped and started by what runs it, such as systemd"
        }
        "flush-dlr" => "Delivery reports are kept with their messages, and cannot be flushed",
        "add-smsc" | "remove-smsc" => {
            "Modems are found when they are plugged in, and are named in merpati.toml otherwise"
        }
        "remove-message" => {
            "merpati cancel takes a message back, and so does DELETE /api/v1/messages/{id}"
        }
        _ => {
            let path: String = path.chars().take(100).filter(|c| !c.is_control()).collect();
            return format!("Unknown command `{path}'.\nPossible commands are:\n{COMMANDS}");
        }
    }
    .to_owned()
}

fn failed(error: &(dyn std::error::Error + 'static)) -> String {
    tracing::warn!(error = %in_full(error), "a command of Kannel's admin pages failed");
    "Merpati cannot do that at the moment; its log says why".to_owned()
}

/// `start-smsc` and `stop-smsc`.
async fn start(app: &App, authority: &Authority, wanted: Option<&str>, starts: bool) -> Said {
    let Some(wanted) = wanted else { return Err("SMSC id not given".to_owned()) };
    let shown: String = wanted.chars().take(64).filter(|c| !c.is_control()).collect();
    let modems = modem::list(app, authority).await.map_err(|error| failed(&error))?;
    let is_meant = |modem: &&ModemState| {
        modem.name == wanted
            || modem.id.to_string() == wanted
            || modem.sim.as_ref().is_some_and(|sim| sim.id.to_string() == wanted)
    };
    let Some(found) = modems.iter().find(is_meant) else {
        let what = if starts { "re-start" } else { "shut down" };
        return Err(format!("Could not {what} smsc-id `{shown}'"));
    };
    let change = ModemChange { enabled: Some(starts), ..ModemChange::default() };
    let changed = modem::change(app, authority, found.id, &change).await;
    changed.map_err(|error| failed(&error))?;
    Ok(format!("SMSC `{shown}' {}", if starts { "re-started" } else { "shut down" }))
}

/// What Kannel says of something done to the gateway as a whole, and of what was so before.
fn said(done: Result<Done, NotRead>, new: &str, before: &str) -> Said {
    match done {
        Ok(Done { is_new: true, .. }) => Ok(new.to_owned()),
        Ok(Done { is_new: false, .. }) => Err(before.to_owned()),
        Err(error) => Err(failed(&error)),
    }
}

/// Logs from a level on, in the numbers of Kannel, until the process ends.
fn log_level(level: Option<&str>) -> Said {
    let Some(level) = level else { return Err("log-level not given".to_owned()) };
    let named = match level.trim() {
        "0" => "debug",
        "1" => "info",
        "2" => "warn",
        "3" | "4" => "error",
        _ => {
            return Err(
                "log-level is 0 (debug), 1 (info), 2 (warning), 3 (error) or 4 (panic)".to_owned()
            );
        }
    };
    if platform::set_log(named) {
        tracing::warn!(level = named, "the log level was changed by Kannel's admin pages");
        Ok(format!("log-level set to {}", level.trim()))
    } else {
        Err("The log of this process cannot be changed".to_owned())
    }
}

impl Admin {
    /// What came and went since the start.
    async fn sums(
        &self,
        app: &App,
        authority: &Authority,
        now: Timestamp,
    ) -> Result<HashMap<SimId, Sums>, String> {
        let mut counted = self.counted.lock().await;
        let until = now.minus(COUNTED_AFTER).max(counted.until);
        let new = traffic::between(app, authority, counted.until, until).await;
        for Traffic { sim, received, sent, reports } in new.map_err(|error| failed(&error))? {
            let sums = counted.sums.entry(sim).or_default();
            sums.received += received;
            sums.sent += sent;
            sums.reports += reports;
        }
        counted.until = until;
        Ok(counted.sums.clone())
    }
}

/// `status`.
async fn report(app: &App, authority: &Authority, admin: &Admin, form: Form) -> Said {
    let now = app.clock.now();
    let sums = admin.sums(app, authority, now).await?;
    let mut loads: HashMap<SimId, [Sums; 2]> = HashMap::new();
    for (at, length) in report::WINDOWS.into_iter().enumerate() {
        let until = now.minus(COUNTED_AFTER);
        let counted = traffic::between(app, authority, until.minus(length), until).await;
        for Traffic { sim, received, sent, reports } in counted.map_err(|error| failed(&error))? {
            loads.entry(sim).or_default()[at] = Sums { received, sent, reports };
        }
    }
    let uptime = now.since(admin.started);
    let modems = modem::list(app, authority).await.map_err(|error| failed(&error))?;
    let centres = modems.iter().map(|modem| {
        let sim = modem.sim.as_ref().map(|sim| sim.id);
        let of_sim = |sums: &HashMap<SimId, Sums>| sim.and_then(|sim| sums.get(&sim).copied());
        Centre {
            id: sim.map_or_else(|| modem.name.clone(), |sim| sim.to_string()),
            admin_id: modem.name.clone(),
            name: modem.port.clone(),
            status: status_of(modem, now),
            sums: of_sim(&sums).unwrap_or_default(),
            loads: sim.and_then(|sim| loads.get(&sim).copied()).unwrap_or_default(),
            failed: modem.failed_today,
            queued: u64::from(modem.queue),
        }
    });
    let done = gateway::now(app, authority).await.map_err(|error| failed(&error))?;
    let report = Report {
        status: match (done.suspended.is_some(), done.isolated) {
            (true, _) => "suspended",
            (false, true) => "isolated",
            (false, false) => "running",
        },
        uptime,
        total: sums.values().copied().sum(),
        loads: sum_of_loads(loads.values()),
        waiting: store_status::count(app, authority).await?,
        centres: centres.collect(),
    };
    Ok(report.written(form))
}

/// Kannel's word for what a modem does.
fn status_of(modem: &ModemState, now: Timestamp) -> String {
    match modem.status {
        ModemStatus::Ready | ModemStatus::Sending => {
            format!("online {}s", now.since(modem.since).as_secs())
        }
        ModemStatus::Starting | ModemStatus::Searching => "connecting".to_owned(),
        ModemStatus::Disabled => "dead".to_owned(),
        _ => "re-connecting".to_owned(),
    }
}
