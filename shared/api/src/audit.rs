//! The audit log: what was done, by whom and from where.

use contracts::{KeyId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of `GET /audit`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAudit {
    /// Only what this actor did: the name or the id of an account, or `local`, `setup`, `service` or `stranger`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Only what was done of this, such as `key.revoked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Only what was done to the thing of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Only what was done at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only what was done before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// At most so many; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// The answer to `GET /audit`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditLog {
    /// Those of this page.
    pub entries: Vec<AuditEntry>,
    /// `before` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its place in the chain of the organisation, from 1.
    pub sequence: i64,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: AuditActor,
    /// By which door the actor came: `page`, `api`, `socket`, `kannel`, ….
    pub door: String,
    /// From which address the actor came; absent over the socket in the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What was done, such as `key.revoked`.
    pub action: String,
    /// What it was done to.
    pub subject: AuditSubject,
    /// The fields that were changed, as they were before.
    #[schema(value_type = Object)]
    pub before: serde_json::Map<String, serde_json::Value>,
    /// The same as they are after that.
    #[schema(value_type = Object)]
    pub after: serde_json::Map<String, serde_json::Value>,
    /// The hash of the entry before; empty: this is the first.
    pub previous: String,
    /// The hash of this entry.
    pub hash: String,
}

/// Who did something, as they were called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditActor {
    /// `user` (a person), `key` (a program), `local` (the command line of the gateway's own user), `setup` (who had the set-up link), `invited` (who had an invitation),
    /// `service` (a program without an account), or `stranger` (who did not get in).
    pub kind: String,
    /// The id of the account, or the word of the kind.
    pub id: String,
    /// The name.
    pub name: String,
    /// The key by which a program came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
}

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditSubject {
    /// The id; empty: all of the organisation, or nothing in particular.
    pub id: String,
    /// What it was called then.
    pub name: String,
}

/// The query of `GET /audit/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerifyAudit {
    /// The chain is verified from the entry after this one on, which is taken to be the right one; from its begin when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
}

/// The answer to `GET /audit/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditVerdict {
    /// Whether all entries that were looked at are whole.
    pub whole: bool,
    /// How many entries were looked at.
    pub checked: u64,
    /// The last entry that is whole; 0: none.
    pub through: i64,
    /// Its hash. Whoever keeps it elsewhere can tell later that nothing before it was made anew.
    pub hash: String,
    /// The first entry that is not whole; absent: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<AuditBreak>,
    /// `after` of the call that goes on; absent: the chain was verified to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// An entry of the chain that is not whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditBreak {
    /// Its place in the chain.
    pub sequence: i64,
    /// `missing` (it is not there), `unlinked` (it does not follow the one before) or `changed` (it is not as it was written).
    pub fault: String,
}
