//! What people set, as one document.

use api::{
    CheckConfiguration, CheckedConfiguration, Configuration, ConfigurationChange,
    ConfigurationFault, ConfigurationLeftOut, ImportedConfiguration, NewConfiguration,
    ShowConfiguration,
};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::body::{CheckedJson, CheckedQuery};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::configuration::{self, Change, Flaw, NotImported, NotTaken};
use crate::app::App;

/// `GET /configuration`.
pub(super) async fn show(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(wanted): CheckedQuery<ShowConfiguration>,
) -> Answer<Json<Configuration>> {
    let has_opt_outs = wanted.optouts.unwrap_or(false);
    let shown = configuration::show(&app, &authority, has_opt_outs).await?;
    let left_out = shown
        .left_out
        .into_iter()
        .map(|(kind, why)| ConfigurationLeftOut { kind: kind.to_string(), why: sentence(&why) });
    let (version, document) = (shown.version, shown.document);
    Ok(Json(Configuration { version, document, left_out: left_out.collect() }))
}

/// `POST /configuration/check`.
pub(super) async fn check(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(wanted): CheckedJson<CheckConfiguration>,
) -> Answer<Json<CheckedConfiguration>> {
    let CheckConfiguration { document, prune } = wanted;
    let plan = configuration::check(&app, &authority, &document, prune).await?;
    Ok(Json(CheckedConfiguration {
        version: plan.version,
        changes: plan.changes.into_iter().map(change).collect(),
        faults: plan.flaws.into_iter().map(fault).collect(),
        warnings: plan.warnings.into_iter().map(fault).collect(),
    }))
}

/// `PUT /configuration`.
pub(super) async fn import(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(wanted): CheckedJson<NewConfiguration>,
) -> Answer<Json<ImportedConfiguration>> {
    let NewConfiguration { document, version, prune } = wanted;
    let how = (prune, version.as_str());
    let imported = configuration::import(&app, &authority, &document, how).await?;
    Ok(Json(ImportedConfiguration {
        done: imported.done.into_iter().map(change).collect(),
        left: u64::try_from(imported.left).unwrap_or(u64::MAX),
        version: imported.version,
    }))
}

fn change(change: Change) -> ConfigurationChange {
    ConfigurationChange {
        kind: change.kind.to_string(),
        action: change.sign.to_string(),
        name: change.name,
        words: change.words,
    }
}

fn fault(flaw: Flaw) -> ConfigurationFault {
    let Flaw { place, text, remedy } = flaw;
    ConfigurationFault { place, text, remedy }
}

impl From<NotImported> for Problem {
    fn from(refused: NotImported) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotImported::Read(error) => error.into(),
            NotImported::Wrong(flaws) => {
                let first = flaws
                    .first()
                    .map(|one| format!(" The first: {}. {} {}", one.place, one.text, one.remedy));
                let all: Vec<Value> = flaws
                    .iter()
                    .map(
                        |one| json!({ "place": one.place, "text": one.text, "remedy": one.remedy }),
                    )
                    .collect();
                let detail = format!("{detail}{}", first.unwrap_or_default());
                Self::new(Code::ConfigurationInvalid, detail).with("faults", all)
            }
            NotImported::Stopped { why: NotTaken::Store(error), .. } => error.into(),
            NotImported::Stopped { why: NotTaken::Denied(denied), done, .. } => {
                Self::from(denied).with("done", done)
            }
            NotImported::Meanwhile { done } | NotImported::Stopped { done, .. } => {
                Self::new(Code::ConfigurationChanged, detail).with("done", done)
            }
        }
    }
}
