//! `merpati import gammu`: reads a dump of the database of gammu-smsd: its phone book, and its messages as they ended.
//!
//! `inbox` and `sentitems` have a row for each part of a long message, which are put together by their headers, or by their
//! numbers. What still waits in `outbox` is named and left alone, or sent when that is
//! asked for.

mod outbox;
mod parts;

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use api::{
    BroughtContact, ContactsMade, Group, Groups, NewContacts, NewGroup, PastReceived, PastSent,
};
use contracts::GroupId;
use jiff::civil::DateTime;
use platform::Clock;
use platform::config::Config;

use super::dump::{self, Dump, Place, Row, Source};
use super::messages::{Messages, RECEIVED, SENT, count};
use super::report::{Line, Report, State};
use super::waiting::{WAITING, Waiting};
use super::whose::Whose;
use super::zone::Zone;
use crate::cli::Brought;
use crate::client::Client;
use crate::output;
use outbox::Outbox;
use parts::{Long, Whole};

/// What contacts and messages are known by.
const FROM: &str = "gammu";
/// The kind of things that are counted beside messages.
const CONTACTS: &str = "contacts";
/// The most contacts of one request, groups, and characters of a name.
const AT_ONCE: usize = 500;
const MOST_GROUPS: usize = 10_000;
const NAME: usize = 100;
/// How many rows are read between two words about how far it is.
const WORDS_EACH: u64 = 20_000;

/// The tables that are read.
fn wanted(name: &str) -> Option<String> {
    const TABLES: [&str; 6] =
        ["inbox", "outbox", "outbox_multipart", "sentitems", "pbk", "pbk_groups"];
    TABLES.iter().find(|table| name.eq_ignore_ascii_case(table)).map(|table| (*table).to_owned())
}

type GammuDump = Dump<Source, fn(&str) -> Option<String>>;

pub(super) async fn run(
    as_json: bool,
    config: &Config,
    file: &Path,
    how: &Brought,
) -> anyhow::Result<ExitCode> {
    let dry_run = how.dry_run;
    let zone: Zone = how.timezone.parse().map_err(|words| anyhow::anyhow!("{words}"))?;
    let mut report = Report::new(dry_run);
    output::note("Reading the dump …");
    let groups = look(file, how.send_waiting, &mut report)?;
    let client = Client::new(&config.data)?;
    let whose = Whose::of(&client, how.user.as_deref(), dry_run).await?;
    if dry_run {
        let lines = groups.iter().map(|(_, place, name)| line(place, name, State::New));
        report.lines.extend(lines);
    } else {
        let groups = make_groups(&client, &whose, groups, &mut report).await?;
        let outbox = how
            .send_waiting
            .then(|| Outbox::new(Waiting::of(&client, FROM), Clock::system().now()));
        carry(&client, &whose, (file, &zone, &groups), outbox, &mut report).await?;
    }
    let code = report.show(as_json, "this dump")?;
    if dry_run && !as_json {
        output::note("Nothing was made. Without --dry-run it is.");
    }
    Ok(code)
}

fn line(place: &Place, name: &str, state: State) -> Line {
    Line { place: place.to_string(), what: "group", name: name.to_owned(), state }
}

fn dump(file: &Path) -> anyhow::Result<GammuDump> {
    Ok(Dump::new(dump::open(file)?, wanted as fn(&str) -> Option<String>))
}

