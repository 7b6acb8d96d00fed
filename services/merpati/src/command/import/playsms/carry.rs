//! Brings contacts and messages, some hundred at a time: the second reading of a dump.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use api::{BroughtContact, ContactsMade, NewContacts};
use contracts::{GroupId, UserId};

use super::super::dump::{Dump, Place, Row, open};
use super::super::messages::{Messages, RECEIVED, count};
use super::super::report::Report;
use super::super::zone::Zone;
use super::history;
use super::plan::{Plan, cleaned};
use super::tables::wanted;
use super::{LABEL, unread};
use crate::client::Client;
use crate::output;

/// The most things of one request.
const AT_ONCE: usize = 500;
/// How many rows are read between two words about how far it is.
const WORDS_EACH: u64 = 20_000;
/// The most groups of a contact, tags of a contact, and characters of one.
const GROUPS: usize = 50;
const TAGS: usize = 20;
const TAG: usize = 32;

/// The accounts of playSMS's users, by their ids there, with their names.
type Owners = HashMap<i64, (String, Option<UserId>)>;

/// See the module.
pub(super) struct Carrier<'a> {
    pub(super) client: &'a Client,
    pub(super) plan: &'a Plan,
    pub(super) zone: &'a Zone,
}

/// What waits for the next request.
#[derive(Default)]
struct Waiting {
    /// By the name of the account.
    contacts: HashMap<String, Vec<(Place, BroughtContact)>>,
    held: usize,
}

impl Carrier<'_> {
    pub(super) async fn carry(
        &self,
        file: &Path,
        (owners, groups): (&Owners, &HashMap<i64, GroupId>),
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let mut dump = Dump::new(open(file)?, wanted);
        let mut waiting = Waiting::default();
        let mut messages = Messages::of(self.client, LABEL);
        let (mut seen, mut strangers) = (0_u64, 0_u64);
        let users: HashSet<i64> = self.plan.users.iter().map(|user| user.uid).collect();
        let all = self.plan.contacts + self.plan.sent + self.plan.received;
        while let Some(row) = dump.row().map_err(|error| unread(file, &error))? {
            match &*row.table {
                "featurePhonebook" => {
                    let owner = row.number("uid").and_then(|uid| owners.get(&uid));
                    match owner {
                        Some((name, _)) => {
                            let contact = self.contact(&row, groups);
                            waiting.held += 1;
                            waiting
                                .contacts
                                .entry(name.clone())
                                .or_default()
                                .push((row.place, contact));
                        }
                        None => strangers += 1,
                    }
                }
                "tblSMSOutgoing" | "tblSMSInbox" | "tblSMSIncoming"
                    if row.number("flag_deleted") != Some(1) =>
                {
                    let uid = uid(&row);
                    if users.contains(&uid) && !owners.contains_key(&uid) {
                        strangers += 1;
                    } else {
                        self.message(&row, owners.get(&uid), &mut messages, report).await?;
                    }
                }
                _ => continue,
            }
            seen += 1;
            if seen.is_multiple_of(WORDS_EACH) {
                output::note(&format!("{seen} of {all} contacts and messages …"));
            }
            if waiting.held >= AT_ONCE {
                self.bring_contacts(&mut waiting, report).await?;
            }
        }
        self.bring_contacts(&mut waiting, report).await?;
        messages.bring(report).await?;
        if strangers > 0 {
            let words = format!(
                "{strangers} contacts and messages are not carried over: their users were not imported"
            );
            report.remark(&dump.place(), &words);
        }
        Ok(())
    }

    fn contact(&self, row: &Row, groups: &HashMap<i64, GroupId>) -> BroughtContact {
        let number = row.filled("mobile").unwrap_or_default();
        let id = row.number("id").unwrap_or_default();
        let of_groups = self.plan.memberships.get(&id).into_iter().flatten();
        let mut of_groups: Vec<GroupId> =
            of_groups.filter_map(|group| groups.get(group).copied()).collect();
        of_groups.sort_unstable();
        of_groups.dedup();
        of_groups.truncate(GROUPS);
        let tags = row.filled("tags").unwrap_or_default();
        let tags = tags.split([' ', ',', ';']).filter(|tag| {
            (1..=TAG).contains(&tag.chars().count())
                && !tag.chars().any(|c| c.is_whitespace() || c.is_control())
        });
        let is_email = |email: &String| {
            email.contains('@')
                && email.chars().count() <= 254
                && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        BroughtContact {
            source: Some(format!("{LABEL}/{id}/{}", number.chars().take(40).collect::<String>())),
            name: row
                .filled("name")
                .and_then(|name| cleaned(&name))
                .or_else(|| cleaned(&number))
                .unwrap_or_default(),
            number,
            email: row.filled("email").filter(is_email),
            note: None,
            tags: tags.take(TAGS).map(str::to_owned).collect(),
            fields: std::collections::BTreeMap::new(),
            groups: of_groups,
        }
    }

    /// What is of no user, or of one that playSMS has no more, is nobody's.
    async fn message(
        &self,
        row: &Row,
        owner: Option<&(String, Option<UserId>)>,
        messages: &mut Messages<'_>,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let owner = owner.and_then(|(_, id)| *id);
        let is_of_all = &*row.table == "tblSMSIncoming";
        if is_of_all && self.plan.inbox.contains(&history::twin(row, "in_message")) {
            count(report, RECEIVED).there += 1;
            return Ok(());
        }
        if &*row.table == "tblSMSOutgoing" {
            // One without a time was named when the dump was read first.
            let Some(sent) = history::sent(row, owner, self.zone) else { return Ok(()) };
            return messages.sent(&row.place, sent, report).await;
        }
        let Some(received) = history::received(row, owner, self.zone) else {
            let words = "the message has no time that can be read, and is not carried over";
            report.remark(&row.place, words);
            return Ok(());
        };
        messages.received(&row.place, received, report).await
    }

    async fn bring_contacts(
        &self,
        waiting: &mut Waiting,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        waiting.held = 0;
        for (name, contacts) in std::mem::take(&mut waiting.contacts) {
            let (places, contacts): (Vec<Place>, Vec<BroughtContact>) =
                contacts.into_iter().unzip();
            let new = NewContacts { contacts, user: Some(name), ..NewContacts::default() };
            let done = self.client.post::<ContactsMade>("/contacts/bulk", &new).await?.into_read();
            for (one, place) in done.contacts.into_iter().zip(places) {
                let count = count(report, "contacts");
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
        }
        Ok(())
    }
}

/// The user of a message; 0: nobody.
fn uid(row: &Row) -> i64 {
    let column = if &*row.table == "tblSMSOutgoing" { "uid" } else { "in_uid" };
    row.number(column).unwrap_or_default()
}
