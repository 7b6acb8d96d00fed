//! What is wrong with a setting.

use config::{Value, ValueKind};

use super::error::ConfigError;

/// Refuses keys that the reference does not have.
pub(super) fn check_keys(
    origin: &str,
    prefix: &str,
    table: &toml::Table,
    reference: &toml::Table,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        // The lists of sections; serde checks the fields inside.
        if matches!(key.as_str(), "modems.port" | "modems.balance") && value.is_array() {
            continue;
        }
        match (reference.get(name), value) {
            (None, _) => {
                return Err(ConfigError::UnknownKey {
                    key,
                    origin: origin.to_owned(),
                    allowed: allowed(prefix, name, reference),
                });
            }
            (Some(toml::Value::Table(inner)), toml::Value::Table(value)) => {
                check_keys(origin, &key, value, inner)?;
            }
            (Some(toml::Value::Table(inner)), other) => {
                let names: Vec<String> = inner.keys().map(|name| format!("{key}.{name}")).collect();
                return Err(ConfigError::WrongValue {
                    key,
                    origin: origin.to_owned(),
                    found: other.to_string(),
                    reason: format!("it is a section with the settings {}", names.join(", ")),
                    help: Box::default(),
                });
            }
            (Some(_), _) => {}
        }
    }
    Ok(())
}

/// What stands in a section, the nearest name first.
fn allowed(prefix: &str, wrong: &str, reference: &toml::Table) -> String {
    let place =
        if prefix.is_empty() { "at the top level".to_owned() } else { format!("in {prefix}") };
    let names: Vec<&str> = reference.keys().map(String::as_str).collect();
    let nearest = names
        .iter()
        .map(|name| (strsim::levenshtein(wrong, name), *name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().max(wrong.len()) / 3);
    let guess = nearest.map(|(_, name)| format!("did you mean {name}? ")).unwrap_or_default();
    format!("{guess}{place} there are: {}", names.join(", "))
}

/// The setting an error is about, with dots, and its reason.
pub(super) fn locate(error: config::ConfigError) -> (String, String) {
    match error {
        config::ConfigError::At { error, key, .. } => {
            let (inner, reason) = locate(*error);
            let key = match (key, inner.is_empty()) {
                (Some(key), _) => key,
                (None, _) => inner,
            };
            (key, reason)
        }
        config::ConfigError::Type { unexpected, expected, key, .. } => {
            (key.unwrap_or_default(), format!("it is {unexpected}, not {expected}"))
        }
        config::ConfigError::Foreign(error) => (String::new(), error.to_string()),
        config::ConfigError::Message(text) => (String::new(), text),
        config::ConfigError::NotFound(key) => (key, "it is missing".to_owned()),
        other => (String::new(), other.to_string()),
    }
}

pub(super) fn find<'v>(root: &'v Value, key: &str) -> Option<&'v Value> {
    key.split('.').try_fold(root, |value, name| match &value.kind {
        ValueKind::Table(table) => table.get(name),
        _ => None,
    })
}

pub(super) fn origin_of(value: &Value) -> Option<String> {
    value.origin().map(str::to_owned).or_else(|| match &value.kind {
        ValueKind::Array(all) => all.first().and_then(origin_of),
        _ => None,
    })
}

/// A value as a person would write it.
pub(super) fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Array(all) => {
            let all: Vec<String> = all.iter().map(shown).collect();
            format!("[{}]", all.join(", "))
        }
        ValueKind::Table(_) => "a section".to_owned(),
        other => other.to_string(),
    }
}