/// The first reading, from end to end: counts, and the groups with their ids there.
fn look(
    file: &Path,
    sends: bool,
    report: &mut Report,
) -> anyhow::Result<Vec<(i64, Place, String)>> {
    let mut dump = dump(file)?;
    let mut groups = Vec::new();
    for what in [CONTACTS, SENT, RECEIVED] {
        count(report, what);
    }
    let mut last = None;
    loop {
        let row = dump.row();
        let row = row.with_context(|| format!("{}: nothing was imported", file.display()))?;
        let Some(row) = row else { return Ok(groups) };
        if row.is_damaged {
            let words = "this row has bytes that are not in the charset of the dump, or a value too long to keep; it is read as far as it goes";
            report.remark(&row.place, words);
        }
        match &*row.table {
            "pbk" => count(report, CONTACTS).found += 1,
            "inbox" => {
                let is_later = parts::of(&row).is_some_and(|part| part.number > 1);
                count(report, RECEIVED).found += u64::from(!is_later);
            }
            "sentitems" => {
                let id = row.number("id");
                count(report, SENT).found += u64::from(last != Some(id));
                last = Some(id);
            }
            "outbox" if sends => count(report, WAITING).found += 1,
            "outbox" => outbox::name(&row, report),
            "outbox_multipart" => {}
            _ => {
                let name: String =
                    row.filled("name").unwrap_or_default().chars().take(NAME).collect();
                if let (Some(id), false) = (row.number("id"), name.is_empty())
                    && groups.len() < MOST_GROUPS
                {
                    groups.push((id, row.place, name));
                }
            }
        }
    }
}

/// Makes the groups, each once. Returns their ids here by those there.
async fn make_groups(
    client: &Client,
    whose: &Whose,
    groups: Vec<(i64, Place, String)>,
    report: &mut Report,
) -> anyhow::Result<HashMap<i64, GroupId>> {
    let mut made = HashMap::new();
    for (id, place, name) in groups {
        let path = format!("/groups?limit=500&q={}", crate::client::segment(&name));
        let known = client.get::<Groups>(&path).await?.into_read().groups;
        let is_it = |known: &&Group| {
            known.owner == whose.id()
                && known.team.is_none()
                && known.name.to_lowercase() == name.to_lowercase()
        };
        let state = if let Some(known) = known.iter().find(is_it) {
            made.insert(id, known.id);
            State::There
        } else {
            let (user, shared) = (whose.name(), whose.id().is_none());
            let new = NewGroup { name: name.clone(), user, shared, ..NewGroup::default() };
            match client.post::<Group>("/groups", &new).await {
                Ok(group) => {
                    made.insert(id, group.id);
                    State::Made
                }
                Err(error) => State::failed(&error),
            }
        };
        report.lines.push(line(&place, &name, state));
    }
    Ok(made)
}

/// The second reading: brings contacts and messages.
async fn carry(
    client: &Client,
    whose: &Whose,
    (file, zone, groups): (&Path, &Zone, &HashMap<i64, GroupId>),
    mut outbox: Option<Outbox<'_>>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut dump = dump(file)?;
    let mut messages = Messages::of(client, FROM);
    let mut contacts = Vec::new();
    let (mut received, mut sent) = (Long::default(), None);
    let mut seen = 0_u64;
    while let Some(row) = dump.row().with_context(|| file.display().to_string())? {
        match &*row.table {
            "pbk" => contacts.push((row.place, contact(&row, groups))),
            "inbox" => {
                for whole in received.add(&row) {
                    bring_received(&mut messages, whole, (whose, zone), report).await?;
                }
            }
            "sentitems" => {
                if let Some(before) = parts::joined(&mut sent, row) {
                    bring_sent(&mut messages, before, (whose, zone), report).await?;
                }
            }
            "outbox" => {
                if let Some(outbox) = &mut outbox {
                    outbox.message(&row, (whose, zone), report).await?;
                }
            }
            "outbox_multipart" => {
                if let Some(outbox) = &mut outbox {
                    outbox.part(&row);
                }
            }
            _ => continue,
        }
        seen += 1;
        if seen.is_multiple_of(WORDS_EACH) {
            output::note(&format!("{seen} rows …"));
        }
        if contacts.len() == AT_ONCE {
            bring_contacts(client, whose, std::mem::take(&mut contacts), report).await?;
        }
    }
    for whole in received.rest() {
        bring_received(&mut messages, whole, (whose, zone), report).await?;
    }
    if let Some(last) = sent {
        bring_sent(&mut messages, last, (whose, zone), report).await?;
    }
    bring_contacts(client, whose, contacts, report).await?;
    messages.bring(report).await?;
    match outbox {
        Some(outbox) => outbox.rest(report).await,
        None => Ok(()),
    }
}

