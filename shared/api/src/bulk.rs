//! Files of which each row becomes a message.

use std::collections::BTreeMap;

use contracts::{BatchId, BulkId, PhoneNumber, PoolId, Priority, SimId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of `POST /bulk`, whose body is the file itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct UploadBulk {
    /// What the file is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The answer to `GET /bulk`, newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bulks {
    /// One's own files.
    pub files: Vec<Bulk>,
}

/// A file of which each row becomes a message.
// Without `Debug`, as all that holds a text: it is not for logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bulk {
    /// The id of the file.
    pub id: BulkId,
    /// What the file is called.
    pub name: String,
    /// The names of the columns, which are the fields of the text.
    pub columns: Vec<String>,
    /// The first row names the columns.
    pub has_names: bool,
    /// How many rows the file has, the first among them.
    pub rows: u32,
    /// What is sent; none: it was not said yet.
    pub plan: Option<BulkPlan>,
    /// How often it was said what is sent. `POST /bulk/{id}/send` repeats it.
    pub revision: u32,
    /// The batches that the broker has. They are looked at, paused, resumed and cancelled as any other.
    pub batches: Vec<BatchId>,
    /// It was confirmed that the file is sent.
    pub sending: bool,
    /// When the broker had all of its messages.
    pub sent_at: Option<Timestamp>,
    /// When the file was uploaded.
    pub created_at: Timestamp,
}

/// What is sent of a file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkPlan {
    /// The name of the column with the numbers.
    pub number: String,
    /// The text; `{name}` is filled in from the column of this name, and `{{` is a brace.
    pub text: String,
    /// Similar characters take the place of those that make a message longer.
    pub alike: bool,
    /// A zero is put before numbers that begin with neither zero nor plus, where `numbers.home_country` is not set.
    pub mend: bool,
    /// How urgent it is.
    pub priority: Priority,
    /// The SIM it must go out through; none: any.
    pub sim: Option<SimId>,
    /// The pool of modems it must go out through; none: the default one.
    pub pool: Option<PoolId>,
    /// When it is sent; none: at once.
    pub not_before: Option<Timestamp>,
    /// How many rows become a message.
    pub messages: u32,
    /// How many parts these have together.
    pub parts: u64,
    /// How many of the messages go out as Unicode, which have fewer characters in a part.
    pub unicode: u32,
    /// How many of the messages go to numbers that begin with neither zero nor plus, whose zero a spreadsheet may have cut.
    pub cut_off: u32,
    /// How many rows become none, by the reason: `no-number`, `not-a-number`, `rounded` (a spreadsheet wrote it as `6.28E+11`),
    /// `twice`, `opted-out`, `destination`, `no-text`, `too-long`, `unsendable`.
    pub skipped: BTreeMap<String, u32>,
}

/// The body of `PATCH /bulk/{id}`: all of what is sent.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanBulk {
    /// The name of the column with the numbers.
    pub number: String,
    /// The text; `{name}` is filled in from the column of this name, and `{{` is a brace.
    pub text: String,
    /// The first row names the columns; as it seems when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_names: Option<bool>,
    /// Similar characters take the place of those that make a message longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alike: bool,
    /// A zero is put before numbers that begin with neither zero nor plus, where `numbers.home_country` is not set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mend: bool,
    /// How urgent it is; `bulk` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The SIM it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The pool of modems it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// The local date and time at which it is sent, such as `2026-12-01 08:00`; at once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The IANA zone of that time; UTC when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// The query of `GET /bulk/{id}/rows`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListBulkRows {
    /// From this row on, the first being 0; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// From the row of this message on, the first being 0, in the place of `from`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<u32>,
    /// `all`, or `skipped`: only those that become no message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show: Option<String>,
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The answer to `GET /bulk/{id}/rows`, in the order of the file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkRows {
    /// Those of this page.
    pub rows: Vec<BulkRow>,
    /// `from` of the next page; none: this is the last.
    pub next: Option<u32>,
}

/// A row, and what becomes of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkRow {
    /// The place of the row in the file, the first being 0.
    pub row: u32,
    /// The line of the file at which it begins, the first being 1.
    pub line: u64,
    /// What stands in the column of the numbers.
    pub written: String,
    /// To whom the message of the row goes; none: it becomes none.
    pub to: Option<PhoneNumber>,
    /// The text of the message.
    pub text: Option<String>,
    /// How many parts it has.
    pub parts: Option<u32>,
    /// Why the row becomes no message.
    pub skipped: Option<String>,
}

/// The body of `POST /bulk/{id}/send`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBulk {
    /// The `revision` that was looked at.
    pub revision: u32,
}
