//! What the columns of a file of contacts are, as the database keeps it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::acts::contact::{LONGEST_FIELD_NAME, MOST_FIELDS};
use crate::acts::name::is_name;

/// What stands before the name of a field.
const FIELD: &str = "field:";
/// The most characters of what a column is.
pub(crate) const LONGEST_ROLE: usize = FIELD.len() + LONGEST_FIELD_NAME;

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Role {
    /// Nothing that is taken.
    #[default]
    Ignored,
    /// The name, or a part of it.
    Name,
    /// A number; of several the first that is there.
    Number,
    /// The e-mail address; of several the first that is there.
    Email,
    /// What is written of the contact.
    Note,
    /// Words that the contact is marked with.
    Tags,
    /// Names of groups.
    Groups,
    /// A field of this name.
    Field(String),
}

/// A word that says of no column what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a column is name, number, email, note, tags, groups, field: with a name, or empty where it is left out"
)]
pub(crate) struct NoRole;

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(written: &str) -> Result<Self, NoRole> {
        Ok(match written.trim() {
            "" => Self::Ignored,
            "name" => Self::Name,
            "number" => Self::Number,
            "email" => Self::Email,
            "note" => Self::Note,
            "tags" => Self::Tags,
            "groups" => Self::Groups,
            other => {
                let name = other.strip_prefix(FIELD).map(str::trim).ok_or(NoRole)?;
                let is_field = is_name(name, LONGEST_FIELD_NAME) && !name.contains(['{', '}']);
                if !is_field {
                    return Err(NoRole);
                }
                Self::Field(name.to_owned())
            }
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored => Ok(()),
            Self::Name => f.write_str("name"),
            Self::Number => f.write_str("number"),
            Self::Email => f.write_str("email"),
            Self::Note => f.write_str("note"),
            Self::Tags => f.write_str("tags"),
            Self::Groups => f.write_str("groups"),
            Self::Field(name) => write!(f, "{FIELD}{name}"),
        }
    }
}

impl TryFrom<String> for Role {
    type Error = NoRole;

    fn try_from(written: String) -> Result<Self, NoRole> {
        written.parse()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

/// What the columns of a file are. Fields are added, never changed: another release may have written it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Plan {
    /// The first row names the columns.
    pub(crate) names: bool,
    /// What each column is.
    pub(crate) columns: Vec<Role>,
    /// Contacts that are there stay as they are.
    pub(crate) keep: bool,
    /// What becomes of the rows together.
    pub(crate) counts: Counts,
}

/// What would become of all rows together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Counts {
    /// Rows that become a new contact.
    pub(crate) made: u32,
    /// Rows that change a contact.
    pub(crate) changed: u32,
    /// Rows of which a contact has all already.
    pub(crate) same: u32,
    /// Rows that become none, by the reason.
    pub(crate) skipped: BTreeMap<String, u32>,
    /// The names of groups that are made.
    pub(crate) new_groups: Vec<String>,
}

impl Counts {
    /// Rows that become no contact.
    pub(crate) fn all_skipped(&self) -> u32 {
        self.skipped.values().sum()
    }
}

contracts::named! {
    /// Why a row becomes no contact.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub(crate) enum Skip in json {
        /// The cell of the number is empty.
        NoNumber = "no-number",
        /// It is no number that can be dialled.
        NotANumber = "not-a-number",
        /// A spreadsheet has rounded the number, as in `6.28E+11`.
        Rounded = "rounded",
        /// An earlier row has the number.
        Twice = "twice",
        /// There is a contact with the number, which is to stay as it is.
        There = "there",
        /// The name is too long, or has characters in it that show nothing.
        Name = "name",
        /// What is no e-mail address stands in the place of one.
        Email = "email",
        /// The note is too long.
        Note = "note",
        /// There are too many tags, or one is too long.
        Tags = "tags",
        /// There are too many groups, one's name cannot be one, or nobody is put into one by hand.
        Groups = "groups",
        /// There are too many fields, or one is too long.
        Fields = "fields",
    }
}

/// What would become of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It names the columns.
    Names,
    /// It becomes a new contact.
    New,
    /// It changes a contact.
    Changed,
    /// A contact has all of it already.
    Same,
    /// It becomes none.
    Skipped(Skip),
}

/// Words of columns' names, in English and Indonesian.
const NUMBER: [&str; 11] = [
    "nomor",
    "number",
    "phone",
    "telp",
    "telepon",
    "hp",
    "handphone",
    "mobile",
    "msisdn",
    "ponsel",
    "whatsapp",
];
const NAME: [&str; 5] = ["name", "nama", "nickname", "panggilan", "kontak"];
const EMAIL: [&str; 3] = ["email", "mail", "surel"];
const NOTE: [&str; 5] = ["note", "notes", "catatan", "keterangan", "remark"];
const TAGS: [&str; 7] = ["tag", "tags", "label", "labels", "kategori", "category", "categories"];
const GROUPS: [&str; 6] = ["group", "groups", "grup", "kelompok", "golongan", "membership"];
/// Words of columns that say of another one what it is.
const BESIDE: [&str; 5] = ["type", "jenis", "tipe", "kind", "phonetic"];

