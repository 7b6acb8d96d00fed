//! One's own phone: setting up the codes that it shows, recovery codes, and doing without.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use store::User;

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::log_in_code::refusal;
use super::notice::Notice;
use super::parts::{Sentence, within};
use super::visit::Visit;
use crate::acts::account::PasswordKept;
use crate::acts::second_factor::{self, NotTaken, Unchanged};
use crate::app::App;
use crate::qr::Qr;
use crate::words::Words;

/// What a phone is set up with.
pub(super) struct Enrolment {
    /// The secret, in groups of letters, to be typed.
    pub(super) secret: String,
    /// What opens an authenticator that is on this very phone.
    pub(super) address: String,
    /// The same as a QR code; none: the name is too long for one.
    pub(super) qr: Option<Qr>,
}

impl Enrolment {
    /// That of a person; none: their phone is set up.
    pub(super) async fn of(app: &App, user: &User) -> Result<Option<Self>, Failure> {
        let Some(secret) = second_factor::begin(app, user).await? else { return Ok(None) };
        let address = secret.address(&app.settings.mail_host, &user.name);
        Ok(Some(Self { secret: secret.grouped(), qr: Qr::of(&address), address }))
    }
}

/// Recovery codes, this once.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
pub(super) struct CodesPage {
    pub(super) w: Words,
    pub(super) frame: Frame,
    pub(super) codes: Vec<String>,
    /// Where to go on.
    pub(super) next: String,
}

#[derive(Template)]
#[template(path = "totp.html")]
struct TotpPage {
    w: Words,
    frame: Frame,
    /// The phone is set up since then; empty: it is not.
    since: Sentence,
    /// The recovery codes that are left.
    left: u32,
    /// The role has to have it.
    required: bool,
    enrolment: Option<Enrolment>,
    error: Option<String>,
}

/// `GET /account/totp`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, None).await
}

async fn page(app: &App, visit: &Visit, error: Option<String>) -> Result<Html<String>, Failure> {
    let (user, w) = (visit.person()?, visit.words);
    let kept = second_factor::own(app, user).await?;
    let confirmed = kept.filter(|factor| factor.confirmed_at.is_some());
    let since = confirmed.as_ref().and_then(|factor| factor.confirmed_at);
    let frame = Frame { path: "/account/totp".to_owned(), ..Frame::of(app, visit).await };
    html(&TotpPage {
        w,
        frame,
        since: Sentence(since.map(|at| w.totp_since(within(at))).unwrap_or_default()),
        left: confirmed.as_ref().map_or(0, |factor| factor.recovery_codes),
        required: second_factor::is_required(app, user).await?,
        enrolment: if since.is_some() { None } else { Enrolment::of(app, user).await? },
        error,
    })
}

/// `POST /account/totp/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path(call): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let (user, w) = (visit.person()?, visit.words);
    let again = async |status: StatusCode, words: String| -> Result<Response, Failure> {
        Ok((status, page(&app, visit, Some(words)).await?).into_response())
    };
    let password = form.field("password");
    let codes = match call.as_str() {
        "confirm" => match second_factor::confirm(&app, user, form.field("code")).await {
            Ok(codes) => codes,
            Err(NotTaken::Store(error)) => return Err(error.into()),
            Err(refused) => {
                let (status, words) = refusal(w, &refused);
                return again(status, words).await;
            }
        },
        "codes" => match second_factor::renew(&app, user, password).await {
            Ok(codes) => codes,
            Err(unchanged) => {
                let (status, words) = kept_words(w, unchanged)?;
                return again(status, words).await;
            }
        },
        "off" => {
            return match second_factor::off(&app, user, password).await {
                Ok(()) => Ok(visit.lead_to("/account/totp", Notice::done(w.totp_is_off()))),
                Err(unchanged) => {
                    let (status, words) = kept_words(w, unchanged)?;
                    again(status, words).await
                }
            };
        }
        _ => return Err(Failure::NotFound),
    };
    let frame = Frame { path: "/account/totp".to_owned(), ..Frame::of(&app, visit).await };
    let next = "/account/totp".to_owned();
    Ok(html(&CodesPage { w, frame, codes, next })?.into_response())
}

/// Why a second factor stays as it is, and the status that goes with it.
fn kept_words(w: Words, unchanged: Unchanged) -> Result<(StatusCode, String), Failure> {
    match unchanged {
        Unchanged::Password(PasswordKept::TooOften(wait)) => {
            Ok((StatusCode::TOO_MANY_REQUESTS, w.login_throttled(wait.as_secs() + 1)))
        }
        Unchanged::Password(PasswordKept::Wrong) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, w.password_wrong()))
        }
        Unchanged::Required => Ok((StatusCode::FORBIDDEN, w.totp_required())),
        Unchanged::Nothing => Err(Failure::NotFound),
        Unchanged::Store(error) | Unchanged::Password(PasswordKept::Store(error)) => {
            Err(error.into())
        }
        Unchanged::Password(PasswordKept::Unfit(_) | PasswordKept::Change(_)) => {
            Err(Failure::Internal)
        }
    }
}
