//! Rules that say which way messages go: a list in their order, a form for each, and a box to try them.

mod shown;
pub(super) mod words;
mod written;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::routes::{Pool, Routes, Strategy};
use contracts::{PoolId, Priority};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::When;
use super::pieces::Piece;
use super::visit::Visit;
use crate::acts::route::{self, NotChanged, Seen, There};
use crate::acts::way::{self, NotTried, Tried};
use crate::app::App;
use crate::power::Power;
use crate::words::Words;
use shown::{Line, PoolRow, Row};
use written::{Choice, Written, target_of};

/// Rules of one page: each has its forms.
const ROWS: usize = 30;
/// The most of what is wrong with the rules that is named.
const WARNINGS: usize = 20;

#[derive(Template)]
#[template(path = "routes.html")]
struct RoutesPage {
    w: Words,
    frame: Frame,
    version: i64,
    rows: Vec<Row>,
    /// It is the beginning of the list, and the address of what follows.
    first: bool,
    more: Option<String>,
    pools: Vec<PoolRow>,
    warnings: Vec<Hostile>,
    history: Vec<Line>,
    written: Written,
    ways: Vec<Vec<Choice>>,
    errors: Vec<Hostile>,
    may_change: bool,
    tried: Trial,
}

#[derive(Template)]
#[template(path = "route.html")]
struct RoutePage {
    w: Words,
    frame: Frame,
    version: i64,
    place: usize,
    name: Hostile,
    written: Written,
    ways: Vec<Vec<Choice>>,
    errors: Vec<Hostile>,
    may_change: bool,
}

/// A message that was tried, and what would become of it.
#[derive(Default)]
struct Trial {
    to: String,
    account: String,
    text: String,
    said: Option<Hostile>,
    passed: Vec<Hostile>,
}

/// What is shown again because it could not be done.
struct Refused {
    written: Written,
    errors: Vec<String>,
}

/// `GET /routes`.
pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    list_page(&app, &visit, None, Trial::default()).await
}

async fn list_page(
    app: &App,
    visit: &Visit,
    refused: Option<Refused>,
    tried: Trial,
) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let seen = route::list(app, authority).await?;
    let versions = route::versions(app, authority).await?;
    let (written, errors) = match refused {
        Some(Refused { written, errors }) => (written, errors),
        None => (Written::new(), Vec::new()),
    };
    let piece = Piece::of(visit, "/routes", shown::rows(w, &seen), ROWS);
    let warnings = seen.findings.iter().take(WARNINGS).map(|finding| {
        let fault = words::fault(w, &seen.there, &finding.fault);
        Hostile(format!("{}: {fault}", words::place(w, &finding.place)))
    });
    let history = versions.into_iter().map(|(one, by)| Line {
        version: one.version,
        at: When(one.at),
        by: Hostile(by),
        rules: one.rules,
    });
    html(&RoutesPage {
        w,
        frame: Frame { path: "/routes".to_owned(), ..Frame::of(app, visit).await },
        version: seen.version,
        rows: piece.rows,
        first: piece.first,
        more: piece.more,
        pools: shown::pools(w, &seen),
        warnings: warnings.collect(),
        history: history.collect(),
        ways: written.way_choices(w, &seen.there),
        written,
        errors: errors.into_iter().map(Hostile).collect(),
        may_change: authority.may(Power::RoutesManage),
        tried,
    })
}

