//! What is asked about accounts, one's own or, by administrators, others'.

use contracts::PhoneNumber;
use store::{CreateUserError, InboxFilter, MessageFilter, Page, Role};

use super::reply::{Done, Fault, Refusal, ok};
use super::value::Value;
use crate::acts::account::{self, AccountError, NewAccount};
use crate::acts::injection::{self, NotInjected};
use crate::acts::not_read::NotRead;
use crate::acts::{credit, history, inbox};
use crate::app::App;
use crate::authority::Authority;
use crate::form::Form;
use crate::power::Power;

/// The most that playSMS can say of a credit: nothing stops an account that has no limit.
const UNLIMITED: &str = "9999999999.999";

/// `cr`.
pub(super) async fn credit(app: &App, authority: &Authority) -> Result<Done, Refusal> {
    Ok(ok([("credit", Value::text(left(app, authority).await?))]))
}

/// What an account has.
async fn left(app: &App, authority: &Authority) -> Result<String, Refusal> {
    let left = credit::own(app, authority).await?;
    Ok(left.map_or_else(|| UNLIMITED.to_owned(), |left| left.to_string()))
}

/// `query`: whose key it is, and the highest numbers so far.
pub(super) async fn query(app: &App, authority: &Authority) -> Result<Done, Refusal> {
    let one = Page { before: None, limit: 1 };
    let sent = history::list(app, authority, &MessageFilter::default(), one).await?.messages;
    let came = inbox::list(app, authority, &InboxFilter::default(), one).await?.messages;
    let sent = sent.first().map_or(0, |message| message.number);
    let came = came.first().map_or(0, |message| message.number);
    let status = if authority.may(Power::UsersManage) { 2 } else { 3 };
    let name = authority.name();
    let user = Value::Map(vec![
        ("username", Value::text(name)),
        ("uid", Value::Int(authority.owner().uuid().as_u64_pair().1.cast_signed() & 0x7fff_ffff)),
        ("status", Value::Int(status)),
        ("name", Value::text(name)),
        ("email", Value::text("")),
        ("mobile", Value::text("")),
        ("credit", Value::text(left(app, authority).await?)),
    ]);
    let last = Value::Map(vec![
        ("user_inbox", Value::Int(came)),
        ("user_incoming", Value::Int(came)),
        ("user_outgoing", Value::Int(sent)),
    ]);
    Ok(ok([("data", Value::Map(vec![("user", user), ("last_id", last)]))]))
}

/// `inject`: a message as if it had been received.
pub(super) async fn inject(app: &App, authority: &Authority, form: &Form) -> Result<Done, Refusal> {
    let nothing = || Refusal::of(Fault::NothingToInject);
    let from = form.filled("from").ok_or_else(nothing)?;
    let text = form.filled("msg").ok_or_else(nothing)?;
    let to = form.filled("recvnum").map(PhoneNumber::parse).transpose();
    let to = to.map_err(|error| Refusal::with(Fault::NotInjected, format!("recvnum: {error}")))?;
    match injection::inject(app, authority, from, text, to.as_ref()).await {
        Ok(_) => Ok(ok([])),
        Err(NotInjected::Denied(_)) => Err(Refusal::of(Fault::NoAdmin)),
        Err(NotInjected::Broker(error)) => Err(Refusal::later(Fault::NotInjected, &error)),
        Err(NotInjected::Store(error)) => Err(Refusal::later(Fault::NotInjected, &error)),
        Err(refused @ NotInjected::NoSuchSim) => {
            Err(Refusal::with(Fault::NotInjected, format!("recvnum: {refused}")))
        }
        Err(NotInjected::Disk(error)) => Err(Refusal::later(Fault::NotInjected, &error)),
        Err(refused @ NotInjected::SenderTooLong { .. }) => {
            Err(Refusal::with(Fault::NotInjected, format!("from: {refused}")))
        }
        Err(refused @ NotInjected::TooLong { .. }) => {
            Err(Refusal::with(Fault::NotInjected, refused.to_string()))
        }
    }
}

/// `accountadd`: of what playSMS keeps of an account, its name, its password and its status have a counterpart.
pub(super) async fn add(app: &App, authority: &Authority, form: &Form) -> Result<Done, Refusal> {
    let field = |name: &str| {
        let words = || Refusal::with(Fault::AccountLacks, format!("{name} is empty"));
        form.filled(name).ok_or_else(words)
    };
    let role = match field("data_status")? {
        "2" => Role::Admin,
        "3" | "4" => Role::User,
        _ => return Err(Refusal::with(Fault::AccountLacks, "data_status: there are 2, 3 and 4")),
    };
    field("data_password")?;
    // As it is written: blanks belong to a password.
    let password = form.last("data_password").unwrap_or_default();
    let new = NewAccount {
        name: field("data_username")?.to_owned(),
        password: Some(password.to_owned()),
        role,
        language: None,
    };
    match account::make(app, authority, new).await {
        Ok(_) => Ok(ok([])),
        Err(error) => Err(refused(error, Fault::NotAdded)),
    }
}

/// `accountban`: the account is locked out.
pub(super) async fn ban(app: &App, authority: &Authority, form: &Form) -> Result<Done, Refusal> {
    enable(app, authority, form, false, (Fault::NobodyToBan, Fault::NotBanned)).await
}

/// `accountunban`: the account is let in again.
pub(super) async fn unban(app: &App, authority: &Authority, form: &Form) -> Result<Done, Refusal> {
    enable(app, authority, form, true, (Fault::NobodyToUnban, Fault::NotUnbanned)).await
}

async fn enable(
    app: &App,
    authority: &Authority,
    form: &Form,
    enabled: bool,
    (nobody, failed): (Fault, Fault),
) -> Result<Done, Refusal> {
    let nobody = || Refusal::of(nobody);
    let name = form.filled("data_username").ok_or_else(nobody)?.to_lowercase();
    let users = account::list(app, authority).await.map_err(|error| match error {
        NotRead::Denied(_) => Refusal::of(Fault::NoAdmin),
        NotRead::Store(error) => Refusal::later(failed, &error),
    })?;
    let user = users.into_iter().find(|user| user.name.to_lowercase() == name);
    let user = user.ok_or_else(nobody)?;
    match account::set_enabled(app, authority, user.id, enabled).await {
        Ok(()) => Ok(ok([])),
        Err(error) => Err(refused(error, failed)),
    }
}

fn refused(error: AccountError, fault: Fault) -> Refusal {
    match error {
        AccountError::Denied(_) => Refusal::of(Fault::NoAdmin),
        AccountError::Make(CreateUserError::Store(error)) => Refusal::later(fault, &error),
        other => Refusal::with(fault, other.to_string()),
    }
}

/// What playSMS says when it fails to do what has no counterpart here.
pub(super) fn without_counterpart(operation: &str) -> Option<Fault> {
    Some(match operation {
        "accountremove" => Fault::NotRemoved,
        "accountpref" => Fault::NoPreferences,
        "accountconf" => Fault::NoConfiguration,
        "parentset" => Fault::NoParent,
        "parentget" => Fault::ParentUnknown,
        "creditview" => Fault::NoCredit,
        "creditadd" => Fault::CreditNotAdded,
        "creditdeduct" => Fault::CreditNotDeducted,
        "loginkeyset" => Fault::NoLoginKey,
        _ => return None,
    })
}
