//! The modems: all on one page, those that need a person first. What is done with one is on a page of its own.

mod add;
mod call;
mod lines;
mod one;
mod sought;

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Response};
use contracts::PoolId;
use contracts::config_kv::Gateway;
use contracts::modem::ModemState;

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::notice::Notice;
use super::parts::{LimitBar, ModemCard, ModemRow, Online};
use super::visit::Visit;
use crate::acts::{gateway, modem};
use crate::app::App;
use crate::power::Power;
use crate::words::Words;
pub(super) use add::show as show_add;
pub(super) use call::call;
pub(super) use lines::show as show_lines;
pub(super) use one::show as show_one;
pub(super) use sought::urgency;
use sought::{Choice, Query as Written, Sought};

/// Up to so many modems each has a card; more are lines of a list.
const FEW: usize = 12;
/// The most cards above such a list, of modems that need a person.
const MOST_CARDS: usize = 6;
/// The most lines of such a list: the page stays below 100 kB.
const MOST_ROWS: usize = 220;
/// The most pools to choose from.
const MOST_CHOICES: usize = 50;
/// How many modems there are before a search is of use.
const MANY: usize = 4;

#[derive(Template)]
#[template(path = "modems.html")]
struct ModemsPage {
    w: Words,
    frame: Frame,
    online: Online,
    cards: Vec<ModemCard>,
    /// In place of a card for each, where they are many.
    rows: Option<Vec<ModemRow>>,
    /// That the list ends before the last one.
    more: Option<String>,
    /// What is looked for; none: there are too few to look for one.
    search: Option<Search>,
    /// All are shown, so one that appears later is added.
    is_all: bool,
    /// Whether a modem can be added.
    adds: bool,
    /// What is done to the gateway as a whole, for who may do that.
    gateway: Option<Gateway>,
}

struct Search {
    q: String,
    states: Vec<Choice>,
    pools: Vec<Choice>,
    /// How many of how many are shown.
    found: String,
}

/// Whether words are said of a modem: its name, its number, its port, its host or its network.
pub(super) fn is_said_of(words: &str, modem: &ModemState) -> bool {
    Sought::of_words(words).takes(modem)
}

/// `GET /modems`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(written): Query<Written>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    let sought = Sought::read(&written).ok_or(Failure::Malformed)?;
    let modems = modem::list(&app, authority).await?;
    let csrf = authority.may(Power::ModemsOperate).then_some(visit.csrf.as_str());
    let gateway = match csrf {
        Some(_) => Some(gateway::now(&app, authority).await?),
        None => None,
    };
    let mut shown: Vec<&ModemState> = modems.iter().filter(|modem| sought.takes(modem)).collect();
    // Those of one urgency stay by name.
    shown.sort_by_key(|modem| urgency(modem).unwrap_or(u8::MAX));
    let are_many = shown.len() > FEW;
    let cards = shown.iter().filter(|modem| !are_many || urgency(modem).is_some());
    let cards = cards.take(if are_many { MOST_CARDS } else { FEW });
    let rows = shown.iter().take(MOST_ROWS).map(|modem| ModemRow::of(w, modem));
    let left = shown.len().saturating_sub(MOST_ROWS);
    html(&ModemsPage {
        w,
        frame,
        online: Online::of(w, &modems, app.clock.now()),
        cards: cards.map(|modem| card(&app, w, modem, csrf)).collect(),
        rows: are_many.then(|| rows.collect()),
        more: (left > 0).then(|| w.modems_more(left)),
        search: (modems.len() >= MANY || !sought.is_all()).then(|| Search {
            q: sought.words().to_owned(),
            states: sought.states(w),
            pools: sought.pools(w, &pools(&modems)),
            found: w.modems_found(modems.len(), shown.len()),
        }),
        is_all: sought.is_all(),
        adds: csrf.is_some(),
        gateway,
    })
}

/// The card of a modem, with what the portal knows beside its state.
pub(super) fn card(app: &App, w: Words, modem: &ModemState, csrf: Option<&str>) -> ModemCard {
    let limits = modem.sim.as_ref().map_or_else(Vec::new, |sim| {
        let (set, used) = (app.directory.sim(sim.id).limits, app.sim_usage.of(sim.id));
        LimitBar::all(w, &set, &used, app.clock.now())
    });
    let hour = app.fleet.signals(modem.id);
    ModemCard::of(w, modem, csrf).with_signals(&hour).with_limits(limits)
}

fn pools(modems: &[ModemState]) -> BTreeSet<PoolId> {
    let all: BTreeSet<&PoolId> = modems.iter().flat_map(|modem| &modem.pools).collect();
    all.into_iter().take(MOST_CHOICES).cloned().collect()
}

/// `POST /gateway/{suspend,isolate,resume}`: leads to the page of the modems.
pub(super) async fn gateway(
    State(app): State<App>,
    Path(call): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let (authority, w) = (form.visit.authority()?, form.visit.words);
    let words = match call.as_str() {
        "suspend" => gateway::suspend(&app, authority).await.map(|_| w.gateway_did_suspend()),
        "isolate" => gateway::isolate(&app, authority).await.map(|_| w.gateway_did_isolate()),
        "resume" => gateway::resume(&app, authority).await.map(|_| w.gateway_did_resume()),
        _ => return Err(Failure::NotFound),
    };
    Ok(form.visit.lead_to("/modems#gateway", Notice::done(words?)))
}
