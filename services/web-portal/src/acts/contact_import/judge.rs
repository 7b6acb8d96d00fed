//! What becomes of the rows of a file of contacts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use contracts::{GroupId, PhoneNumber};
use numbering::Plan as Numbers;
use store::{BulkRow, Contact, ContactChange, ImportedChange, NewContact};

use super::listed::{self, Listed};
use super::plan::{Counts, Outcome, Plan, Role, Skip};
use crate::acts::contact::{self, MOST_FIELDS, MOST_TAGS, Unfit, Written};
use crate::acts::group;
use crate::csv;

/// The most groups that a file makes.
pub(crate) const MOST_NEW_GROUPS: usize = 50;

/// The groups that the rows of a file may name.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups {
    /// Those of the contacts' owner, by their names in small letters; none: nobody is put into it by hand.
    pub(super) known: HashMap<String, Option<GroupId>>,
}

/// What is known of the rows so far.
#[derive(Debug)]
pub(super) struct Judge {
    plan: Plan,
    numbers: Numbers,
    groups: Groups,
    /// The numbers of rows before, by the digits that all writings of one have in common.
    seen: HashMap<String, Vec<PhoneNumber>>,
    /// Names of groups that are made, by the name in small letters.
    new_groups: BTreeMap<String, String>,
    is_first: bool,
    /// What becomes of them together.
    pub(super) counts: Counts,
}

/// A row that can be a contact.
#[derive(Clone)]
pub(super) struct Read {
    /// The contact, in no group yet.
    pub(super) contact: NewContact,
    /// The names of the groups.
    pub(super) groups: Vec<String>,
}

/// What is done with a row that can be a contact.
#[derive(Clone)]
pub(super) enum Deed {
    Make(Box<NewContact>),
    Change(Box<ImportedChange>),
    Nothing,
}

impl Judge {
    /// Nothing was looked at yet.
    pub(super) fn new(plan: Plan, numbers: Numbers, groups: Groups) -> Self {
        Self {
            plan,
            numbers,
            groups,
            seen: HashMap::new(),
            new_groups: BTreeMap::new(),
            is_first: true,
            counts: Counts::default(),
        }
    }

    /// What the rows that can be contacts are.
    pub(super) fn read(&self, row: &BulkRow) -> Result<Read, Skip> {
        read(&self.plan, &self.numbers, row)
    }

    /// What would become of the next rows; `known` are the contacts of their numbers.
    pub(super) fn judge(&mut self, rows: &[BulkRow], known: &[Contact]) -> Vec<Outcome> {
        rows.iter().map(|row| self.one(row, known)).collect()
    }

    fn one(&mut self, row: &BulkRow, known: &[Contact]) -> Outcome {
        if std::mem::take(&mut self.is_first) && self.plan.names {
            return Outcome::Names;
        }
        match self.found(row, known) {
            Ok(outcome) => {
                match outcome {
                    Outcome::New => self.counts.made += 1,
                    Outcome::Changed => self.counts.changed += 1,
                    Outcome::Same => self.counts.same += 1,
                    Outcome::Names | Outcome::Skipped(_) => {}
                }
                outcome
            }
            Err(reason) => {
                *self.counts.skipped.entry(reason.as_str().to_owned()).or_default() += 1;
                Outcome::Skipped(reason)
            }
        }
    }

    fn found(&mut self, row: &BulkRow, known: &[Contact]) -> Result<Outcome, Skip> {
        let read = self.read(row)?;
        let number = read.contact.number.clone();
        let seen = self.seen.get(number.phone()).map_or(&[][..], Vec::as_slice);
        if seen.iter().any(|known| known.is_same_phone(&number)) {
            return Err(Skip::Twice);
        }
        let there = there(known, &number);
        if self.plan.keep && there.is_some() {
            return Err(Skip::There);
        }
        let mut makes_group = false;
        let mut new = Vec::new();
        for name in &read.groups {
            let key = name.to_lowercase();
            match self.groups.known.get(&key) {
                Some(Some(_)) => {}
                Some(None) => return Err(Skip::Groups),
                None => {
                    makes_group = true;
                    if !self.new_groups.contains_key(&key) {
                        new.push((key, name.clone()));
                    }
                }
            }
        }
        if self.new_groups.len() + new.len() > MOST_NEW_GROUPS {
            return Err(Skip::Groups);
        }
        let outcome = match deed(read, there, &self.groups)? {
            Deed::Make(_) => Outcome::New,
            Deed::Nothing if !makes_group => Outcome::Same,
            Deed::Change(_) | Deed::Nothing => Outcome::Changed,
        };
        // Last, so that a row that is skipped takes the number from none that is not.
        self.seen.entry(number.phone().to_owned()).or_default().push(number);
        if !new.is_empty() {
            self.new_groups.extend(new);
            self.counts.new_groups = self.new_groups.values().cloned().collect();
        }
        Ok(outcome)
    }
}

