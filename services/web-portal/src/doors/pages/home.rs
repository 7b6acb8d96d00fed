//! The first page: write, see the modems, and watch what happens.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use contracts::modem::ModemState;
use contracts::mt::{Body, Encoding};
use contracts::{PoolId, SimId, TemplateId, Timestamp};
use serde::Deserialize;
use store::{InboxFilter, MessageFilter, NamePage, Page};

use super::failure::Failure;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::modems::urgency;
use super::parts::{
    Compose, Counter, Fold, Letters, ModemChip, Online, RowReceived, RowSent, SendFrom, Sheet,
    TemplateAtHand, empty_count, zone,
};
use super::visit::Visit;
use crate::acts::draft::Draft;
use crate::acts::waiting::Reasons;
use crate::acts::{history, inbox, modem, template};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;
use crate::secret::random_secret;
use crate::words::Words;

/// Messages on the first page.
const LATEST: u32 = 12;
/// The most modems that are shown: the page of the modems has all.
const CHIPS: usize = 24;
/// Templates that are at hand in the form.
const TEMPLATES: u32 = 30;
/// Pools that are at hand in the form.
const POOLS: usize = 100;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    w: Words,
    frame: Frame,
    sheet: Sheet,
    online: Online,
    chips: Vec<ModemChip>,
    /// There are more modems than chips.
    are_many: bool,
    rows: Vec<Row>,
}

/// A message of either direction.
#[derive(Debug)]
enum Row {
    Sent(Box<RowSent>),
    Received(Box<RowReceived>),
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sent(row) => row.fmt(f),
            Self::Received(row) => row.fmt(f),
        }
    }
}

impl askama::filters::HtmlSafe for Row {}

/// What the form begins with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Begin {
    to: String,
    sim: Option<SimId>,
    /// The template that the text begins with.
    template: Option<TemplateId>,
}

/// `GET /`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(begin): Query<Begin>,
) -> Result<Html<String>, Failure> {
    visit.authority()?;
    let mut compose = compose(&app, &visit).await;
    compose.to = begin.to.chars().take(200).collect();
    for sender in &mut compose.senders {
        sender.chosen = begin.sim == Some(sender.sim);
    }
    if let Some(id) = begin.template
        && visit.authority()?.may(Power::TemplatesRead)
        && let Some(template) = template::one(&app, visit.authority()?, id).await?
    {
        let body = Body::Text { text: template.text.clone(), encoding: Encoding::Auto };
        let count = Draft::of(body).count(usize::MAX).unwrap_or_else(|_| empty_count());
        compose.count = Counter::of(visit.words, "count", &count, app.settings.max_parts);
        compose.text = template.text;
    }
    page(&app, &visit, compose).await
}

/// The SIMs the visitor may send through.
pub(super) async fn senders(app: &App, visit: &Visit) -> Vec<SendFrom> {
    let Ok(authority) = visit.authority() else { return Vec::new() };
    let modems = modem::list(app, authority).await.unwrap_or_default();
    modems.iter().filter_map(|modem| sender(app, visit.words, authority, modem)).collect()
}

/// The SIM of a modem as a choice; none: it may not be sent through.
pub(super) fn sender(
    app: &App,
    w: Words,
    authority: &Authority,
    modem: &ModemState,
) -> Option<SendFrom> {
    let (reach, owner) = (authority.reach, authority.owner());
    SendFrom::of(w, modem).filter(|from| app.directory.sends_through(reach, owner, from.sim))
}

/// The pools that modems of the organisation are in, beside the default one.
async fn pools(app: &App, visit: &Visit) -> Vec<PoolId> {
    let Ok(authority) = visit.authority() else { return Vec::new() };
    let modems = modem::list(app, authority).await.unwrap_or_default();
    let usual = PoolId::default_pool();
    let pools: BTreeSet<PoolId> = modems.into_iter().flat_map(|modem| modem.pools).collect();
    pools.into_iter().filter(|pool| *pool != usual).take(POOLS).collect()
}

/// The first templates; none where they cannot be read now, for the form works without them.
async fn templates(app: &App, visit: &Visit) -> Vec<TemplateAtHand> {
    let Ok(authority) = visit.authority() else { return Vec::new() };
    if !authority.may(Power::TemplatesRead) {
        return Vec::new();
    }
    let page = NamePage { after: None, limit: TEMPLATES };
    let (found, _) = template::list(app, authority, None, &page).await.unwrap_or_default();
    let at_hand = |one: store::Template| TemplateAtHand {
        id: one.id,
        name: Hostile(one.name).short(Hostile::CHOICE),
    };
    found.into_iter().map(at_hand).collect()
}

/// The modems that have a chip: all, or of many those that need a person first.
fn at_hand(modems: &[ModemState]) -> impl Iterator<Item = &ModemState> {
    let mut all: Vec<&ModemState> = modems.iter().collect();
    if all.len() > CHIPS {
        // Those of one urgency stay by name.
        all.sort_by_key(|modem| urgency(modem).unwrap_or(u8::MAX));
    }
    all.into_iter().take(CHIPS)
}

/// An empty form.
pub(super) async fn compose(app: &App, visit: &Visit) -> Compose {
    let w = visit.words;
    Compose {
        w,
        csrf: visit.csrf.clone(),
        attempt: random_secret(),
        to: String::new(),
        text: String::new(),
        count: Counter::of(w, "count", &empty_count(), app.settings.max_parts),
        letters: Letters::usual(app.settings.languages),
        senders: senders(app, visit).await,
        pools: pools(app, visit).await,
        templates: templates(app, visit).await,
        fold: Fold::default(),
        usual_zone: zone(app.clock.now()),
        may_schedule: visit.authority().is_ok_and(|authority| {
            authority.may(Power::SchedulesRead) && authority.may(Power::SchedulesWrite)
        }),
        errors: Vec::new(),
        done: None,
    }
}

/// The page with this form, or with what it would send.
pub(super) async fn page(
    app: &App,
    visit: &Visit,
    sheet: impl Into<Sheet>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    // Before anything is read, so that nothing that happens meanwhile is missed.
    let frame = Frame { path: "/".to_owned(), ..Frame::of(app, visit).await };
    let newest = Page { before: None, limit: LATEST };
    let (all_sent, all_received) = (MessageFilter::default(), InboxFilter::default());
    let (sent, received) = tokio::try_join!(
        history::list(app, authority, &all_sent, newest),
        inbox::list(app, authority, &all_received, newest),
    )?;
    let reasons = Reasons::now(app).await;
    let mut rows: Vec<(Timestamp, Row)> = sent
        .messages
        .iter()
        .map(|message| (message.created_at, Row::Sent(Box::new(RowSent::of(w, message, &reasons)))))
        .chain(received.messages.iter().map(|received| {
            let row = RowReceived::of(w, received, &visit.csrf);
            (received.received_at, Row::Received(Box::new(row)))
        }))
        .collect();
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows.truncate(usize::try_from(LATEST).unwrap_or(usize::MAX));
    let modems = modem::list(app, authority).await?;
    html(&HomePage {
        w,
        frame,
        sheet: sheet.into(),
        online: Online::of(w, &modems, app.clock.now()),
        are_many: modems.len() > CHIPS,
        chips: at_hand(&modems).map(|modem| ModemChip::of(w, modem)).collect(),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}
