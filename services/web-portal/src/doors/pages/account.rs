//! One's own account: keys for programs, and the password.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{KeyId, SessionId};
use recurrence::LONGEST_ZONE;
use store::{ApiKey, ChangeUserError, OpenSession};

use super::api_docs::{self, Example};
use super::browser;
use super::credits::shown;
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::log_in::unfit_words;
use super::notice::Notice;
use super::parts::{Sentence, within, zone_named};
use super::users::role_words;
use super::visit::{self, Visit};
use crate::acts::account::{self, PasswordKept};
use crate::acts::credit;
use crate::acts::key::{self, NETWORKS, NotMade, Wanted, Whose};
use crate::acts::price;
use crate::acts::sim_limits::nearest;
use crate::acts::{act_as, open_session};
use crate::app::App;
use crate::authority::Actor;
use crate::power::{ALL_ANY, Power};
use crate::words::Words;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    w: Words,
    frame: Frame,
    name: String,
    /// What the account may do.
    role: String,
    /// It has codes of a phone.
    second_factor: bool,
    sessions: Vec<SessionRow>,
    /// When administrators acted as the person.
    acted: Vec<Sentence>,
    /// The server, as it is called by programs.
    base: String,
    /// Programs for this very server, on the page that is about the keys alone.
    examples: Vec<Example>,
    /// Webhooks may be looked at.
    sees_webhooks: bool,
    created: Option<String>,
    keys: Vec<KeyRow>,
    /// Keys are made and revoked.
    may_keys: bool,
    key_error: Option<String>,
    /// What was written of a new key.
    new_key: NewKey,
    /// What a new key may be limited to.
    choices: Vec<Choice>,
    /// How long a new key may work, in days.
    days: [u32; DAYS.len()],
    password_error: Option<String>,
    /// The zone that was chosen, as it was written; empty: none.
    zone: String,
    zone_error: Option<String>,
    /// The zones there are.
    zones: Vec<String>,
    /// The page is about the keys alone.
    keys_alone: bool,
    /// What the account has; none: it sends as much as it likes.
    credit: Option<String>,
}

/// A power that a key may have.
struct Choice {
    scope: &'static str,
    words: String,
    chosen: bool,
}

/// What was written of a key that was not made.
#[derive(Default)]
struct NewKey {
    label: String,
    /// It may only what was chosen.
    some: bool,
    scopes: Vec<String>,
    days: u32,
    allow: String,
}

/// What is said beside the lists of the page.
#[derive(Default)]
struct Said {
    created: Option<String>,
    key_error: Option<String>,
    new_key: NewKey,
    password_error: Option<String>,
    /// What was written as a zone, and what is wrong with it.
    zone: Option<(String, String)>,
    keys_alone: bool,
    /// The server as the browser asked for it; none: as it is configured.
    base: Option<String>,
}

/// A key in the list.
pub(super) struct KeyRow {
    pub(super) id: KeyId,
    pub(super) label: String,
    pub(super) prefix: String,
    pub(super) used: Sentence,
    /// What it may do, in words.
    pub(super) may: String,
    /// When it stops working; empty: never.
    pub(super) until: Sentence,
    /// From where it works; empty: from anywhere.
    pub(super) from: String,
}

impl KeyRow {
    pub(super) fn of(w: Words, key: ApiKey) -> Self {
        Self {
            id: key.id,
            label: key.name,
            prefix: key.prefix,
            may: scopes_words(w, &key.scopes),
            until: Sentence(key.expires_at.map(|at| w.keys_until(within(at))).unwrap_or_default()),
            from: key.allowed.replace(' ', ", "),
            used: match key.last_used_at {
                Some(at) => Sentence(w.keys_used(within(at))),
                None => Sentence(w.keys_never_used()),
            },
        }
    }
}

/// A session in the list.
pub(super) struct SessionRow {
    pub(super) id: SessionId,
    pub(super) browser: Hostile,
    pub(super) address: String,
    pub(super) seen: Sentence,
    /// It is the one by which the page is looked at.
    pub(super) present: bool,
}

