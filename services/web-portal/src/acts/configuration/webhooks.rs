//! Endpoints for events. What signs their requests is in no file: a mark stands in its place, and the gateway keeps it.

use contracts::{SimId, UserId, WebhookEvent};
use serde::{Deserialize, Serialize};
use store::{NewWebhook, Webhook, WebhookForm};

use super::check::Check;
use super::compare::{Change, Sign};
use super::kind::Kind;
use super::refusal::NotTaken;
use super::secrets::{HIDDEN, hidden, restored};
use super::section::{Entry, Fields, Section, written};
use super::services::owner;
use super::there::There;
use crate::acts::webhook::{self, LONGEST_FILTER, OfSim, Wanted};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// An endpoint, with the fields of the API. The URL is without its secrets.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookFields {
    url: String,
    /// The name of the account; absent: the administrator without an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    events: Vec<WebhookEvent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sim: Option<SimId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyword: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    raw_pdu: bool,
    #[serde(default, skip_serializing_if = "is_standard")]
    format: Form,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reply_with_body: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_messages: Option<u8>,
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    enabled: bool,
    /// The mark alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

const fn yes() -> bool {
    true
}

contracts::named! {
    /// In which form an endpoint is told.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    enum Form in json {
        /// As Standard Webhooks says.
        #[default]
        Standard = "standard",
        /// As SMSGate tells its own.
        Smsgate = "smsgate",
        /// As Twilio tells its own.
        Twilio = "twilio",
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_standard(form: &Form) -> bool {
    *form == Form::Standard
}

impl Form {
    const fn of(form: WebhookForm) -> Self {
        match form {
            WebhookForm::Standard => Self::Standard,
            WebhookForm::Smsgate => Self::Smsgate,
            WebhookForm::Twilio => Self::Twilio,
        }
    }
}

/// The endpoints. Of two of one account with one URL, the older is the first.
pub(super) fn section(there: &There) -> Section {
    Section::sorted(
        there.webhooks.iter().map(|one| Entry::there(Kind::Webhooks, fields(there, one))),
    )
}

fn fields(there: &There, webhook: &Webhook) -> Fields {
    let shown = WebhookFields {
        url: hidden(&webhook.url),
        owner: there.owner_name(webhook.owner),
        events: webhook.events.clone(),
        sim: webhook.filter.sim,
        sender: webhook.filter.sender.clone(),
        keyword: webhook.filter.keyword.clone(),
        raw_pdu: webhook.raw_pdu,
        format: Form::of(webhook.form),
        reply_with_body: webhook.reply_with_body,
        max_messages: Some(webhook.max_messages),
        enabled: webhook.disabled.is_none(),
        secret: Some(HIDDEN.to_owned()),
    };
    sorted(shown)
}

/// Its fields, with its events in one order.
fn sorted(mut shown: WebhookFields) -> Fields {
    shown.events.sort_unstable();
    shown.events.dedup();
    written(&shown)
}

/// What a file wants of an endpoint, when it can be.
pub(super) fn checked(look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
    let Check { app, authority, there } = *look;
    let said: WebhookFields = entry.read()?;
    let owner = owner(there, said.owner.as_deref())?;
    if said.secret.as_ref().is_some_and(|secret| secret != HIDDEN) {
        return Err(NotTaken::Wrong(format!(
            "secret: a file has none: leave {HIDDEN} there, and merpati webhook rotate gives and shows another"
        )));
    }
    for (field, said) in [("sender", &said.sender), ("keyword", &said.keyword)] {
        if said.as_ref().is_some_and(|said| said.chars().count() > LONGEST_FILTER) {
            let words = format!("{field}: at most {LONGEST_FILTER} characters are looked for");
            return Err(NotTaken::Wrong(words));
        }
    }
    let enabled = said.enabled;
    let Some(present) = find(there, &entry.key) else {
        let new = webhook::checked_new(app, authority, owner, wanted(said)?)?;
        let kept = of_new(there, &new, enabled);
        return Ok(entry.kept(kept));
    };
    if owner != authority.owner() {
        authority.must(Power::UsersManage)?;
    }
    let change = webhook::checked_change(app, authority, present, changes(present, said)?)?;
    let is_anew = change.url.as_ref().is_some_and(|url| *url != present.url);
    let mut now = present.clone();
    now.url = change.url.unwrap_or(now.url);
    now.events = change.events.unwrap_or(now.events);
    now.filter = change.filter.unwrap_or(now.filter);
    now.raw_pdu = change.raw_pdu.unwrap_or(now.raw_pdu);
    now.reply_with_body = change.reply_with_body.unwrap_or(now.reply_with_body);
    now.max_messages = change.max_messages.unwrap_or(now.max_messages);
    let mut kept = fields(there, &now);
    if enabled {
        kept.remove("enabled");
    } else {
        kept.insert("enabled".to_owned(), false.into());
    }
    Ok(Entry { is_anew, ..entry.kept(kept) })
}

fn of_new(there: &There, new: &NewWebhook, enabled: bool) -> Fields {
    sorted(WebhookFields {
        url: hidden(&new.url),
        owner: there.owner_name(new.owner),
        events: new.events.clone(),
        sim: new.filter.sim,
        sender: new.filter.sender.clone(),
        keyword: new.filter.keyword.clone(),
        raw_pdu: new.raw_pdu,
        format: Form::of(new.form),
        reply_with_body: new.reply_with_body,
        max_messages: Some(new.max_messages),
        enabled,
        secret: Some(HIDDEN.to_owned()),
    })
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    change: &Change,
) -> Result<(), NotTaken> {
    let present = find(there, &change.key);
    match (change.sign, present, &change.wanted) {
        (Sign::Add, None, Some(entry)) => {
            let said: WebhookFields = entry.read()?;
            let owner: UserId = owner(there, said.owner.as_deref())?;
            let enabled = said.enabled;
            let made = webhook::make_for(app, authority, owner, wanted(said)?).await?;
            if !enabled {
                let off = webhook::Change { enabled: Some(false), ..webhook::Change::default() };
                webhook::change(app, authority, made.id, off).await?;
            }
        }
        (Sign::Change, Some(present), Some(entry)) => {
            let changes = changes(present, entry.read()?)?;
            let changed = webhook::change(app, authority, present.id, changes).await?;
            changed.ok_or_else(|| NotTaken::gone("webhook"))?;
        }
        (Sign::Remove, Some(present), _) => {
            webhook::remove(app, authority, present.id).await?;
        }
        _ => return Err(NotTaken::gone("webhook")),
    }
    Ok(())
}

/// The endpoint that has the key in the list of those that there are.
fn find<'a>(there: &'a There, key: &str) -> Option<&'a Webhook> {
    let mut parts = key.split('\n');
    let (url, owner) = (parts.next()?, parts.next()?);
    let number: usize = parts.next().map_or(Some(1), |number| number.parse().ok())?;
    let is_it = |webhook: &&Webhook| {
        let name = there.owner_name(webhook.owner).unwrap_or_default();
        hidden(&webhook.url) == url && name.to_lowercase() == owner
    };
    there.webhooks.iter().filter(is_it).nth(number.checked_sub(1)?)
}

