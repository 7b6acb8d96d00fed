//! What is in a dump: read once from end to end before anything is made.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read;

use api::{NewGroup, NewTemplate};
use contracts::PhoneNumber;

use super::super::dump::{Dump, DumpError, Place, Row};
use super::super::report::{Count, Report};
use super::super::stopped::STOPPED;
use super::super::zone::Zone;
use super::history;
use super::services::Services;
use super::tables::{NAMED, wanted};
use super::users::{User, user};

/// The most users, groups, templates and services of each kind.
const MOST: usize = 100_000;
/// The most places of contacts in groups.
const MOST_MEMBERSHIPS: usize = 2_000_000;
/// The most received messages that are known again when both tables have them.
const MOST_TWINS: usize = 5_000_000;
/// The most characters of names, and of a template's text, as the gateway has them.
const NAME: usize = 100;
const TEXT: usize = 2_000;

/// A thing of a user, and its place.
pub(super) struct Planned<T> {
    pub(super) place: Place,
    /// The user's id in playSMS.
    pub(super) uid: i64,
    pub(super) what: T,
}

/// What is to be made, and what the second reading needs.
pub(super) struct Plan {
    pub(super) users: Vec<Planned<User>>,
    /// With the id that each group has in playSMS.
    pub(super) groups: Vec<(i64, Planned<NewGroup>)>,
    pub(super) templates: Vec<Planned<NewTemplate>>,
    pub(super) services: Services,
    /// The groups of each contact, by their ids in playSMS.
    pub(super) memberships: HashMap<i64, Vec<i64>>,
    /// What the inbox has, so that it is not brought a second time from the table of all that came.
    pub(super) inbox: HashSet<u64>,
    /// Numbers that are to be sent nothing.
    pub(super) stopped: BTreeSet<PhoneNumber>,
    pub(super) contacts: u64,
    pub(super) sent: u64,
    pub(super) received: u64,
}

/// Reads a dump to its end. What is not carried over is noted in the report.
pub(super) fn read(input: impl Read, zone: &Zone, report: &mut Report) -> Result<Plan, DumpError> {
    let mut reading = Reading {
        plan: Plan {
            users: Vec::new(),
            groups: Vec::new(),
            templates: Vec::new(),
            services: Services::default(),
            memberships: HashMap::new(),
            inbox: HashSet::new(),
            stopped: BTreeSet::new(),
            contacts: 0,
            sent: 0,
            received: 0,
        },
        report,
        memberships: 0,
        waiting: 0,
        deleted: 0,
    };
    let mut dump = Dump::new(input, wanted);
    while let Some(row) = dump.row()? {
        if row.is_damaged {
            let words = "this row has bytes that are not in the charset of the dump, or a value too long to keep; it is read as far as it goes";
            reading.report.remark(&row.place, words);
        }
        reading.row(&row, zone);
    }
    Ok(reading.end(dump.place()))
}

struct Reading<'a> {
    plan: Plan,
    report: &'a mut Report,
    memberships: usize,
    waiting: u64,
    deleted: u64,
}