/// The contact that has a number.
pub(super) fn there<'a>(known: &'a [Contact], number: &PhoneNumber) -> Option<&'a Contact> {
    let exactly = known.iter().find(|contact| contact.number == *number);
    exactly.or_else(|| known.iter().find(|contact| contact.number.is_same_phone(number)))
}

/// Reads a row.
pub(super) fn read(plan: &Plan, numbers: &Numbers, row: &BulkRow) -> Result<Read, Skip> {
    // Of what was exported as CSV, the apostrophes are none of the texts.
    let cells: Vec<String> = row.cells.iter().map(|cell| csv::plain(cell)).collect();
    let of = |wanted: &Role| -> Vec<&str> {
        let cells = cells.iter().zip(&plan.columns);
        let cells = cells.filter(|(_, role)| *role == wanted).map(|(cell, _)| cell.trim());
        cells.filter(|cell| !cell.is_empty()).collect()
    };
    let number = of(&Role::Number).first().copied().map(first).unwrap_or_default();
    let number = sheet::without_apostrophe(number);
    if number.is_empty() {
        return Err(Skip::NoNumber);
    }
    if sheet::spoiled(number) == Some(sheet::Spoiled::Rounded) {
        return Err(Skip::Rounded);
    }
    let name = one_line(&of(&Role::Name).join(" "));
    let mut fields = BTreeMap::new();
    for (cell, role) in cells.iter().zip(&plan.columns) {
        if let Role::Field(name) = role {
            fields.insert(name.clone(), one_line(cell));
        }
    }
    let groups = of(&Role::Groups).into_iter().flat_map(group_names).collect::<BTreeSet<_>>();
    let groups: Vec<String> = groups.into_iter().collect();
    if groups.iter().any(|name| group::checked_name(name).is_err())
        || groups.len() > store::MOST_GROUPS_OF_CONTACT
    {
        return Err(Skip::Groups);
    }
    let written = Written {
        source: None,
        // Whoever has no name is called by the number.
        name: if name.is_empty() { number.to_owned() } else { name },
        number: number.to_owned(),
        email: of(&Role::Email).first().map(|email| first(email).to_owned()),
        note: Some(of(&Role::Note).join("; ")).filter(|note| !note.is_empty()),
        tags: of(&Role::Tags).into_iter().flat_map(tags).collect(),
        fields,
        groups: Vec::new(),
    };
    let contact = contact::checked(written, numbers).map_err(|unfit| match unfit {
        Unfit::Name => Skip::Name,
        Unfit::Number(_) => Skip::NotANumber,
        Unfit::Email => Skip::Email,
        Unfit::Note => Skip::Note,
        Unfit::Tags => Skip::Tags,
        Unfit::Fields => Skip::Fields,
        Unfit::Groups => Skip::Groups,
    })?;
    Ok(Read { contact, groups })
}