/// What columns seem to be. `names` are their names; where the first row has none, that row says it by what stands in it.
pub(crate) fn guessed(names: &[String], first: Option<&[String]>) -> Vec<Role> {
    if let Some(first) = first {
        return of_cells(first, names.len());
    }
    let mut roles: Vec<Role> = Vec::with_capacity(names.len());
    let mut fields = 0;
    for name in names {
        let small = name.to_lowercase();
        let words: Vec<&str> =
            small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
        let is_free = |role: &Role| !roles.contains(role);
        // A column `Label` has words for contacts, and `Phone 1 - Label` one for a number.
        let is_beside = has(&BESIDE) || words.len() > 1 && has(&["label"]);
        let role = if is_beside {
            Role::Ignored
        } else if has(&EMAIL) {
            Role::Email
        } else if has(&NUMBER) {
            Role::Number
        } else if has(&GROUPS) {
            Role::Groups
        } else if has(&TAGS) {
            Role::Tags
        } else if has(&NAME) && is_of_person(&words) {
            Role::Name
        } else if has(&NOTE) && is_free(&Role::Note) {
            Role::Note
        } else {
            let field =
                format!("{FIELD}{}", name.chars().take(LONGEST_FIELD_NAME).collect::<String>());
            let role = field.parse().unwrap_or_default();
            if fields < MOST_FIELDS && role != Role::Ignored && is_free(&role) {
                fields += 1;
                role
            } else {
                Role::Ignored
            }
        };
        roles.push(role);
    }
    // Whoever writes the whole name and its parts means the whole one.
    let is_whole = |name: &String| {
        ["name", "nama", "full name", "nama lengkap", "display name"]
            .contains(&name.trim().to_lowercase().as_str())
    };
    if let Some(whole) = names.iter().position(is_whole) {
        for (at, role) in roles.iter_mut().enumerate() {
            if at != whole && *role == Role::Name {
                *role = Role::Ignored;
            }
        }
    }
    roles
}

/// Whether the name of a column is that of a person's name, as in `first name`, and not that of something else, as in
/// `company name`.
fn is_of_person(words: &[&str]) -> bool {
    const OTHERS: [&str; 11] = [
        "company",
        "organization",
        "organisation",
        "perusahaan",
        "toko",
        "user",
        "file",
        "sekolah",
        "school",
        "street",
        "jalan",
    ];
    !words.iter().any(|word| OTHERS.contains(word))
}

/// What columns seem to be by a first row that does not name them: the first number, and the first other text as the name.
fn of_cells(first: &[String], columns: usize) -> Vec<Role> {
    let mut roles = vec![Role::Ignored; columns];
    let digits = |cell: &String| cell.chars().filter(char::is_ascii_digit).count() >= 5;
    let number = first.iter().position(digits).unwrap_or_default();
    if let Some(role) = roles.get_mut(number) {
        *role = Role::Number;
    }
    let name = first
        .iter()
        .enumerate()
        .position(|(at, cell)| at != number && cell.chars().any(char::is_alphabetic));
    if let Some(role) = name.and_then(|at| roles.get_mut(at)) {
        *role = Role::Name;
    }
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(names: &[&str]) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let roles = guessed(&names, None);
        roles.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn columns_are_guessed_by_their_names() {
        for (names, roles) in [
            (vec!["Nama", "No. HP", "Kota"], "name|number|field:Kota"),
            (vec!["Nama Lengkap", "nomor_telepon", "Grup", "Catatan"], "name|number|groups|note"),
            (
                vec![
                    "First Name",
                    "Last Name",
                    "Phone 1 - Type",
                    "Phone 1 - Value",
                    "E-mail 1 - Value",
                ],
                "name|name||number|email",
            ),
            (
                vec![
                    "First Name",
                    "Labels",
                    "E-mail 1 - Label",
                    "E-mail 1 - Value",
                    "Phone 1 - Label",
                    "Phone 1 - Value",
                ],
                "name|tags||email||number",
            ),
            (vec!["Label", "HP"], "tags|number"),
            (
                vec!["Name", "Number", "Type", "E-mail", "Note", "Tags", "Organization", "Title"],
                "name|number||email|note|tags|field:Organization|field:Title",
            ),
            (vec!["name", "First Name", "phone", "phone2"], "name||number|field:phone2"),
            (vec!["Company name", "Name", "Mobile"], "field:Company name|name|number"),
            (vec!["Surel", "Telp"], "email|number"),
        ] {
            assert_eq!(guess(&names), roles, "{names:?}");
        }
    }

    #[test]
    fn columns_without_names_are_guessed_by_what_stands_in_them() {
        let first = ["1", "Siti", "+62 812 345", "x"].map(str::to_owned);
        let names = ["A", "B", "C", "D"].map(str::to_owned);
        let roles = guessed(&names, Some(&first));
        assert_eq!(roles, [Role::Ignored, Role::Name, Role::Number, Role::Ignored]);
        assert_eq!(guessed(&names[..1], Some(&[])), [Role::Number]);
    }

    #[test]
    fn a_role_is_a_word() {
        for written in ["", "name", "number", "email", "note", "tags", "groups", "field:Kota"] {
            assert_eq!(written.parse::<Role>().unwrap().to_string(), written);
        }
        let long = format!("field:{}", "x".repeat(LONGEST_FIELD_NAME + 1));
        for wrong in ["field:", "field:{x}", "Name", &long] {
            assert_eq!(wrong.parse::<Role>(), Err(NoRole), "{wrong}");
        }
    }
}