impl Reading<'_> {
    fn row(&mut self, row: &Row, zone: &Zone) {
        match &*row.table {
            "tblUser" => self.user(row),
            "featurePhonebook" => self.plan.contacts += 1,
            "featurePhonebook_group" => self.group(row),
            "featurePhonebook_group_contacts" => self.membership(row),
            "featureMsgtemplate" => self.template(row),
            "featureStoplist" => self.stopped(row),
            "featureAutoreply"
            | "featureAutoreply_scenario"
            | "featureCustom"
            | "featureBoard"
            | "featureCommand"
            | "featurePoll"
            | "featurePoll_choice"
            | "featureQuiz"
            | "featureSubscribe"
            | "featureSubscribe_member"
            | "featureInboxgroup"
            | "featureInboxgroup_members" => self.plan.services.row(row, self.report),
            "tblSMSInbox" | "tblSMSIncoming" | "tblSMSOutgoing"
                if row.number("flag_deleted") == Some(1) =>
            {
                self.deleted += 1;
            }
            "tblSMSInbox" => {
                self.plan.received += 1;
                if self.plan.inbox.len() < MOST_TWINS {
                    self.plan.inbox.insert(history::twin(row, "in_msg"));
                }
            }
            "tblSMSIncoming" => self.plan.received += 1,
            "tblSMSOutgoing" => {
                self.plan.sent += 1;
                if history::time(row, "p_datetime", zone).is_none() {
                    let words = "the message has no time that can be read, and is not carried over";
                    self.report.remark(&row.place, words);
                }
            }
            // 0: not finished.
            "tblSMSOutgoing_queue" if row.number("flag") != Some(1) => self.waiting += 1,
            table => {
                if let Some(named) = NAMED.iter().find(|named| named.table == table) {
                    let which = row.filled(named.column).unwrap_or_default();
                    let words =
                        format!("{} '{which}' is not carried over: {}", named.what, named.why);
                    self.report.remark(&row.place, &words);
                }
            }
        }
    }

    fn user(&mut self, row: &Row) {
        if row.number("flag_deleted") == Some(1) {
            return;
        }
        let is_full = self.plan.users.len() == MOST;
        match user(row, self.report) {
            Some(_) if is_full => self.report.remark(&row.place, "there are too many users"),
            Some((uid, what)) => {
                self.plan.users.push(Planned { place: row.place, uid, what });
            }
            None => {}
        }
    }

    fn group(&mut self, row: &Row) {
        let (Some(id), Some(uid)) = (row.number("id"), row.number("uid")) else { return };
        let code = row.filled("code");
        let Some(name) =
            row.filled("name").or_else(|| code.clone()).and_then(|name| cleaned(&name))
        else {
            return self
                .report
                .remark(&row.place, "the group has no name, and is not carried over");
        };
        let is_code = |code: &String| {
            code.chars().count() <= 20 && !code.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        let kept = code.clone().filter(is_code);
        if kept != code {
            let words = format!("the group '{name}' goes without its code, which is not one word");
            self.report.remark(&row.place, &words);
        }
        if self.plan.groups.len() < MOST {
            let what = NewGroup { name, code: kept, ..NewGroup::default() };
            self.plan.groups.push((id, Planned { place: row.place, uid, what }));
        }
    }

    fn membership(&mut self, row: &Row) {
        let (Some(group), Some(contact)) = (row.number("gpid"), row.number("pid")) else { return };
        if self.memberships == MOST_MEMBERSHIPS {
            return self.report.remark(&row.place, "there are too many contacts in groups");
        }
        self.memberships += 1;
        self.plan.memberships.entry(contact).or_default().push(group);
    }

    fn stopped(&mut self, row: &Row) {
        let number = row.filled("mobile").unwrap_or_default();
        match PhoneNumber::parse(&number) {
            Ok(number) if self.plan.stopped.len() < MOST => {
                self.plan.stopped.insert(number);
            }
            Ok(_) => self.report.remark(&row.place, "there are too many stopped numbers"),
            Err(error) => {
                let words = format!("the stopped number '{number}' is not carried over: {error}");
                self.report.remark(&row.place, &words);
            }
        }
    }

    fn template(&mut self, row: &Row) {
        let Some(uid) = row.number("uid") else { return };
        let text = row.text("t_text").unwrap_or_default();
        let name = row.filled("t_title").and_then(|name| cleaned(&name));
        let (Some(name), false) = (name, text.trim().is_empty()) else {
            let words = "the template has no title or no text, and is not carried over";
            return self.report.remark(&row.place, words);
        };
        if text.chars().count() > TEXT {
            let words = format!(
                "the template '{name}' has more than {TEXT} characters, and is not carried over"
            );
            return self.report.remark(&row.place, &words);
        }
        if self.plan.templates.len() < MOST {
            let what = NewTemplate { name, text, ..NewTemplate::default() };
            self.plan.templates.push(Planned { place: row.place, uid, what });
        }
    }

    /// After the last row.
    fn end(mut self, place: Place) -> Plan {
        self.plan.services.settle(self.report);
        let groups = self.plan.groups.iter_mut();
        distinct(groups.map(|(id, group)| (*id, group.uid, &mut group.what.name)));
        let templates = self.plan.templates.iter_mut().enumerate();
        let number = |n: usize| i64::try_from(n + 1).unwrap_or(i64::MAX);
        distinct(templates.map(|(n, one)| (number(n), one.uid, &mut one.what.name)));
        if self.deleted > 0 {
            let words =
                format!("{} messages that were deleted in playSMS are left out", self.deleted);
            self.report.remark(&place, &words);
        }
        if self.waiting > 0 {
            let words = format!(
                "{} sendings still waited in playSMS's queue; they are not sent, and their messages become cancelled",
                self.waiting
            );
            self.report.remark(&place, &words);
        }
        self.plan
    }
}

/// Gives those of one user that are called the same, letter case aside, different names.
fn distinct<'a>(all: impl Iterator<Item = (i64, i64, &'a mut String)>) {
    let mut taken = HashSet::new();
    for (id, uid, name) in all {
        if !taken.insert((uid, name.to_lowercase())) {
            let end = format!(" ({id})");
            let room = NAME.saturating_sub(end.chars().count());
            *name = name.chars().take(room).collect::<String>().trim_end().to_owned() + &end;
            taken.insert((uid, name.to_lowercase()));
        }
    }
}

/// A name as the gateway takes it: no controls, no blanks at its ends, not too long. None: there is nothing left.
pub(super) fn cleaned(name: &str) -> Option<String> {
    let is_invisible = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}')
    };
    let plain = name.chars().map(|c| if c.is_control() { ' ' } else { c });
    let plain: String = plain.filter(|c| !is_invisible(*c)).collect();
    let name: String = plain.trim().chars().take(NAME).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

impl Plan {
    /// How many of what is brought one after the other there are.
    pub(super) fn counts(&self) -> [Count; 4] {
        let count = |what, found| Count { found, ..Count::of(what) };
        [
            count("contacts", self.contacts),
            count("sent messages", self.sent),
            count("received messages", self.received),
            count(STOPPED, u64::try_from(self.stopped.len()).unwrap_or(u64::MAX)),
        ]
    }
}