/// What is to be done with a row, of which a contact may be there. Groups that are not known are left out.
pub(super) fn deed(read: Read, there: Option<&Contact>, groups: &Groups) -> Result<Deed, Skip> {
    let Read { contact, groups: names } = read;
    let known = names.iter().filter_map(|name| groups.known.get(&name.to_lowercase()));
    let wanted: Vec<GroupId> = known.filter_map(|group| *group).collect();
    let Some(there) = there else {
        return Ok(Deed::Make(Box::new(NewContact { groups: wanted, ..contact })));
    };
    let mut tags = there.tags.clone();
    let is_new = |tag: &String| {
        let small = tag.to_lowercase();
        !there.tags.iter().any(|known| known.to_lowercase() == small)
    };
    tags.extend(contact.tags.into_iter().filter(is_new));
    if tags.len() > MOST_TAGS {
        return Err(Skip::Tags);
    }
    let mut fields = there.fields.clone();
    for (name, text) in contact.fields {
        let small = name.to_lowercase();
        let known = fields.keys().find(|known| known.to_lowercase() == small).cloned();
        fields.insert(known.unwrap_or(name), text);
    }
    if fields.len() > MOST_FIELDS {
        return Err(Skip::Fields);
    }
    let add: Vec<GroupId> =
        wanted.into_iter().filter(|group| !there.groups.contains(group)).collect();
    if there.groups.len() + add.len() > store::MOST_GROUPS_OF_CONTACT {
        return Err(Skip::Groups);
    }
    // Whoever has no name in the file keeps theirs.
    let is_named = contact.name != contact.number.as_str()
        && contact.number.as_str() != there.name
        && !contact.name.chars().all(|c| c.is_ascii_digit() || " +-./()".contains(c));
    let differs = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
    let change = ContactChange {
        name: (is_named && contact.name != there.name).then(|| contact.name.clone()),
        number: None,
        email: contact.email.clone().filter(|_| differs(&contact.email, &there.email)),
        note: contact.note.clone().filter(|_| differs(&contact.note, &there.note)),
        tags: (tags != there.tags).then_some(tags),
        fields: (fields != there.fields).then_some(fields),
        groups: None,
    };
    if change == ContactChange::default() && add.is_empty() {
        return Ok(Deed::Nothing);
    }
    let (contact, seen) = (there.id, there.updated_at);
    Ok(Deed::Change(Box::new(ImportedChange { contact, seen, change, add })))
}

/// The first of several in a cell, as an address book of Google writes them: `0812 ::: 0813`.
fn first(cell: &str) -> &str {
    cell.split(":::").next().unwrap_or_default().trim()
}

/// A text without line ends and other blanks but spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The tags in a cell: between commas, where there are some, and else between blanks. An address book of Google writes
/// `Friends ::: * myContacts`, of which the last is everybody.
fn tags(cell: &str) -> Vec<String> {
    let cell = cell.replace("* myContacts", "").replace(":::", ",");
    let plain = |tag: &str| one_line(tag).trim_start_matches(['#', '*', ' ']).replace(' ', "-");
    let tags: Vec<String> = if listed::is_list(&cell) {
        let tags = listed::names(&cell).into_iter().map(|tag| match tag {
            Listed::Quoted(tag) => tag,
            Listed::Plain(tag) => plain(&tag),
        });
        tags.collect()
    } else {
        cell.split_whitespace().map(plain).collect()
    };
    tags.into_iter().filter(|tag| !tag.is_empty()).collect()
}

