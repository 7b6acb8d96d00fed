//! Boards that everybody may see, without logging in: as a page, as text, and for programs.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use store::{Entry, PublicBoard};

use super::failure::Failure;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::parts::When;
use super::visit::Visit;
use crate::acts::entry;
use crate::app::App;
use crate::words::Words;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    w: Words,
    frame: Frame,
    name: Hostile,
    path: String,
    entries: Vec<Line>,
}

/// A text of a board.
struct Line {
    at: When,
    /// The sender, of whose number no more is shown than says that two are the same.
    from: Hostile,
    text: Hostile,
}

/// A board for programs.
#[derive(Serialize)]
struct Feed {
    name: String,
    entries: Vec<Told>,
}

/// That there is none, for programs.
#[derive(Serialize)]
struct Refused {
    error: &'static str,
}

/// A text of a board, for programs.
#[derive(Serialize)]
struct Told {
    at: String,
    from: String,
    text: String,
}

/// In which form a board is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Page,
    Text,
    Json,
}

/// `GET /boards/{address}`, with `.txt` or `.json` behind it for the other forms.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(asked): Path<String>,
) -> Result<Response, Failure> {
    let (address, form) = read(&asked);
    if let Err(wait) = app.throttle.look(visit.address) {
        let seconds = wait.as_secs() + 1;
        if form == Form::Page {
            return Err(Failure::TooOften { seconds });
        }
        let wait = [(header::RETRY_AFTER, seconds.to_string())];
        let refused = refused(form, StatusCode::TOO_MANY_REQUESTS, "Look again later.");
        return Ok((wait, refused).into_response());
    }
    let Some(board) = entry::board(&app, address).await? else {
        if form == Form::Page {
            return Err(Failure::NotFound);
        }
        return Ok(refused(form, StatusCode::NOT_FOUND, "There is no board of this address."));
    };
    Ok(match form {
        Form::Text => {
            let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (kind, as_text(&board)).into_response()
        }
        Form::Json => {
            let entries = board.entries.iter().map(told).collect();
            Json(Feed { name: board.name, entries }).into_response()
        }
        Form::Page => {
            let path = format!("/boards/{address}");
            let frame = Frame { path: path.clone(), ..Frame::of(&app, &visit).await };
            let entries = board.entries.iter().map(line).collect();
            let (w, name) = (visit.words, Hostile(board.name));
            html(&BoardPage { w, frame, name, path, entries })?.into_response()
        }
    })
}

/// Why there is no board, in the form that was asked for.
fn refused(form: Form, status: StatusCode, words: &'static str) -> Response {
    match form {
        Form::Json => (status, Json(Refused { error: words })).into_response(),
        Form::Page | Form::Text => {
            let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (status, kind, format!("{words}\n")).into_response()
        }
    }
}

/// The address and the form of what is asked for.
fn read(asked: &str) -> (&str, Form) {
    if let Some(address) = asked.strip_suffix(".txt") {
        return (address, Form::Text);
    }
    match asked.strip_suffix(".json") {
        Some(address) => (address, Form::Json),
        None => (asked, Form::Page),
    }
}

fn line(entry: &Entry) -> Line {
    Line {
        at: When(entry.at),
        from: Hostile(entry.sender.masked()),
        text: Hostile(entry.body.clone()).short(Hostile::ABOUT),
    }
}

fn told(entry: &Entry) -> Told {
    let (at, from) = (entry.at.to_string(), entry.sender.masked());
    Told { at, from, text: entry.body.clone() }
}

/// A line for each text: what would begin another one is a blank.
fn as_text(board: &PublicBoard) -> String {
    let line = |entry: &Entry| {
        let text: String =
            entry.body.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("{} {} {text}\n", entry.at, entry.sender.masked())
    };
    board.entries.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use contracts::{Address, CallbackId, OrgId, Timestamp};

    use super::*;

    #[test]
    fn what_stands_behind_the_address_is_the_form() {
        assert_eq!(read("warga"), ("warga", Form::Page));
        assert_eq!(read("warga.txt"), ("warga", Form::Text));
        assert_eq!(read("warga.json"), ("warga", Form::Json));
        assert_eq!(read(".json"), ("", Form::Json));
    }

    #[test]
    fn a_text_is_one_line_and_no_number_is_whole() {
        let entry = Entry {
            id: CallbackId::derived("1"),
            sender: Address::from_text("+628123456789"),
            asking: None,
            question: 0,
            body: "Banjir\r\ndi pasar".to_owned(),
            is_right: None,
            hidden: false,
            at: Timestamp::from_micros(0),
        };
        let org = OrgId::default_org();
        let board = PublicBoard { org, name: "Warga".to_owned(), entries: vec![entry] };
        let text = as_text(&board);
        assert!(text.ends_with(" Banjir  di pasar\n"), "{text}");
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains("8123456"), "{text}");
    }
}
