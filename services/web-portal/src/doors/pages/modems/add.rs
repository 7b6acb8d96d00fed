//! A modem on its way into use: what was found at each port, what it answered, and what the next step is.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use contracts::ModemId;
use contracts::modem::ModemState;

use super::sought::urgency;
use super::{MOST_CARDS, card};
use crate::acts::modem;
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::frame::{Frame, html};
use crate::doors::pages::hostile::Hostile;
use crate::doors::pages::parts::{ModemCard, status_words};
use crate::doors::pages::visit::Visit;
use crate::words::Words;

/// The most ports that are listed.
const MOST_PORTS: usize = 100;
/// Characters of a make, or of what is wrong, that are shown.
const LONGEST: usize = 80;

#[derive(Template)]
#[template(path = "modem_add.html")]
struct AddPage {
    w: Words,
    frame: Frame,
    /// Those that ask for something: a PIN, a number, a service centre.
    cards: Vec<ModemCard>,
    found: Vec<Found>,
    more: Option<String>,
}

/// A port that a driver looks after.
struct Found {
    id: ModemId,
    port: Hostile,
    /// What answered there: make and model; none: nothing did.
    answered: Option<Hostile>,
    status: String,
    /// It sends, so it can be tried.
    tries: bool,
}

impl Found {
    fn of(w: Words, modem: &ModemState) -> Self {
        let make = format!("{} {}", modem.manufacturer, modem.model);
        let make: String = make.trim().chars().take(LONGEST).collect();
        let answers = !make.is_empty() || modem.imei.is_some();
        let make = if make.is_empty() { w.modems_add_a_modem() } else { make };
        Self {
            id: modem.id,
            port: Hostile(w.modems_port_at(modem.host.clone(), modem.port.clone())),
            answered: answers.then_some(Hostile(make)),
            status: status_words(w, modem.status),
            tries: modem.status.is_online(),
        }
    }
}

/// Whether it asks for something that is said on its card, or for something to be done.
fn asks(modem: &ModemState) -> bool {
    let has_no_number = modem.sim.as_ref().is_some_and(|sim| sim.number.is_none());
    has_no_number || urgency(modem).is_some()
}

/// `GET /modems/add`.
pub(in crate::doors::pages) async fn show(
    State(app): State<App>,
    visit: Visit,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame { path: "/modems/add".to_owned(), ..Frame::of(&app, &visit).await };
    let mut modems = modem::list(&app, authority).await?;
    // Who came last is on top; those that came at one time stay by name.
    modems.sort_by_key(|modem| std::cmp::Reverse(modem.since));
    let csrf = Some(visit.csrf.as_str());
    let asking = modems.iter().filter(|modem| asks(modem)).take(MOST_CARDS);
    let left = modems.len().saturating_sub(MOST_PORTS);
    html(&AddPage {
        w,
        frame,
        cards: asking.map(|modem| card(&app, w, modem, csrf)).collect(),
        found: modems.iter().take(MOST_PORTS).map(|modem| Found::of(w, modem)).collect(),
        more: (left > 0).then(|| w.modems_more(left)),
    })
}
