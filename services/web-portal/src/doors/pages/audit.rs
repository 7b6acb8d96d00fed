//! What was done, by whom and from where, for administrators: sentences, with what was before and after behind a fold.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{AuditAction, AuditActorKind, AuditEntry, AuditPlace, AuditVerdict};

use super::failure::Failure;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::lists::file;
use super::parts::{When, days};
use super::visit::Visit;
use crate::acts::audit::{self, NotShown, Shown, Wanted};
use crate::acts::export;
use crate::app::App;
use crate::words::Words;

/// Entries of one page.
const ROWS: u32 = 25;
/// Changes that a sentence tells itself.
const IN_SENTENCE: usize = 3;
/// The most characters of a value in a sentence.
const SHORT: usize = 60;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    first: bool,
    more: Option<String>,
    csv: String,
    asked: Listing,
    actions: Vec<Choice>,
    verdict: Option<Verdict>,
}

/// An action that can be looked for.
struct Choice {
    word: &'static str,
    is_chosen: bool,
}

/// What came of looking at the chain.
struct Verdict {
    words: String,
    is_bad: bool,
}

/// An entry in the list.
struct Row {
    at: When,
    sentence: Hostile,
    /// The first of the changes, as they stand in the sentence.
    short: Vec<Hostile>,
    facts: Vec<Fact>,
    changes: Vec<Change>,
}

/// Something about an entry.
struct Fact {
    name: String,
    value: Hostile,
}

/// A field that was changed.
struct Change {
    field: Hostile,
    before: Hostile,
    after: Hostile,
}

/// What is looked for, and where the page begins.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Listing {
    user: String,
    action: String,
    subject: String,
    from: String,
    to: String,
    before: String,
    /// `yes`: the chain is looked at, too.
    check: String,
}

impl Listing {
    fn wanted(&self) -> Result<Wanted, Failure> {
        let (since, until) = days(&self.from, &self.to).ok_or(Failure::Malformed)?;
        Ok(Wanted {
            actor: self.user.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
            since,
            until,
        })
    }

    /// The address of the list, or of what else is at `path`, with what is looked for.
    fn address(&self, path: &str, before: Option<AuditPlace>) -> String {
        let before = before.map(|before| before.to_string()).unwrap_or_default();
        let fields = [
            ("user", &self.user),
            ("action", &self.action),
            ("subject", &self.subject),
            ("from", &self.from),
            ("to", &self.to),
            ("before", &before),
        ];
        let mut filled = fields.into_iter().filter(|(_, value)| !value.is_empty()).peekable();
        if filled.peek().is_none() {
            return path.to_owned();
        }
        let mut query =
            url::form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1);
        query.extend_pairs(filled).finish()
    }
}

/// `GET /audit`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Listing>,
) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let wanted = asked.wanted()?;
    let before = Some(asked.before.as_str()).filter(|before| !before.is_empty());
    let before = before.map(str::parse::<AuditPlace>).transpose();
    let before = before.map_err(|_| Failure::Malformed)?;
    let Shown { entries, next } = audit::list(&app, authority, &wanted, before, ROWS).await?;
    let verdict = match asked.check.as_str() {
        "yes" => Some(Verdict::of(w, &audit::verify(&app, authority, 0).await?)),
        _ => None,
    };
    html(&AuditPage {
        w,
        frame: Frame { path: asked.address("/audit", None), ..Frame::of(&app, &visit).await },
        rows: entries.iter().map(|entry| Row::of(w, entry)).collect(),
        first: before.is_none(),
        more: next.map(|next| asked.address("/audit", Some(next))),
        csv: asked.address("/audit.csv", None),
        actions: AuditAction::ALL
            .into_iter()
            .map(|action| Choice {
                word: action.as_str(),
                is_chosen: asked.action == action.as_str(),
            })
            .collect(),
        asked,
        verdict,
    })
}

/// `GET /audit.csv`: all of the list.
pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Listing>,
) -> Result<Response, Failure> {
    let csv = export::audit_log(&app, visit.authority()?, &asked.wanted()?).await?;
    Ok(file("attachment; filename=\"audit.csv\"", csv))
}

impl Verdict {
    fn of(w: Words, verdict: &AuditVerdict) -> Self {
        let words = match verdict.broken {
            Some((sequence, _)) => w.audit_broken(sequence),
            None if verdict.more => w.audit_whole_so_far(verdict.through),
            None => w.audit_whole(verdict.checked),
        };
        Self { words, is_bad: verdict.broken.is_some() }
    }
}

impl Row {
    fn of(w: Words, entry: &AuditEntry) -> Self {
        let changes = changes(&entry.before, &entry.after);
        let short = changes.iter().take(IN_SENTENCE).map(|(field, before, after)| {
            let field = field.replace(['.', '_'], " ");
            let (before, after) = (cut(before), cut(after));
            Hostile(match (before.is_empty(), after.is_empty()) {
                (true, _) => format!("{field}: {after}"),
                (_, true) => format!("{field}: {before} → –"),
                _ => format!("{field}: {before} → {after}"),
            })
            .short(Hostile::NAME)
        });
        Self {
            at: When(entry.at),
            sentence: Hostile(sentence(w, entry)).short(Hostile::ABOUT),
            short: short.collect(),
            facts: facts(w, entry),
            changes: changes
                .into_iter()
                .map(|(field, before, after)| Change {
                    field: Hostile(field),
                    before: Hostile(before).short(Hostile::CHOICE),
                    after: Hostile(after).short(Hostile::CHOICE),
                })
                .collect(),
        }
    }
}