/// An endpoint to be made.
fn wanted(said: WebhookFields) -> Result<Wanted, NotTaken> {
    let form = match said.format {
        Form::Standard => WebhookForm::Standard,
        Form::Twilio => WebhookForm::Twilio,
        Form::Smsgate => {
            let words = "format: an app of SMSGate's makes such an endpoint itself";
            return Err(NotTaken::Wrong(words.to_owned()));
        }
    };
    Ok(Wanted {
        url: restored(&said.url, None)?,
        events: said.events,
        sim: said.sim,
        sender: said.sender.unwrap_or_default(),
        keyword: said.keyword.unwrap_or_default(),
        raw_pdu: said.raw_pdu,
        form,
        reply_with_body: said.reply_with_body,
        max_messages: said.max_messages,
    })
}

/// The change that makes an endpoint as the file says.
fn changes(present: &Webhook, said: WebhookFields) -> Result<webhook::Change, NotTaken> {
    if said.format != Form::of(present.form) {
        return Err(NotTaken::Wrong(
            "format: of an endpoint that is there it stays as it is: remove the endpoint first"
                .to_owned(),
        ));
    }
    let url = restored(&said.url, Some(&present.url))?;
    let is_enabled = present.disabled.is_none();
    Ok(webhook::Change {
        // Who says where events go must be allowed to see all of them, so it is said when it differs.
        url: Some(url).filter(|url| *url != present.url),
        events: Some(said.events),
        sim: Some(said.sim.map_or(OfSim::Any, OfSim::Only)),
        sender: Some(said.sender.unwrap_or_default()),
        keyword: Some(said.keyword.unwrap_or_default()),
        raw_pdu: Some(said.raw_pdu),
        reply_with_body: Some(said.reply_with_body),
        max_messages: Some(said.max_messages.unwrap_or(1)),
        enabled: Some(said.enabled).filter(|enabled| *enabled != is_enabled),
    })
}
