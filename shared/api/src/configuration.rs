//! What people set in the gateway, as one document.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// The query of `GET /configuration`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ShowConfiguration {
    /// The numbers that are sent nothing, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optouts: Option<bool>,
}

/// The answer to `GET /configuration`: what people set, as far as the caller may read it.
// Without `Debug`, as all that holds a text: it is not for logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Configuration {
    /// What tells these settings from others, for `PUT /configuration`.
    pub version: String,
    /// A list for each kind of settings: `sims`, `pools`, `rules`, `groups`, `templates`, `services`, `schedules`, `webhooks`, and
    /// `optouts` when they are asked for.
    #[schema(value_type = Object)]
    pub document: Map<String, Value>,
    /// The kinds that are not in it: the caller may not read them, or there are too many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<ConfigurationLeftOut>,
}

/// A kind of settings that is not in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationLeftOut {
    /// The kind.
    pub kind: String,
    /// Why, in words.
    pub why: String,
}

/// The body of `POST /configuration/check`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckConfiguration {
    /// The document, as `GET /configuration` has it. A kind that has no list in it stays as it is.
    #[schema(value_type = Object)]
    pub document: Map<String, Value>,
    /// Whether what is not in a list of the document is removed; it stays when absent. Opt-outs stay in any case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prune: bool,
}

/// The answer to `POST /configuration/check`. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CheckedConfiguration {
    /// What tells the settings from others now, for `PUT /configuration`.
    pub version: String,
    /// What would be changed, in that order. Empty where something is wrong with the document.
    pub changes: Vec<ConfigurationChange>,
    /// What is wrong with the document, a hundred things at most. It is not imported before all of it is mended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<ConfigurationFault>,
    /// What is to be thought about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<ConfigurationFault>,
}

/// A change of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationChange {
    /// The kind, as the document has it.
    pub kind: String,
    /// `add`, `change` or `remove`.
    pub action: String,
    /// What is changed, by name; empty: the order of all.
    pub name: String,
    /// In one line: `~ pool main: strategy round_robin → sticky`.
    pub words: String,
}

/// Something that is wrong with a document, or to be thought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationFault {
    /// Where: `services 2 'jadwal'`.
    pub place: String,
    /// What, in a sentence.
    pub text: String,
    /// What can be done about it, in a sentence.
    pub remedy: String,
}

/// The body of `PUT /configuration`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConfiguration {
    /// The document, as `GET /configuration` has it. A kind that has no list in it stays as it is.
    #[schema(value_type = Object)]
    pub document: Map<String, Value>,
    /// The version of the settings that it was compared with. When settings were changed meanwhile, nothing is done (409).
    pub version: String,
    /// Whether what is not in a list of the document is removed; it stays when absent. Opt-outs stay in any case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prune: bool,
}

/// The answer to `PUT /configuration`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ImportedConfiguration {
    /// What was changed.
    pub done: Vec<ConfigurationChange>,
    /// How many changes are left: the same call with this `version` makes the next of them.
    pub left: u64,
    /// What tells the settings from others now.
    pub version: String,
}