/// `POST /routes`: a rule behind the others.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let seen = route::list(&app, visit.authority()?).await?;
    let written = Written::from(&form);
    let done = match written.rule(w, &seen.there) {
        Ok(rule) => {
            let mut routes = seen.routes;
            routes.rules.push(rule);
            change(&app, &form, routes, &seen.there).await?
        }
        Err(error) => Err(vec![error]),
    };
    match done {
        Ok(()) => Ok(visit.lead_to("/routes", Notice::done(w.routes_added()))),
        Err(errors) => {
            let refused = Some(Refused { written, errors });
            let page = list_page(&app, visit, refused, Trial::default()).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /routes/{id}`: a rule, by its place.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(place): Path<String>,
) -> Result<Html<String>, Failure> {
    let seen = route::list(&app, visit.authority()?).await?;
    page(&app, &visit, &seen, place_of(&place, &seen.routes)?, None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    seen: &Seen,
    place: usize,
    refused: Option<Refused>,
) -> Result<Html<String>, Failure> {
    let w = visit.words;
    let rule = seen.routes.rules.get(place - 1).ok_or(Failure::NotFound)?;
    let (written, errors) = match refused {
        Some(Refused { written, errors }) => (written, errors),
        None => (Written::of(rule, &seen.there), Vec::new()),
    };
    html(&RoutePage {
        w,
        frame: Frame { path: format!("/routes/{place}"), ..Frame::of(app, visit).await },
        version: seen.version,
        place,
        name: Hostile(rule.name.clone()),
        ways: written.way_choices(w, &seen.there),
        written,
        errors: errors.into_iter().map(Hostile).collect(),
        may_change: visit.authority()?.may(Power::RoutesManage),
    })
}

/// `POST /routes/{id}/{call}`: changes, moves or removes a rule.
pub(super) async fn call(
    State(app): State<App>,
    Path((place, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let seen = route::list(&app, visit.authority()?).await?;
    let at = place_of(&place, &seen.routes)? - 1;
    let mut routes = seen.routes.clone();
    let words = match call.as_str() {
        "change" => {
            let written = Written::from(&form);
            let errors = match written.rule(w, &seen.there) {
                Ok(rule) => {
                    routes.rules[at] = rule;
                    change(&app, &form, routes, &seen.there).await?.err().unwrap_or_default()
                }
                Err(error) => vec![error],
            };
            if !errors.is_empty() {
                let refused = Some(Refused { written, errors });
                let page = page(&app, visit, &seen, at + 1, refused).await?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
            }
            return Ok(visit.lead_to("/routes", Notice::done(w.routes_changed())));
        }
        "remove" => {
            routes.rules.remove(at);
            w.routes_removed()
        }
        "up" if at > 0 => {
            routes.rules.swap(at, at - 1);
            w.routes_moved()
        }
        "down" if at + 1 < routes.rules.len() => {
            routes.rules.swap(at, at + 1);
            w.routes_moved()
        }
        _ => return Err(Failure::NotFound),
    };
    let done = change(&app, &form, routes, &seen.there).await?;
    Ok(visit.lead_to("/routes", told(done, words)))
}

/// `POST /routes/pools`: how the SIMs of a pool share the work.
pub(super) async fn set_pool(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let name: PoolId = form.field("pool").parse().map_err(|_| Failure::Malformed)?;
    let strategy = Strategy::from_name(form.field("strategy"));
    let seen = route::list(&app, visit.authority()?).await?;
    let mut routes = seen.routes;
    match routes.pools.iter_mut().find(|pool| pool.name == name) {
        Some(pool) => pool.strategy = strategy,
        None => routes.pools.push(Pool { name, strategy, weights: Vec::new() }),
    }
    let done = change(&app, &form, routes, &seen.there).await?;
    Ok(visit.lead_to("/routes", told(done, w.routes_changed())))
}

/// `POST /routes/undo`: the rules are like those of an earlier version again.
pub(super) async fn undo(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let version = match form.field("to-version") {
        "" => None,
        version => Some(version.parse().map_err(|_| Failure::Malformed)?),
    };
    let now = version_of(&form)?;
    let done = match route::restore(&app, visit.authority()?, version, Some(now)).await {
        Ok(_) => Ok(()),
        Err(refused) => Err(refusal(w, None, refused)?),
    };
    Ok(visit.lead_to("/routes", told(done, w.routes_undone())))
}

/// `POST /routes/test`: the list with the way that a message would go.
pub(super) async fn test(State(app): State<App>, form: Form) -> Result<Html<String>, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let field = |name: &str| form.field(name).trim().to_owned();
    let (to, account, text) = (field("tried-to"), field("tried-account"), field("tried-text"));
    let tried = Tried {
        to: to.clone(),
        text: Some(text.clone()),
        account: (!account.is_empty()).then(|| account.clone()),
        priority: form.field("tried-priority").parse::<Priority>().unwrap_or_default(),
        key: None,
        tag: None,
        sender: None,
        named: target_of(form.field("tried-way")),
        at: None,
    };
    let (said, passed) = match way::of(&app, visit.authority()?, &tried).await {
        Ok(would) => {
            let passed = would
                .passed
                .iter()
                .map(|(rule, why)| Hostile(w.routes_passed(rule.clone(), words::miss(w, *why))));
            (words::would(w, &would), passed.collect())
        }
        Err(NotTried::Denied(denied)) => return Err(denied.into()),
        Err(NotTried::Store(error)) => return Err(error.into()),
        Err(NotTried::NoNumber(_)) => (w.routes_no_number(), Vec::new()),
        Err(NotTried::NoSuchUser(name)) => (w.routes_no_such_user(name), Vec::new()),
    };
    let tried = Trial { to, account, text, said: Some(Hostile(said)), passed };
    list_page(&app, visit, None, tried).await
}

/// Puts rules in the place of those that the form was made of. What is wrong is said in words.
async fn change(
    app: &App,
    form: &Form,
    routes: Routes,
    there: &There,
) -> Result<Result<(), Vec<String>>, Failure> {
    let (visit, version) = (&form.visit, version_of(form)?);
    match route::change(app, visit.authority()?, routes, version).await {
        Ok(_) => Ok(Ok(())),
        Err(refused) => refusal(visit.words, Some(there), refused).map(Err),
    }
}

fn version_of(form: &Form) -> Result<i64, Failure> {
    form.field("version").parse().map_err(|_| Failure::Malformed)
}

/// Why nothing was changed; what no form can mend is a failure.
fn refusal(w: Words, there: Option<&There>, refused: NotChanged) -> Result<Vec<String>, Failure> {
    Ok(match refused {
        NotChanged::Denied(denied) => return Err(denied.into()),
        NotChanged::Store(error) => return Err(error.into()),
        NotChanged::NoSuchVersion => vec![w.routes_no_version()],
        NotChanged::TooLarge => vec![w.routes_too_large()],
        NotChanged::Meanwhile(_) => vec![w.routes_meanwhile()],
        NotChanged::Wrong(findings) => {
            let errors = findings.iter().filter(|finding| finding.fault.is_error());
            let words = |finding: &routing::Finding| match there {
                Some(there) => {
                    let fault = words::fault(w, there, &finding.fault);
                    format!("{}: {fault}", words::place(w, &finding.place))
                }
                None => finding.fault.to_string(),
            };
            errors.map(words).collect()
        }
    })
}

fn told(done: Result<(), Vec<String>>, words: String) -> Notice {
    match done {
        Ok(()) => Notice::done(words),
        Err(errors) => Notice::failed(errors.join(" ")),
    }
}

/// The place of a rule, from 1.
fn place_of(text: &str, routes: &Routes) -> Result<usize, Failure> {
    let place = text.parse().ok().filter(|place| (1..=routes.rules.len()).contains(place));
    place.ok_or(Failure::NotFound)
}