/// What was done, in a sentence.
fn sentence(w: Words, entry: &AuditEntry) -> String {
    let kind = entry.actor_kind.parse::<AuditActorKind>();
    let who = match kind {
        Ok(AuditActorKind::Local) => w.audit_local(),
        Ok(AuditActorKind::Setup) => w.audit_setup(entry.actor_name.clone()),
        Ok(AuditActorKind::Invited) => w.audit_invited(entry.actor_name.clone()),
        Ok(AuditActorKind::Key) => w.audit_program(entry.actor_name.clone()),
        Ok(AuditActorKind::User | AuditActorKind::Service | AuditActorKind::Stranger) | Err(_) => {
            entry.actor_name.clone()
        }
    };
    let what = if entry.subject_name.is_empty() { &entry.subject } else { &entry.subject_name };
    w.audit_done(entry.action.clone(), entry.action.replace('.', "-"), what.clone(), who)
}

/// All else that is known of an entry.
fn facts(w: Words, entry: &AuditEntry) -> Vec<Fact> {
    let known = [
        (w.audit_from(), entry.address.clone().unwrap_or_default()),
        (w.audit_door(), entry.door.clone()),
        (w.audit_key(), entry.actor_key.clone().unwrap_or_default()),
        (w.audit_subject(), entry.subject.clone()),
        (w.audit_action(), entry.action.clone()),
        (w.audit_sequence(), entry.sequence.to_string()),
        (w.audit_hash(), entry.hash.clone()),
    ];
    let known = known.into_iter().filter(|(_, value)| !value.is_empty());
    known.map(|(name, value)| Fact { name, value: Hostile(value) }).collect()
}

/// The fields that were changed, each as it was and as it is; empty: it was or is not there.
fn changes(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Vec<(String, String, String)> {
    let text = |value: Option<&Value>| match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let names = after.keys().chain(gone);
    names.map(|name| (name.clone(), text(before.get(name)), text(after.get(name)))).collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHORT {
        return text.to_owned();
    }
    text.chars().take(SHORT - 1).chain(['…']).collect()
}

impl From<NotShown> for Failure {
    fn from(refused: NotShown) -> Self {
        match refused {
            NotShown::Denied(denied) => denied.into(),
            NotShown::NoSuchAction(_) | NotShown::Beyond { .. } => Self::Malformed,
            NotShown::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::words::Language;

    fn entry(action: &str, name: &str) -> AuditEntry {
        AuditEntry {
            sequence: 1,
            at: Timestamp::from_micros(0),
            actor_kind: "user".to_owned(),
            actor: "usr_1".to_owned(),
            actor_name: "Ani".to_owned(),
            actor_key: None,
            door: "page".to_owned(),
            address: Some("203.0.113.7".to_owned()),
            action: action.to_owned(),
            subject: "sim_1".to_owned(),
            subject_name: name.to_owned(),
            before: Map::new(),
            after: Map::new(),
            previous: String::new(),
            hash: String::new(),
        }
    }

    /// An action that a language has no words for would be shown by its word.
    #[test]
    fn every_action_has_a_sentence_in_every_language() {
        for language in Language::ALL {
            let w = Words::of(language);
            for action in AuditAction::ALL {
                let said = sentence(w, &entry(action.as_str(), "X"));
                assert!(said.contains("Ani"), "{action}: {said}");
                assert!(!said.contains(action.as_str()), "{action} has no words: {said}");
            }
            // That of a later version is shown as it is.
            assert!(sentence(w, &entry("moon.reached", "X")).contains("moon.reached"));
        }
    }

    #[test]
    fn a_sentence_tells_what_was_changed() {
        let mut limits = entry("sim.limits.changed", "+628…789");
        limits.before = json!({ "limits.per_hour": 100 }).as_object().unwrap().clone();
        limits.after = json!({ "limits.per_hour": 50 }).as_object().unwrap().clone();
        let row = Row::of(Words::of(Language::English), &limits);
        assert_eq!(row.sentence.0, "Ani changed how much the SIM +628…789 may send");
        assert_eq!(row.short[0].0, "limits per hour: 100 → 50");
    }

    #[test]
    fn what_others_wrote_is_no_markup() {
        let hostile = entry("contact.removed", "<script>alert(1)</script>\u{202e}");
        let row = Row::of(Words::of(Language::Indonesian), &hostile);
        let shown = row.sentence.to_string();
        assert!(!shown.contains("<script"), "{shown}");
        assert!(shown.contains("U+202E"), "{shown}");
    }
}