fn contact(row: &Row, groups: &HashMap<i64, GroupId>) -> BroughtContact {
    let number = row.filled("number").unwrap_or_default();
    let name = row.filled("name").unwrap_or_else(|| number.clone());
    let name: String =
        name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NAME).collect();
    let group = row.number("groupid").and_then(|group| groups.get(&group).copied());
    BroughtContact {
        source: Some(format!(
            "{FROM}/{}/{}",
            row.number("id").unwrap_or_default(),
            number.chars().take(40).collect::<String>()
        )),
        name: name.trim().to_owned(),
        number,
        groups: group.into_iter().collect(),
        ..BroughtContact::default()
    }
}

async fn bring_contacts(
    client: &Client,
    whose: &Whose,
    contacts: Vec<(Place, BroughtContact)>,
    report: &mut Report,
) -> anyhow::Result<()> {
    if contacts.is_empty() {
        return Ok(());
    }
    let (places, contacts): (Vec<Place>, Vec<BroughtContact>) = contacts.into_iter().unzip();
    let new = NewContacts {
        contacts,
        user: whose.name(),
        shared: whose.id().is_none(),
        ..NewContacts::default()
    };
    let done = client.post::<ContactsMade>("/contacts/bulk", &new).await?.into_read();
    for (one, place) in done.contacts.into_iter().zip(places) {
        let count = count(report, CONTACTS);
        match one.state.as_str() {
            "made" => count.made += 1,
            "there" => count.there += 1,
            _ => {
                count.refused += 1;
                let why = one.error.unwrap_or_default();
                report.remark(&place, &format!("the contact is not carried over: {why}"));
            }
        }
    }
    Ok(())
}

/// A time as all three engines write it, with a fraction and an offset behind it or not.
fn time(row: &Row, column: &str, zone: &Zone) -> Option<contracts::Timestamp> {
    let text = row.filled(column)?;
    let text = text.get(..19)?.replace('T', " ");
    zone.at(DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?)
}

const NO_TIME: &str = "the message has no time that can be read, and is not carried over";
const DATA: &str = "the message is data, and is not carried over";

async fn bring_received(
    messages: &mut Messages<'_>,
    whole: Whole,
    (whose, zone): (&Whose, &Zone),
    report: &mut Report,
) -> anyhow::Result<()> {
    let row = &whole.row;
    let Some(text) = whole.text else {
        report.remark(&row.place, DATA);
        return Ok(());
    };
    let Some(at) = time(row, "receivingdatetime", zone) else {
        report.remark(&row.place, NO_TIME);
        return Ok(());
    };
    let received = PastReceived {
        source: format!(
            "inbox/{}/{}",
            row.number("id").unwrap_or_default(),
            row.filled("receivingdatetime").unwrap_or_default()
        ),
        number: None,
        owner: whose.id(),
        from: row.filled("sendernumber").unwrap_or_default(),
        to: None,
        text,
        at,
    };
    messages.received(&row.place, received, report).await
}

async fn bring_sent(
    messages: &mut Messages<'_>,
    whole: Whole,
    (whose, zone): (&Whose, &Zone),
    report: &mut Report,
) -> anyhow::Result<()> {
    let row = &whole.row;
    let Some(text) = whole.text else {
        report.remark(&row.place, DATA);
        return Ok(());
    };
    let Some(at) = time(row, "sendingdatetime", zone).or(time(row, "insertintodb", zone)) else {
        report.remark(&row.place, NO_TIME);
        return Ok(());
    };
    let to = row.filled("destinationnumber").unwrap_or_default();
    let sent = PastSent {
        source: format!("sent/{}/{at}/{to}", row.number("id").unwrap_or_default()),
        number: None,
        owner: whose.id(),
        to,
        text,
        state: match row.filled("status").unwrap_or_default().as_str() {
            "DeliveryOK" => "delivered",
            "DeliveryFailed" => "undelivered",
            "SendingError" | "Error" => "failed",
            _ => "sent",
        }
        .to_owned(),
        at,
        ended_at: time(row, "deliverydatetime", zone).filter(|end| *end > at),
    };
    messages.sent(&row.place, sent, report).await
}