impl SessionRow {
    pub(super) fn of(w: Words, open: OpenSession, present: Option<SessionId>) -> Self {
        Self {
            id: open.id,
            browser: if open.acting {
                Hostile(w.acting_session())
            } else {
                browser::words(w, &open.browser)
            },
            address: open.address.unwrap_or_default(),
            seen: Sentence(w.sessions_seen(within(open.seen_at))),
            present: present == Some(open.id),
        }
    }
}

/// How many days a new key works, as far as the page offers a choice; 0: for good.
const DAYS: [u32; 5] = [0, 1, 30, 90, 365];

/// `GET /account`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, Said::default()).await
}

/// `GET /keys`.
pub(super) async fn show_keys(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    let base = Some(api_docs::base(&app, &visit, &headers));
    page(&app, &visit, Said { keys_alone: true, base, ..Said::default() }).await
}

async fn page(app: &App, visit: &Visit, said: Said) -> Result<Html<String>, Failure> {
    let (user, authority) = (visit.user()?, visit.authority()?);
    let w = visit.words;
    // Who is read-only has no keys to manage.
    let keys = if authority.may(Power::KeysManage) {
        key::list(app, authority, Whose::Own).await?
    } else {
        Vec::new()
    };
    let keys = keys.into_iter().filter(|key| key.owner == user.id && key.revoked_at.is_none());
    let keys: Vec<KeyRow> = keys.map(|key| KeyRow::of(w, key)).collect();
    let base = said.base.unwrap_or_else(|| app.settings.base_url.clone());
    let examples = if said.keys_alone {
        api_docs::examples_for(&base, keys.first().map(|key| key.prefix.as_str()))
    } else {
        Vec::new()
    };
    let sessions = if said.keys_alone { Vec::new() } else { open_session::own(app, user).await? };
    let acted = if said.keys_alone { Vec::new() } else { act_as::times(app, user).await? };
    let acted = acted.into_iter().map(|one| Sentence(w.acting_was(within(one.at), one.name)));
    let present = present(visit);
    let sessions = sessions.into_iter().map(|open| SessionRow::of(w, open, present));
    let choices = Power::ALL.into_iter().filter(|power| authority.may(*power));
    let new_key = said.new_key;
    let choices = choices.map(|power| Choice {
        scope: power.as_str(),
        words: words(w, power),
        chosen: new_key.scopes.iter().any(|scope| scope == power.as_str()),
    });
    let choices = choices.collect();
    let credit = match credit::own(app, authority).await? {
        Some(left) if !said.keys_alone => {
            let (prices, _) = price::show(app, authority).await?;
            Some(shown(left, &prices.currency))
        }
        _ => None,
    };
    let (zone, zone_error) = match said.zone {
        Some((written, error)) => (written, Some(error)),
        None => (user.zone.clone().unwrap_or_default(), None),
    };
    let path = if said.keys_alone { "/keys" } else { "/account" };
    let frame = Frame { path: path.to_owned(), ..Frame::of(app, visit).await };
    html(&AccountPage {
        w,
        frame,
        name: user.name.clone(),
        role: role_words(w, user.role),
        second_factor: user.second_factor,
        sessions: sessions.collect(),
        acted: acted.collect(),
        may_keys: authority.may(Power::KeysManage),
        base,
        examples,
        sees_webhooks: authority.may(Power::WebhooksRead),
        created: said.created,
        keys,
        key_error: said.key_error,
        new_key,
        choices,
        days: DAYS,
        password_error: said.password_error,
        zone,
        zone_error,
        zones: if said.keys_alone { Vec::new() } else { zones() },
        keys_alone: said.keys_alone,
        credit,
    })
}

/// The zones that are offered: those that are named after a place.
fn zones() -> Vec<String> {
    let names = jiff::tz::db().available().map(|name| name.to_string());
    let mut names: Vec<String> =
        names.filter(|name| name.contains('/') && !name.starts_with("Etc/")).collect();
    names.sort_unstable();
    names
}

/// The session by which a page is looked at.
fn present(visit: &Visit) -> Option<SessionId> {
    match &visit.authority.as_ref()?.actor {
        Actor::Person { session, .. } => Some(session.session()),
        Actor::Local | Actor::Program { .. } => None,
    }
}

/// What a key with these scopes may do, in words. A scope of a later version is shown as it is.
fn scopes_words(w: Words, scopes: &str) -> String {
    let one = |word: &str| match Power::ALL.into_iter().find(|power| power.as_str() == word) {
        Some(power) => words(w, power),
        None if word == ALL_ANY => w.keys_all(),
        None => word.to_owned(),
    };
    scopes.split_whitespace().map(one).collect::<Vec<_>>().join("; ")
}