/// The names of groups in a cell. An address book of Google writes `* myContacts ::: Friends`.
fn group_names(cell: &str) -> Vec<String> {
    let names = listed::names(cell).into_iter().map(|name| match name {
        Listed::Quoted(name) => name,
        Listed::Plain(name) => {
            let name = one_line(&name);
            name.strip_prefix("* ").map(str::to_owned).unwrap_or(name)
        }
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use contracts::{ContactId, Holder, OrgId, Timestamp};

    use super::*;

    fn plan(columns: &[&str]) -> Plan {
        let columns = columns.iter().map(|role| role.parse().unwrap()).collect();
        Plan { columns, ..Plan::default() }
    }

    fn row(cells: &[&str]) -> BulkRow {
        BulkRow { line: 1, cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }
    }

    fn judge(plan: Plan) -> Judge {
        let known = HashMap::from([
            ("toko".to_owned(), Some(GroupId::new())),
            ("by rule".to_owned(), None),
        ]);
        Judge::new(plan, Numbers::default(), Groups { known })
    }

    fn siti() -> Contact {
        Contact {
            id: ContactId::new(),
            org: OrgId::default_org(),
            owner: Holder::Everybody,
            name: "Siti".to_owned(),
            number: "+628111111111".parse().unwrap(),
            email: None,
            note: Some("Kue".to_owned()),
            tags: vec!["vip".to_owned()],
            fields: BTreeMap::from([("Kota".to_owned(), "Bandung".to_owned())]),
            groups: Vec::new(),
            created_at: Timestamp::from_micros(1),
            updated_at: Timestamp::from_micros(2),
        }
    }

    #[test]
    fn each_row_becomes_a_contact_or_says_why_not() {
        let mut judge = judge(plan(&["name", "number", "tags", "groups", "field:Kota"]));
        let known = [siti()];
        let long = "x".repeat(300);
        for (cells, outcome) in [
            (vec!["Budi", "0812 345-678", "a, b c;d", "Toko"], Outcome::New),
            (vec!["Budi", "0812345678"], Outcome::Skipped(Skip::Twice)),
            (vec!["Siti", "+62 811 1111 111", "vip", "", "Bandung"], Outcome::Same),
            (vec!["Siti R.", "'+628111111112"], Outcome::New),
            (vec!["", ""], Outcome::Skipped(Skip::NoNumber)),
            (vec!["x", "6.28E+11"], Outcome::Skipped(Skip::Rounded)),
            (vec!["x", "<script>"], Outcome::Skipped(Skip::NotANumber)),
            (vec!["<script>alert(1)</script>", "0813001"], Outcome::New),
            (vec!["a\u{202e}b", "0813002"], Outcome::Skipped(Skip::Name)),
            (vec![long.as_str(), "0813002"], Outcome::Skipped(Skip::Name)),
            (vec!["x", "0813002", long.as_str()], Outcome::Skipped(Skip::Tags)),
            (vec!["x", "0813002", "", long.as_str()], Outcome::Skipped(Skip::Groups)),
            (vec!["x", "0813002", "", "By Rule"], Outcome::Skipped(Skip::Groups)),
            (vec!["x", "0813002", "", "", long.as_str()], Outcome::Skipped(Skip::Fields)),
            (vec!["", "0813002 ::: 0813003", "", "* Baru ::: toko"], Outcome::New),
        ] {
            assert_eq!(judge.judge(&[row(&cells)], &known), [outcome], "{cells:?}");
        }
        assert_eq!((judge.counts.made, judge.counts.same), (4, 1));
        assert_eq!(judge.counts.all_skipped(), 10);
        assert_eq!(judge.counts.new_groups, ["Baru"]);
    }

    #[test]
    fn labels_of_google_are_tags() {
        assert_eq!(tags("Toko Kue ::: * starred ::: * myContacts"), ["Toko-Kue", "starred"]);
        assert!(tags("* myContacts").is_empty());
        assert_eq!(tags("vip #baru"), ["vip", "baru"]);
    }

    #[test]
    fn a_file_makes_few_groups() {
        let mut judge = judge(plan(&["number", "groups"]));
        for n in 0..=MOST_NEW_GROUPS {
            let cells = row(&[format!("08120{n:03}").as_str(), format!("g{n}").as_str()]);
            let found = judge.judge(&[cells], &[]);
            let is_new = n < MOST_NEW_GROUPS;
            let expected = if is_new { Outcome::New } else { Outcome::Skipped(Skip::Groups) };
            assert_eq!(found, [expected], "{n}");
        }
    }

    #[test]
    fn what_a_contact_lacks_is_added_and_what_differs_is_changed() {
        let there = siti();
        let columns = ["name", "number", "note", "tags", "groups", "field:KOTA", "email"];
        let cells = ["Siti R.", "+628111111111", "Teh", "VIP baru", "toko", "Garut", ""];
        let judge = judge(plan(&columns));
        let read = judge.read(&row(&cells)).unwrap();
        let Ok(Deed::Change(change)) = deed(read, Some(&there), &judge.groups) else {
            panic!("a change")
        };
        let ImportedChange { contact, seen, change, add } = *change;
        assert_eq!((contact, seen, add.len()), (there.id, there.updated_at, 1));
        assert_eq!(change.name.as_deref(), Some("Siti R."));
        assert_eq!((change.email, change.note.as_deref()), (None, Some("Teh")));
        assert_eq!(change.tags.unwrap(), ["vip", "baru"]);
        assert_eq!(change.fields.unwrap()["Kota"], "Garut");
        let nameless = judge.read(&row(&["", "+628111111111", "Kue"])).unwrap();
        assert!(matches!(deed(nameless, Some(&there), &judge.groups), Ok(Deed::Nothing)));
        let mut keeping = Judge::new(
            Plan { keep: true, ..plan(&["number"]) },
            Numbers::default(),
            Groups::default(),
        );
        let found = keeping.judge(&[row(&["+628111111111"])], &[there]);
        assert_eq!(found, [Outcome::Skipped(Skip::There)]);
    }
}
