//! The command line: what can be said, and its help texts.

use std::net::SocketAddr;
use std::path::PathBuf;

use api::Encoding;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};
use contracts::{LinkId, Priority};
use platform::config::listen_address;

mod audit;
mod broadcast;
mod bulk;
mod config;
mod contact;
mod conversation;
mod credit;
mod gateway;
mod limit;
mod opt_out;
mod report;
mod route;
mod schedule;
mod service;
mod team;
mod webhook;

pub(crate) use audit::{Audit, AuditCommand};
pub(crate) use broadcast::{AddBroadcast, Broadcast};
pub(crate) use bulk::Bulk;
pub(crate) use config::{Config, ConfigCommand};
pub(crate) use contact::{Contact, ImportContacts};
pub(crate) use conversation::Conversation;
pub(crate) use credit::{Credit, Price};
pub(crate) use gateway::Gateway;
pub(crate) use limit::{Limit, Limited, SaidLimits, SetLimit};
pub(crate) use opt_out::OptOut;
pub(crate) use report::{Report, ReportBy};
pub(crate) use route::{AddRoute, PoolCommand, Route, TestRoute};
pub(crate) use schedule::{AddSchedule, Schedule};
pub(crate) use service::KeywordService;
pub(crate) use team::{AddTeam, ChangeTeam, Team};
pub(crate) use webhook::Webhook;