/// A power in words.
fn words(w: Words, power: Power) -> String {
    match power {
        Power::MessagesSend => w.power_messages_send(),
        Power::MessagesRead => w.power_messages_read(),
        Power::MessagesCancel => w.power_messages_cancel(),
        Power::InboxRead => w.power_inbox_read(),
        Power::ModemsRead => w.power_modems_read(),
        Power::ModemsOperate => w.power_modems_operate(),
        Power::SimsManage => w.power_sims_manage(),
        Power::WebhooksRead => w.power_webhooks_read(),
        Power::WebhooksWrite => w.power_webhooks_write(),
        Power::OptOutsRead => w.power_opt_outs_read(),
        Power::OptOutsManage => w.power_opt_outs_manage(),
        Power::SharedManage => w.power_shared_manage(),
        Power::RoutesRead => w.power_routes_read(),
        Power::RoutesManage => w.power_routes_manage(),
        Power::CreditsRead => w.power_credits_read(),
        Power::CreditsManage => w.power_credits_manage(),
        Power::ServicesRead => w.power_services_read(),
        Power::ServicesWrite => w.power_services_write(),
        Power::ContactsRead => w.power_contacts_read(),
        Power::ContactsWrite => w.power_contacts_write(),
        Power::TemplatesRead => w.power_templates_read(),
        Power::TemplatesWrite => w.power_templates_write(),
        Power::SchedulesRead => w.power_schedules_read(),
        Power::SchedulesWrite => w.power_schedules_write(),
        Power::BroadcastsRead => w.power_broadcasts_read(),
        Power::BroadcastsWrite => w.power_broadcasts_write(),
        Power::KeysManage => w.power_keys_manage(),
        Power::UsersManage => w.power_users_manage(),
        Power::AuditRead => w.power_audit_read(),
        Power::ReportsRead => w.power_reports_read(),
        Power::HistoryImport => w.power_history_import(),
        Power::GatewayOperate => w.power_gateway_operate(),
    }
}

