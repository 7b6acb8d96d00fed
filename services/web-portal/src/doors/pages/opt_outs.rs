//! Who is sent nothing: a list, and a form by which administrators put numbers out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::PhoneNumber;
use serde::Deserialize;
use store::{OptOutChange, OptOutSource};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::notice::Notice;
use super::parts::When;
use super::visit::Visit;
use crate::acts::opt_out::{self, MOST_NUMBERS, NotChanged};
use crate::app::App;
use crate::power::Power;
use crate::words::Words;

/// Numbers of one page.
const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "opt_outs.html")]
struct OptOutsPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    first: bool,
    more: Option<String>,
    numbers: String,
    may_change: bool,
    error: Option<String>,
}

/// A number in the list.
struct Row {
    number: PhoneNumber,
    how: String,
    since: When,
}

/// Where the page begins.
#[derive(Default, Deserialize)]
pub(super) struct Listing {
    #[serde(default)]
    after: Option<String>,
}

/// `GET /optouts`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    page(&app, &visit, listing, "", None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    listing: Listing,
    numbers: &str,
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let after = listing.after.as_deref().map(PhoneNumber::parse).transpose();
    let after = after.map_err(|_| Failure::NotFound)?;
    let (all, more) = opt_out::list(app, authority, after.as_ref(), ROWS).await?;
    let last = all.last().filter(|_| more).map(|last| last.number.as_str());
    let more = last.map(|last| {
        let mut query =
            url::form_urlencoded::Serializer::for_suffix("/optouts?".to_owned(), "/optouts?".len());
        query.append_pair("after", last).finish()
    });
    html(&OptOutsPage {
        w,
        frame: Frame { path: "/optouts".to_owned(), ..Frame::of(app, visit).await },
        rows: all.into_iter().map(|change| row(w, change)).collect(),
        first: after.is_none(),
        more,
        numbers: numbers.to_owned(),
        may_change: authority.may(Power::OptOutsManage),
        error,
    })
}

fn row(w: Words, change: OptOutChange) -> Row {
    let how = match change.source {
        OptOutSource::Message => w.opt_outs_asked(),
        OptOutSource::Account => w.opt_outs_said(),
        OptOutSource::Import => w.opt_outs_imported(),
    };
    Row { number: change.number, how, since: When(change.at) }
}

/// `POST /optouts`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let written = form.field("numbers");
    let numbers = written.split(['\n', ',', ';']).map(str::trim).filter(|one| !one.is_empty());
    let numbers: Vec<String> = numbers.map(str::to_owned).collect();
    let source = OptOutSource::Account;
    let words = match opt_out::change(&app, visit.authority()?, &numbers, true, source).await {
        Ok(changed) => {
            let notice = Notice::done(w.opt_outs_added(changed));
            return Ok(visit.lead_to("/optouts", notice));
        }
        Err(NotChanged::Count) => w.opt_outs_bad_count(MOST_NUMBERS),
        Err(NotChanged::NoNumbers(wrong)) => w.opt_outs_no_numbers(wrong.join(", ")),
        Err(NotChanged::Denied(denied)) => return Err(denied.into()),
        Err(NotChanged::Store(error)) => return Err(error.into()),
    };
    let page = page(&app, visit, Listing::default(), written, Some(words)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// `POST /optouts/remove`.
pub(super) async fn remove(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let number = [form.field("number").to_owned()];
    let source = OptOutSource::Account;
    match opt_out::change(&app, visit.authority()?, &number, false, source).await {
        Ok(_) => Ok(visit.lead_to("/optouts", Notice::done(w.opt_outs_removed()))),
        Err(NotChanged::Denied(denied)) => Err(denied.into()),
        Err(NotChanged::Store(error)) => Err(error.into()),
        Err(NotChanged::Count | NotChanged::NoNumbers(_)) => Err(Failure::NotFound),
    }
}
