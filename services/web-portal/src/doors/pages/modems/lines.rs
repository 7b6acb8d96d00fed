//! What a modem and its driver said to each other last, newest first, live for two minutes when asked for.
//!
//! The page loads itself again (the header `Refresh`), which needs no JavaScript and no connection that stays open, and
//! counts down in its address, so that one that is left open ends by itself. Rejected: parts of the page by events, for which each line
//! of each modem would go over the broker while nobody looks.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use contracts::ModemId;
use contracts::control::{Call, LinesReply, SerialLine};
use serde::Deserialize;
use serde_json::json;

use super::call::refused;
use crate::acts::modem;
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::frame::{Frame, html};
use crate::doors::pages::hostile::Hostile;
use crate::doors::pages::parts::When;
use crate::doors::pages::visit::Visit;
use crate::words::Words;

/// How often the page loads itself again, and how long after each time.
const ROUNDS: u8 = 60;
const EACH_SECONDS: u8 = 2;
/// How long a driver may take to answer.
const TOLD: Duration = Duration::from_secs(5);
/// Lines that are shown, and characters of each: a driver of another version may send more.
const MOST_LINES: usize = 100;
const LONGEST: usize = 160;

#[derive(Template)]
#[template(path = "modem_lines.html")]
struct LinesPage {
    w: Words,
    frame: Frame,
    id: ModemId,
    name: String,
    lines: Vec<Line>,
    /// Why there are none.
    trouble: Option<Hostile>,
    live: bool,
}

struct Line {
    at: When,
    written: bool,
    text: Hostile,
}

impl Line {
    fn of(line: &SerialLine) -> Self {
        let text = line.text.chars().take(LONGEST).collect();
        Self { at: When(line.at), written: line.written, text: Hostile(text) }
    }
}

/// How often the page is still to load itself again.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::doors::pages) struct Watch {
    live: String,
}

impl Watch {
    /// As the address has it; what is no such number is none.
    fn rounds(&self) -> u8 {
        self.live.parse().unwrap_or(0).min(ROUNDS)
    }
}

/// `GET /modems/{id}/lines`.
pub(in crate::doors::pages) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    Query(watch): Query<Watch>,
) -> Result<Response, Failure> {
    let id: ModemId = id.parse().map_err(|_| Failure::NotFound)?;
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame { path: format!("/modems/{id}/lines"), ..Frame::of(&app, &visit).await };
    let modem = modem::find(&app, authority, id).await?.ok_or(Failure::NotFound)?;
    let asked = modem::ask::<LinesReply>(&app, authority, id, Call::Lines, &json!({}), TOLD).await;
    let (lines, trouble) = match asked {
        Ok(reply) => {
            let newest = reply.lines.into_iter().rev().take(MOST_LINES);
            (newest.map(|line| Line::of(&line)).collect(), None)
        }
        Err(error) => (Vec::new(), Some(Hostile(refused(w, error)?.text))),
    };
    let rounds = watch.rounds();
    let page = LinesPage { w, frame, id, name: modem.name, lines, trouble, live: rounds > 0 };
    let page = html(&page)?;
    if rounds == 0 {
        return Ok(page.into_response());
    }
    let next = match rounds - 1 {
        0 => format!("{EACH_SECONDS}; url=/modems/{id}/lines"),
        rest => format!("{EACH_SECONDS}; url=/modems/{id}/lines?live={rest}"),
    };
    Ok(([(header::REFRESH, next)], page).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_left_open_ends_by_itself() {
        let rounds = |live: &str| Watch { live: live.to_owned() }.rounds();
        assert_eq!((rounds(""), rounds("60"), rounds("7")), (0, 60, 7));
        assert_eq!((rounds("200"), rounds("1000"), rounds("-1"), rounds("x")), (60, 0, 0, 0));
    }
}
