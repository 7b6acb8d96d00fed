//! What can be said about contacts.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use contracts::{ContactImportId, GroupId};

#[derive(Debug, Subcommand)]
pub(crate) enum Contact {
    /// Show contacts, by name.
    List {
        /// Only those whose name, number, e-mail address or tags have this in them.
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Only those with this tag.
        #[arg(long)]
        tag: Option<String>,
        /// Only those in this group.
        #[arg(long, value_name = "ID")]
        group: Option<GroupId>,
    },
    /// Make contacts from a CSV file, an XLSX workbook or a vCard, or show what would be made.
    Import(ImportContacts),
    /// Show what was imported and merged.
    Imports,
    /// Take an import or a merge back, as far as nothing of it was changed since.
    Undo {
        /// The id of the import.
        id: ContactImportId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportContacts {
    /// A CSV file, an XLSX workbook or an address book (VCF).
    pub(crate) file: PathBuf,
    /// Import the file. Without this it is only shown what would become of each row.
    #[arg(long)]
    pub(crate) confirm: bool,
    /// What each column is, in their order, as in name,number,,field:City; guessed by the names of the columns when absent.
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    pub(crate) columns: Option<Vec<String>>,
    /// Leave contacts that are there already as they are.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Let everybody in the organisation share the contacts.
    #[arg(long, conflicts_with = "user")]
    pub(crate) shared: bool,
    /// The name of the account whose contacts they become.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// The name of the team whose contacts they become.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["shared", "user"])]
    pub(crate) team: Option<String>,
}
