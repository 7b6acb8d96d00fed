//! `op=get_token` and `op=set_token`. playSMS keeps one token of each account and tells it again; here a key is told once,
//! when it is made.

use store::{Door, SecretHash};

use super::reply::{Done, Fault, Refusal, ok};
use super::value::Value;
use crate::acts::key::{self, NotMade, Wanted, Whose};
use crate::acts::log_in;
use crate::acts::session::{self, NotLoggedIn};
use crate::app::App;
use crate::authority::Authority;
use crate::causes::in_full;
use crate::form::Form;
use crate::origin;

/// What a key is called that was made for a name and a password.
const LABEL: &str = "playSMS token";
/// The most keys of an account that are so called: with one more, the oldest is revoked.
const MOST: usize = 10;

/// Makes a key of the account with this name `u` and password `p`.
pub(super) async fn get(app: &App, form: &Form) -> Result<Done, Refusal> {
    let unauthorized = || Refusal::of(Fault::Unauthorized);
    let name = form.filled("u").ok_or_else(unauthorized)?;
    let password = form.last("p").ok_or_else(unauthorized)?;
    // The password of before is asked first: once there is another one, it is gone.
    let said = (Door::PlaySmsPassword, name, password);
    if let Some(authority) = Authority::by_door_password(app, said).await? {
        // Which gives all that it may but more keys, and not what only administrators may: its hash was a weak one.
        let left_out = ["keys:manage", "users:manage", "gateway:operate"];
        let scopes = authority.scopes().split(' ').filter(|scope| !left_out.contains(scope));
        let scopes = scopes.map(str::to_owned).collect();
        return key_of(app, &authority, Some(scopes)).await;
    }
    let user = session::check(app, name, password, origin::of_this_request()).await;
    let user = user.map_err(not_logged_in)?;
    // A key would be a way around the code of the phone: such an account makes its keys on its page.
    if log_in::needs_code(app, &user).await.map_err(|error| later(&error))? {
        let words = "this account logs in with a code of a phone: make a key on its page";
        return Err(Refusal::with(Fault::Unauthorized, words.to_owned()));
    }
    // A session gives the key its authority, for as long as the key is being made.
    let begun = session::begin(app, &user, LABEL).await.map_err(|error| later(&error))?;
    let cookie = SecretHash::of(&begun.ok_or_else(unauthorized)?);
    let authority = Authority::by_session(user, cookie);
    let made = key_of(app, &authority, None).await;
    if let Err(error) = session::end(app, &authority).await {
        tracing::warn!(%error, "a session could not be ended; it ends by itself");
    }
    made
}

async fn key_of(
    app: &App,
    authority: &Authority,
    scopes: Option<Vec<String>>,
) -> Result<Done, Refusal> {
    let keys = key::list(app, authority, Whose::Own).await?;
    let of_before = keys.iter().filter(|key| key.name == LABEL && key.revoked_at.is_none());
    let wanted = Wanted { label: LABEL.to_owned(), scopes, ..Wanted::default() };
    let made = key::make(app, authority, wanted).await.map_err(not_made)?;
    // Newest first. None is taken away before there is another, nor is a key lost because an old one stays.
    for old in of_before.skip(MOST - 1) {
        if let Err(error) = key::revoke(app, authority, Whose::Own, old.id).await {
            tracing::warn!(key.id = %old.id, error = %in_full(&error), "an old token could not be revoked");
        }
    }
    Ok(told(made.secret))
}

/// Makes another key in the place of the one that asks for it, which is good no longer.
pub(super) async fn set(app: &App, authority: &Authority) -> Result<Done, Refusal> {
    let wanted = Wanted { label: LABEL.to_owned(), ..Wanted::default() };
    let made = key::make(app, authority, wanted).await.map_err(not_made)?;
    if let Some(old) = authority.key() {
        key::revoke(app, authority, Whose::Own, old).await?;
    }
    Ok(told(made.secret))
}

fn told(secret: String) -> Done {
    ok([("token", Value::Text(secret))])
}

fn later(error: &(dyn std::error::Error + 'static)) -> Refusal {
    Refusal::later(Fault::Unauthorized, error)
}

fn not_logged_in(refused: NotLoggedIn) -> Refusal {
    match refused {
        NotLoggedIn::Wrong | NotLoggedIn::Program => Refusal::of(Fault::Unauthorized),
        NotLoggedIn::TooOften(wait) => {
            let words = format!("too many tries, ask again in {} s", wait.as_secs() + 1);
            Refusal::with(Fault::Unauthorized, words)
        }
        NotLoggedIn::Store(error) => later(&error),
    }
}

fn not_made(refused: NotMade) -> Refusal {
    match refused {
        NotMade::Denied(denied) => denied.into(),
        NotMade::Store(error) => later(&error),
        other => Refusal::with(Fault::Unauthorized, other.to_string()),
    }
}