/// An SMS gateway on your own GSM modems.
#[derive(Debug, Parser)]
#[command(name = "merpati", version, about, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// The gateway's data folder [default: ~/.local/share/merpati, for root /var/lib/merpati].
    #[arg(long, global = true, env = "MERPATI_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// A configuration file instead of DIR/merpati.toml.
    #[arg(long, global = true, env = "MERPATI_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a whole gateway: broker, database and every service in one process.
    Up(Up),
    /// Run only the modem driver, for the modems of this host.
    ModemDriver(Ports),
    /// Run only the router.
    Router,
    /// Run only the service that writes message history.
    Persistence,
    /// Run only the web portal and the HTTP API.
    WebPortal {
        /// Where to listen for HTTP: a port of this machine only, or an address and a port.
        #[arg(long, value_name = "PORT|ADDR:PORT", value_parser = listen_address)]
        http: Option<SocketAddr>,
    },
    /// Run only the service that calls customers' URLs.
    Webhooks,
    /// Run simulated modems, for demonstrations and tests.
    Sim(Sim),
    /// Show the modems and what each of them does.
    Modems(Modems),
    /// Show the SIM cards and who may use them, or say who may.
    Sims(Sims),
    /// How much SIM cards may send, and when.
    #[command(subcommand)]
    Limit(Limit),
    /// Send an SMS.
    Send(Send),
    /// Send a message for each row of a CSV file or an XLSX workbook, or show what would be sent.
    Bulk(Box<Bulk>),
    /// Show sent messages, newest first, or one of them and all that happened to it.
    Messages(Messages),
    /// Take messages back that no modem has yet.
    Cancel {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Send a message again that did not reach its recipient, as a new one.
    SendAgain {
        /// Its id.
        id: String,
    },
    /// Show received messages, newest first.
    Inbox {
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
        limit: u16,
        /// Only those in which all of this is found: words of the text, and parts of the number.
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
    },
    /// Show requests that could not be read, with the reason.
    Dead,
    /// Show what is wrong with the gateway, since when, and what to do about it.
    Alerts {
        /// Show what was wrong lately, too.
        #[arg(long)]
        all: bool,
    },
    /// Show how many messages came to which end, and how long they took.
    Report(Report),
    /// Show what was changed, by whom and from where, newest first; or verify that the log of it is whole.
    Audit(Audit),
    /// Say why a message waits and until when, or what became of it.
    Why {
        /// Its id.
        id: String,
    },
    /// Contacts, and files from which contacts are made.
    #[command(subcommand)]
    Contact(Contact),
    /// Conversations, their notes, and who looks after them.
    #[command(subcommand)]
    Conversation(Conversation),
    /// Accounts of people.
    #[command(subcommand)]
    User(User),
    /// Teams: users with SIMs of their own.
    #[command(subcommand)]
    Team(Team),
    /// Keys of programs.
    #[command(subcommand)]
    Key(Key),
    /// Endpoints that are told of events: webhooks.
    #[command(subcommand)]
    Webhook(Webhook),
    /// What is called when a message comes with a keyword: Kannel's sms-service.
    #[command(subcommand)]
    Service(Box<KeywordService>),
    /// Numbers that are sent nothing, because their holders asked for that.
    #[command(subcommand, name = "optout")]
    OptOut(OptOut),
    /// What accounts may spend on messages, and what messages cost.
    #[command(subcommand)]
    Credit(Credit),
    /// The gateway as a whole: send nothing for a time, or tell programs nothing of what is received.
    #[command(subcommand)]
    Gateway(Gateway),
    /// Rules that say through which pool or SIM messages go.
    #[command(subcommand)]
    Route(Route),
    /// Pools of SIMs, and how they share the work.
    #[command(subcommand)]
    Pool(PoolCommand),
    /// What is sent at a time, once or again and again.
    #[command(subcommand)]
    Schedule(Schedule),
    /// One text to many, with what is known of each contact filled in, handed out at a pace.
    #[command(subcommand)]
    Broadcast(Broadcast),
    /// Print a new one-time link to create the first administrator.
    SetupLink,
    /// Take over what another gateway was configured for.
    #[command(subcommand)]
    Import(Import),
    /// Access to the message broker for other services.
    #[command(subcommand)]
    Nats(Nats),
    /// SMS TPDUs.
    #[command(subcommand)]
    Pdu(Pdu),
    /// Give a modem an AT command and show its answer.
    At {
        /// The modem: its id, or its name as `merpati modems` shows it.
        modem: String,
        /// The command, such as "AT+CSQ".
        command: String,
    },
    /// Dial a USSD code such as *888# on a modem.
    Ussd {
        /// The modem: its id, or its name as `merpati modems` shows it.
        modem: String,
        /// The code, or the answer to the open session.
        code: String,
    },
    /// Show the last hundred lines between the driver and a modem, without PINs, texts and PDUs.
    Lines {
        /// The modem: its id, or its name as `merpati modems` shows it.
        modem: String,
    },
    /// Record a modem's serial line for some seconds.
    Trace {
        /// The modem: its id, or its name as `merpati modems` shows it.
        modem: String,
        /// For how long.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=60))]
        seconds: u8,
    },
    /// Set the PIN of the SIM in a modem, read from standard input.
    Pin {
        /// The modem: its id, or its name as `merpati modems` shows it.
        modem: String,
    },
    /// Set a modem up anew.
    Restart {
        /// The modem: its id, or its name as `merpati modems` shows it.
        modem: String,
        /// Switch the modem itself off and on (AT+CFUN=1,1).
        #[arg(long)]
        hard: bool,
    },
    /// Turn a modem's radio off (flight mode), or on again.
    Flight {
        /// The modem: its id, or its name as `merpati modems` shows it.
        modem: String,
        /// on: the radio is off until it is turned on again.
        mode: Switch,
    },
    /// Say the number of the SIM in a modem, for SIMs that do not know it.
    Number(SimNumber),
    /// Say the number of the service centre (SMSC) of the SIM in a modem.
    Smsc(SimNumber),
    /// Look for what keeps the gateway or a modem from working, and say what to do.
    Doctor,
    /// Print the default configuration, which is also its reference; or keep what people set in the gateway as a file.
    Config(Config),
    /// The database.
    #[command(subcommand)]
    Database(Database),
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Modems {
    /// Only this one, and everything that is known of it: its id or the beginning of it, or its name as in the list.
    pub(crate) modem: Option<String>,
    #[command(subcommand)]
    pub(crate) change: Option<ModemChange>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModemChange {
    /// Give a modem a name; an empty one brings back the name of its port.
    Name {
        /// The modem: its id or the beginning of it, or its name as in the list.
        modem: String,
        /// The name, at most 32 characters.
        name: String,
    },
    /// Send nothing through a modem. What it receives is kept.
    Disable {
        /// The modem: its id or the beginning of it, or its name as in the list.
        modem: String,
    },
    /// Use a modem again that was disabled.
    Enable {
        /// The modem: its id or the beginning of it, or its name as in the list.
        modem: String,
    },
    /// Forget a modem that is gone for good.
    Forget {
        /// The modem: its id or the beginning of it, or its name as in the list.
        modem: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Sims {
    /// Only this SIM: its id or the beginning of it, its number or ICCID, or the name of the modem it is in.
    pub(crate) sim: Option<String>,
    /// Who may send through it, beside administrators: everybody, nobody, or users' names with commas. Unless
    /// everybody may, it carries only messages that name it. Of a SIM of a team, the team says it: see `merpati team`.
    #[arg(long, value_name = "WHO", requires = "sim")]
    pub(crate) senders: Option<String>,
    /// Who may read what it receives, beside administrators: everybody, nobody, or users' names with commas.
    #[arg(long, value_name = "WHO", requires = "sim")]
    pub(crate) readers: Option<String>,
    /// The pool that it is in.
    #[arg(long, value_name = "POOL", requires = "sim")]
    pub(crate) pool: Option<contracts::PoolId>,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Debug, Args)]
pub(crate) struct SimNumber {
    /// The modem: its id, or its name as `merpati modems` shows it.
    pub(crate) modem: String,
    /// The number, such as +62816124.
    #[arg(required_unless_present = "forget")]
    pub(crate) number: Option<String>,
    /// Take back what was said.
    #[arg(long, conflicts_with = "number")]
    pub(crate) forget: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Ports {
    /// A modem's port; may be given more than once.
    #[arg(long = "modem", value_name = "PATH|tcp://HOST:PORT")]
    pub(crate) modems: Vec<String>,
    /// Do not look for USB modems.
    #[arg(long)]
    pub(crate) no_discovery: bool,
    /// Start this many simulated modems too, and do not look for real ones.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) sim: u16,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Where to listen for HTTP: a port of this machine only, or an address and a port [default: 127.0.0.1:8080].
    #[arg(long, value_name = "PORT|ADDR:PORT", value_parser = listen_address)]
    pub(crate) http: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) ports: Ports,
}

#[derive(Debug, Args)]
pub(crate) struct Sim {
    /// How many modems.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(crate) modems: u16,
    /// The folder for their ports: modem1, modem2, ….
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Serve TCP ports instead of pseudo-terminals.
    #[arg(long)]
    pub(crate) tcp: bool,
    /// Where to listen for control commands.
    #[arg(long, value_name = "PORT|ADDR:PORT", value_parser = listen_address)]
    pub(crate) control: Option<SocketAddr>,
    /// Show every port of each stick, not only the one that takes commands.
    #[arg(long)]
    pub(crate) all_ports: bool,
    /// Makes, taken in turn: wavecom, huawei, sim800, quectel.
    #[arg(long = "make", value_name = "MAKE", value_delimiter = ',')]
    pub(crate) makes: Vec<String>,
    /// A fault from the start, such as "modem1 cms-38 count=2".
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<String>,
    /// How long the network takes for a message, in milliseconds.
    #[arg(long, value_name = "MS")]
    pub(crate) submit_ms: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Send {
    /// The recipient's number; may be given more than once.
    #[arg(long, required = true, value_name = "NUMBER")]
    pub(crate) to: Vec<String>,
    /// The text.
    #[arg(long)]
    pub(crate) text: String,
    /// How urgent.
    #[arg(long, value_parser = one_of(Priority::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) priority: Option<Priority>,
    /// Show it on the phone's screen at once, and do not keep it there (class 0).
    #[arg(long)]
    pub(crate) flash: bool,
    /// Send it though the same text went to the same number a moment before, where the gateway holds such doubles.
    #[arg(long)]
    pub(crate) allow_double: bool,
    /// How the text is written; smart: with similar characters for those outside the GSM alphabet when that saves parts.
    #[arg(long, value_parser = one_of(Encoding::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) encoding: Option<Encoding>,
    /// Languages whose GSM letters may be used when that saves parts, such as tr,es; auto: any. Old phones
    /// may not have them.
    #[arg(long, value_name = "LANGUAGE", value_delimiter = ',')]
    pub(crate) languages: Vec<String>,
    /// A word by which rules can tell what it is for, of at most 64 characters.
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// Wait until it is sent or given up, and fail if it was not sent.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Messages {
    /// Only this one, and all that happened to it.
    pub(crate) id: Option<String>,
    /// Only those in these states, such as failed,uncertain.
    #[arg(long, value_delimiter = ',', value_parser = states(), conflicts_with = "id")]
    pub(crate) state: Vec<String>,
    /// Only those to this number.
    #[arg(long, value_name = "NUMBER", conflicts_with = "id")]
    pub(crate) to: Option<String>,
    /// Only those of this user: a name or an id.
    #[arg(long, value_name = "USER", conflicts_with = "id")]
    pub(crate) user: Option<String>,
    /// Only those in which all of this is found: words of the text, and parts of the number.
    #[arg(long, value_name = "WORDS", conflicts_with = "id")]
    pub(crate) search: Option<String>,
    /// How many.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(crate) limit: u16,
    /// Only those older than this one: the cursor under the last list.
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub(crate) before: Option<String>,
}

/// One of these words, and what it stands for.
fn one_of<T: Copy + std::marker::Send + Sync + 'static, const N: usize>(
    words: [(&'static str, T); N],
) -> impl clap::builder::TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.map(|(word, _)| word)).try_map(move |said| {
        let meant = words.iter().find(|(word, _)| *word == said).map(|(_, value)| *value);
        meant.ok_or_else(|| format!("there is no {said}"))
    })
}

/// The states by which messages are looked for.
fn states() -> PossibleValuesParser {
    PossibleValuesParser::new(contracts::MtState::ALL.map(contracts::MtState::as_str))
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a person. The password is read from standard input.
    Add {
        /// The name to log in with.
        name: String,
        /// What they may do; a user when absent.
        #[arg(long, value_name = "ROLE", conflicts_with = "admin")]
        role: Option<Role>,
        /// May do everything: the same as --role admin.
        #[arg(long)]
        admin: bool,
        /// Read the password from standard input (its first line).
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Show everybody.
    List,
    /// Set a person's password, read from standard input. Whoever is logged in as them is logged out.
    Password {
        /// The name.
        name: String,
        /// Read the password from standard input (its first line).
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Say what a person may do. Whoever is logged in as them is logged out; the last administrator stays one.
    Role {
        /// The name.
        name: String,
        /// What they are from now on.
        role: Role,
    },
    /// The same as `user role`.
    Change {
        /// The name.
        name: String,
        /// What they are from now on.
        #[arg(long)]
        role: Role,
    },
    /// Print a link by which somebody makes an account of their own. It works once, for seven days.
    Invite {
        /// What they may do.
        #[arg(long, default_value = "user")]
        role: Role,
        /// For whom it is, as the list of invitations says it.
        #[arg(long = "for", value_name = "WORDS", default_value = "")]
        label: String,
    },
    /// Show the invitations that are open.
    Invitations,
    /// Revoke an open invitation.
    Uninvite {
        /// Its id, as `merpati user invitations` shows it.
        id: LinkId,
    },
    /// Print a link by which a person sets a new password. It works once, for 24 hours.
    PasswordLink {
        /// The name.
        name: String,
    },
    /// Show where a person is logged in.
    Sessions {
        /// The name.
        name: String,
    },
    /// Log a person out everywhere.
    LogOut {
        /// The name.
        name: String,
    },
    /// Take away the codes of a lost phone: the password alone is enough then.
    TotpOff {
        /// The name.
        name: String,
    },
    /// Say which roles give a code of a phone at log-in, or show which do.
    TotpRoles {
        /// The roles, with commas between them, or none. Who has no codes sets them up at the next log-in.
        #[arg(value_name = "ROLES")]
        roles: Option<String>,
    },
    /// Keep a person and their keys out.
    Disable {
        /// The name.
        name: String,
    },
    /// Let a person in again.
    Enable {
        /// The name.
        name: String,
    },
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Everything.
    #[value(alias = "administrator")]
    Admin,
    /// What a user may, and look after modems and the gateway.
    Operator,
    /// What a user may, change what everybody shares (contacts, groups, templates, opt-outs, blocked numbers), and see what
    /// the users of their teams send and receive.
    Manager,
    /// Send, and see what is theirs.
    User,
    /// See what is theirs, and change nothing.
    ReadOnly,
    /// The same for a program: by its keys only, without logging in.
    Service,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make a key for a user's programs and print it, this once.
    Add {
        /// The user's name.
        user: String,
        /// What it is for.
        #[arg(long, default_value = "")]
        label: String,
        /// What it may do, such as messages:send; may be given more than once. All that the user may when absent.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// An address or a network that it works from, such as 10.0.0.0/8; may be given more than once. From anywhere when
        /// absent.
        #[arg(long, value_name = "NETWORK")]
        allow: Vec<String>,
        /// When it stops working, such as 2027-01-01T00:00:00Z. Never when absent.
        #[arg(long, value_name = "TIME")]
        expires: Option<contracts::Timestamp>,
    },
    /// Show the keys there are, without their secret part.
    List,
    /// Show the last requests that came by a key, newest first, and why some were refused.
    Requests {
        /// Its id, or how it begins, as `merpati key list` shows them.
        key: String,
    },
    /// Make a key void, at once and for good.
    Revoke {
        /// Its id, or how it begins, as `merpati key list` shows them.
        key: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Read a kannel.conf: its users, keyword services and modems. What has no counterpart is named, line by line.
    Kannel {
        /// The file; what it includes is read too.
        file: PathBuf,
        /// Only show what would be made.
        #[arg(long)]
        dry_run: bool,
    },
    /// Read a dump of playSMS's MySQL database: users with their tokens, contacts, groups, templates, services, and messages as they
    /// ended. What has no counterpart is named, line by line.
    Playsms {
        /// The dump, as mysqldump and phpMyAdmin write it, packed by gzip or not.
        dump: PathBuf,
        /// In which time zone its times are: a name such as Asia/Jakarta, or an offset such as +07:00.
        #[arg(long, default_value = "UTC")]
        timezone: String,
        /// Only show what would be made.
        #[arg(long)]
        dry_run: bool,
    },
    /// Read a dump of gammu-smsd's database: its phone book, and messages as they ended. What still waits is named.
    Gammu {
        /// The dump: of mysqldump, of pg_dump --inserts, or of .dump in sqlite3, packed by gzip or not.
        dump: PathBuf,
        #[command(flatten)]
        how: Brought,
    },
    /// Read the spool folders of SMS Server Tools: messages as they ended. What still waits is named.
    Smstools {
        /// The folder that has incoming, sent, failed and outgoing in it, such as /var/spool/sms.
        folder: PathBuf,
        #[command(flatten)]
        how: Brought,
    },
}

/// How the messages of a gateway are brought that has no accounts.
#[derive(Debug, Args)]
pub(crate) struct Brought {
    /// Whose messages and contacts they become; administrators' messages and everybody's contacts when nobody is named.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// In which time zone the times are: a name such as Asia/Jakarta, or an offset such as +07:00.
    #[arg(long, default_value = "UTC")]
    pub(crate) timezone: String,
    /// Send what the other gateway had not sent yet. Stop that gateway first, or it sends them too.
    #[arg(long)]
    pub(crate) send_waiting: bool,
    /// Only show what would be made.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Nats {
    /// Print the URL and credentials with which another service may publish send requests, and no more.
    Credentials {
        /// A name for the service: letters, digits, - and _.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Pdu {
    /// Say what a TPDU in hex means.
    Decode {
        /// The TPDU in hex, with the SMSC in front.
        hex: String,
        /// There is no SMSC in front.
        #[arg(long)]
        no_smsc: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Database {
    /// Bring the database to this version's schema.
    Migrate,
}