/// `POST /account/keys`: the page with the new key, this once.
pub(super) async fn make_key(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    // All that the account may, or what was chosen.
    let scopes =
        (form.field("may") == "some").then(|| form.fields("scope").map(str::to_owned).collect());
    let allowed = form.field("allow").split([',', ' ', '\n']).filter(|one| !one.is_empty());
    let days: u32 = form.field("days").parse().unwrap_or_default();
    let length = Duration::from_hours(24) * days;
    let wanted = Wanted {
        user: None,
        label: form.field("label").to_owned(),
        scopes,
        allowed: Some(allowed.map(str::to_owned).collect()),
        expires_at: (days > 0).then(|| app.clock.now().plus(length)),
        door_passwords: Vec::new(),
    };
    // Whoever came from the page of the keys comes back to it.
    let keys_alone = form.field("page") == "keys";
    let made = key::make(&app, authority, wanted).await;
    let made = match made {
        Ok(made) => made,
        Err(error @ (NotMade::NoScopes | NotMade::NoNetwork(_) | NotMade::TooManyNetworks)) => {
            let w = form.visit.words;
            let key_error = Some(match error {
                NotMade::NoScopes => w.keys_scopes_none(),
                _ => w.keys_allow_wrong(NETWORKS),
            });
            let new_key = NewKey {
                label: form.field("label").to_owned(),
                some: form.field("may") == "some",
                scopes: form.fields("scope").map(str::to_owned).collect(),
                days,
                allow: form.field("allow").to_owned(),
            };
            let said = Said { key_error, new_key, keys_alone, ..Said::default() };
            let page = page(&app, &form.visit, said).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        Err(NotMade::Store(error)) => return Err(error.into()),
        Err(NotMade::NoSuchScope(_)) => return Err(Failure::Malformed),
        Err(
            NotMade::Denied(_) | NotMade::Nobody | NotMade::NoSuchUser(_) | NotMade::Outlives(_),
        ) => return Err(Failure::Forbidden),
        // The page gives keys alone.
        Err(
            key::NotMade::Password(_)
            | key::NotMade::OldHash
            | key::NotMade::HasPassword(_)
            | key::NotMade::Hashing,
        ) => {
            return Err(Failure::Internal);
        }
    };
    let created = Some(made.secret);
    let said = Said { created, keys_alone, ..Said::default() };
    Ok(page(&app, &form.visit, said).await?.into_response())
}

/// `POST /account/keys/{id}/revoke`.
pub(super) async fn revoke_key(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    if !key::revoke(&app, authority, Whose::Own, id).await? {
        return Err(Failure::NotFound);
    }
    let notice = Notice::done(form.visit.words.keys_revoked());
    let back = if form.field("page") == "keys" { "/keys" } else { "/account" };
    Ok(form.visit.lead_to(back, notice))
}

/// `POST /account/sessions`: ends one of one's own sessions, or all of the others.
pub(super) async fn end_sessions(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let (user, w) = (visit.person()?, visit.words);
    if form.field("session") == "others" {
        let Actor::Person { session, .. } = &visit.authority()?.actor else {
            return Err(Failure::Forbidden);
        };
        let ended = open_session::end_others(&app, user, *session).await?;
        return Ok(visit.lead_to("/account", Notice::done(w.sessions_ended(ended))));
    }
    let id: SessionId = form.field("session").parse().map_err(|_| Failure::NotFound)?;
    if !open_session::end_own(&app, user, id).await? {
        return Err(Failure::NotFound);
    }
    Ok(visit.lead_to("/account", Notice::done(w.sessions_ended(1))))
}

/// `POST /account/password`: ends all sessions of the account, and begins a new one here.
pub(super) async fn change_password(
    State(app): State<App>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let user = visit.person()?;
    let w = visit.words;
    let again = async |words: String| {
        let said = Said { password_error: Some(words), ..Said::default() };
        let page = page(&app, visit, said).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let (old, new) = (form.field("old"), form.field("new"));
    match account::change_own_password(&app, user, visit.address, old, new).await {
        Ok(()) => {}
        Err(PasswordKept::TooOften(wait)) => {
            return again(w.login_throttled(wait.as_secs() + 1)).await;
        }
        Err(PasswordKept::Wrong) => return again(w.password_wrong()).await,
        Err(PasswordKept::Unfit(unfit)) => return again(unfit_words(w, unfit)).await,
        Err(PasswordKept::Store(error) | PasswordKept::Change(ChangeUserError::Store(error))) => {
            return Err(error.into());
        }
        Err(PasswordKept::Change(ChangeUserError::NoSuchUser | ChangeUserError::LastAdmin)) => {
            return Err(Failure::Forbidden);
        }
    }
    // Who has a phone gave its code when they logged in; who has to have one sets it up now.
    let (jar, next) = if user.second_factor {
        (visit::log_in(&app, visit, user).await?, "/account".to_owned())
    } else {
        visit::come_in(&app, visit, user, "/account").await?
    };
    let page = visit.lead_to(&next, Notice::done(w.password_changed()));
    Ok((jar, page).into_response())
}

/// `POST /account/zone`: the zone of the times on one's pages. Empty: that of the browser.
pub(super) async fn set_zone(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let (user, w) = (visit.person()?, visit.words);
    let written = form.field("zone").trim();
    let zone = match written {
        "" => None,
        written => {
            let Some(zone) = zone_named(written) else {
                let found: String = written.chars().take(LONGEST_ZONE).collect();
                let words = match nearest(&found) {
                    Some(nearest) => w.limits_wrong_zone_nearest(found.clone(), nearest),
                    None => w.limits_wrong_zone(found.clone()),
                };
                let said = Said { zone: Some((found, words)), ..Said::default() };
                let page = page(&app, visit, said).await?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
            };
            Some(zone.iana_name().unwrap_or(written).to_owned())
        }
    };
    match app.store.set_zone(user.reach(), user.id, zone.as_deref()).await {
        // Not where the form is, which the browser would keep, but where the notice is.
        Ok(()) => Ok(visit.lead_to("/account#content", Notice::done(w.zone_kept()))),
        Err(ChangeUserError::Store(error)) => Err(error.into()),
        Err(ChangeUserError::NoSuchUser | ChangeUserError::LastAdmin) => Err(Failure::Forbidden),
    }
}
