//! The OpenAPI document (3.1) of `/api/v1`, made from the types of this crate and the list of calls below.
//!
//! `docs/openapi.json` is the document as it was last looked at; a test compares the two.

mod audit;
mod broadcasts;
mod bulk;
mod call;
mod calls;
mod configuration;
mod conversations;
mod credits;
mod people;
mod phone_book;
mod reports;
mod routes;
mod schedules;
mod service_entries;
mod teams;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, ServerBuilder};

use crate::Problem;
use call::KEY;

/// Where the calls are.
pub const BASE: &str = "/api/v1";

/// The groups of calls, each with what it is about.
const GROUPS: [(&str, &str); 23] = [
    ("Messages", "Sending, and what became of what was sent."),
    ("Batches", "One text to thousands, paused, resumed and cancelled as one."),
    ("Files", "CSV files and workbooks of which each row becomes a message."),
    ("Inbox", "What was received."),
    ("Conversations", "What was sent to one phone and what came from it."),
    ("Modems", "Modems as they are now, and what can be asked of one."),
    ("SIMs", "SIMs, and who may use them."),
    ("Accounts", "Whose key this is; accounts, for administrators."),
    ("Keys", "API keys."),
    ("Webhooks", "Endpoints of programs that are told what happens."),
    ("Keyword services", "What is called when a message comes with a keyword."),
    ("Contacts", "Names with their numbers, and groups of them."),
    ("Templates", "Texts that are kept to be sent again and again."),
    ("Schedules", "What is sent at a time, once or again and again."),
    ("Broadcasts", "One text to many, handed out at a pace."),
    ("Opt-outs", "Numbers whose holders asked to be sent nothing more."),
    ("Routes", "Rules that say which way messages go, and how pools share their work."),
    ("Audit log", "What was done, by whom and from where."),
    ("Reports", "How many messages came to which end, and how long they took."),
    ("Configuration", "What people set in the gateway, as one document."),
    ("Credit", "What accounts may spend, and what messages cost."),
    ("Events", "What happens, as it happens."),
    ("Gateway", "What concerns the gateway as a whole."),
];

/// The document, as pretty JSON with a newline at its end.
///
/// # Errors
/// When it cannot be written as JSON, which a test rules out.
pub fn json() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&document()).map(|text| text + "\n")
}

/// The document.
pub fn document() -> OpenApi {
    let mut calls = calls::all();
    calls.schema::<Problem>();
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key; `merpati key add` and the portal make one."))
        .build();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(calls.schemas)
        .security_scheme(KEY, SecurityScheme::Http(key))
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Merpati")
                .version("1")
                .description(Some("Send and receive SMS through your own GSM modems."))
                .build(),
        )
        .servers(Some([ServerBuilder::new().url(BASE).build()]))
        .tags(Some(
            GROUPS
                .map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build()),
        ))
        .paths(calls.paths)
        .components(Some(components))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_the_one_that_is_checked_in() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let made = json().unwrap();
        if std::env::var_os("MERPATI_WRITE_GOLDEN").is_some() {
            std::fs::write(file, &made).unwrap();
        }
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            made == kept,
            "it differs: MERPATI_WRITE_GOLDEN=1 cargo test -p api, then look at the diff"
        );
    }

    fn references<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
        match value {
            serde_json::Value::Object(object) => {
                found.extend(object.get("$ref").and_then(|to| to.as_str()));
                for value in object.values() {
                    references(value, found);
                }
            }
            serde_json::Value::Array(list) => {
                for value in list {
                    references(value, found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 50);
        for reference in found {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
    #[test]
    fn what_stands_in_braces_of_a_path_is_a_parameter() {
        let document = serde_json::to_value(document()).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for (path, calls) in document["paths"].as_object().unwrap() {
            for name in call::path_parameters(path) {
                seen.insert(name);
                for (method, call) in calls.as_object().unwrap() {
                    let all = call["parameters"].as_array().unwrap();
                    let is_there = all.iter().any(|one| one["in"] == "path" && one["name"] == name);
                    assert!(is_there, "{method} {path}: {name}");
                }
            }
        }
        assert!(seen.len() > 1, "{seen:?}");
    }
}
