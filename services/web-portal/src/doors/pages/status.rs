//! How the gateway is, for those who operate it: what is wrong, what to do about it, and where the messages are.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use contracts::alert::{Alert, AlertKind};
use store::{COUNTED, Queued};

use super::failure::Failure;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::parts::{Sentence, When, state_words, within};
use super::visit::Visit;
use crate::acts::alert::{self, Status};
use crate::app::App;
use crate::words::Words;

/// Alerts of the page, those that are over among them.
const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    w: Words,
    frame: Frame,
    open: Vec<AlertRow>,
    over: Vec<AlertRow>,
    queue: Vec<QueueRow>,
}

/// An alert.
struct AlertRow {
    title: Hostile,
    since: Sentence,
    /// What to do, in the reader's language.
    advice: String,
    /// In the gateway's own words.
    words: Hostile,
    /// The page where something can be done about it.
    page: &'static str,
}

/// The messages in one state.
struct QueueRow {
    name: String,
    count: String,
    oldest: Option<When>,
}

/// `GET /status`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    // Whatever is open is shown, however much was wrong lately.
    let Status { alerts: open, queue } = alert::status(&app, authority, false, ROWS).await?;
    let all = alert::status(&app, authority, true, ROWS).await?.alerts;
    let over = all.iter().filter(|alert| alert.closed_at.is_some());
    html(&StatusPage {
        w,
        frame: Frame::of(&app, &visit).await,
        open: open.iter().map(|alert| AlertRow::of(w, alert)).collect(),
        over: over.map(|alert| AlertRow::of(w, alert)).collect(),
        queue: queue.into_iter().map(|queued| QueueRow::of(w, queued)).collect(),
    })
}

impl AlertRow {
    fn of(w: Words, alert: &Alert) -> Self {
        let (title, advice, page) = words(w, alert);
        let since = match alert.closed_at {
            Some(closed) => w.alert_over(within(alert.opened_at), within(closed)),
            None => w.alert_since(within(alert.opened_at)),
        };
        Self {
            title: Hostile(title),
            since: Sentence(since),
            advice,
            words: Hostile(format!("{} {}", alert.text, alert.advice)),
            page,
        }
    }
}

impl QueueRow {
    fn of(w: Words, queued: Queued) -> Self {
        let count = match queued.count {
            count if count > COUNTED => w.status_more(COUNTED),
            count => count.to_string(),
        };
        let name = state_words(w, queued.state);
        Self { name, count, oldest: queued.oldest.map(When) }
    }
}

/// What is wrong, what to do about it, and the page for that.
fn words(w: Words, alert: &Alert) -> (String, String, &'static str) {
    let name = alert.name.clone();
    match alert.kind {
        AlertKind::ModemOffline => {
            (w.alert_modem_offline(name), w.alert_modem_offline_advice(), "/modems")
        }
        AlertKind::ModemSick => (w.alert_modem_sick(name), w.alert_modem_sick_advice(), "/modems"),
        AlertKind::BalanceLow => {
            (w.alert_balance_low(name), w.alert_balance_low_advice(), "/modems")
        }
        AlertKind::QueueOld if alert.subject == "bulk" => {
            (w.alert_bulk_old(), w.alert_queue_old_advice(), "/sent")
        }
        AlertKind::QueueOld => (w.alert_queue_old(), w.alert_queue_old_advice(), "/sent"),
        AlertKind::FailureRate => (w.alert_failure_rate(), w.alert_failure_rate_advice(), "/sent"),
        AlertKind::DeadLetters => {
            (w.alert_dead_letters(), w.alert_dead_letters_advice(), "/status")
        }
        AlertKind::DiskLow => (w.alert_disk_low(), w.alert_disk_low_advice(), "/status"),
        AlertKind::BrokerFull => (w.alert_broker_full(name), w.alert_broker_full_advice(), "/sent"),
        AlertKind::SimBlocked => {
            (w.alert_sim_blocked(name), w.alert_sim_blocked_advice(), "/modems")
        }
        AlertKind::QuotaLow => (w.alert_quota_low(name), w.alert_quota_low_advice(), "/modems"),
        AlertKind::MessageStuck => {
            let words = match alert.subject.as_str() {
                "held" => w.alert_stuck_held(),
                "sending" => w.alert_stuck_sending(),
                _ => w.alert_stuck_uncertain(),
            };
            (words, w.alert_stuck_advice(), "/sent")
        }
        AlertKind::LoopStopped => {
            (w.alert_loop_stopped(), w.alert_loop_stopped_advice(), "/services")
        }
        AlertKind::Unknown => (alert.text.clone(), alert.advice.clone(), "/status"),
    }
}
