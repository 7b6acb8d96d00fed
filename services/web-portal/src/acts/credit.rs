//! Credit of accounts: what they have, what became of it, and more of it.

use std::collections::HashMap;

use contracts::scheduled::Scheduled;
use contracts::{Amount, EventId, Timestamp, UserId};
use serde_json::json;
use store::{
    AuditAction, ChangeCreditError, Credit, LONGEST_NOTE, LedgerEntry, NewCredit, StoreError, User,
};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most accounts of a list.
const MOST: u32 = 10_000;

/// What an account may spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The account.
    pub(crate) account: UserId,
    /// Its name.
    pub(crate) name: String,
    /// Whether it sends only what its credit pays for.
    pub(crate) limited: bool,
    /// What it has in all.
    pub(crate) left: Amount,
    /// What of that routers hold for messages to come.
    pub(crate) in_blocks: Amount,
    /// When that changed last; none: never.
    pub(crate) updated_at: Option<Timestamp>,
}

impl Seen {
    fn of(user: &User, credit: Option<&Credit>) -> Self {
        Self {
            account: user.id,
            name: user.name.clone(),
            limited: credit.is_some_and(|credit| credit.limited),
            left: credit.map(Credit::left).unwrap_or_default(),
            in_blocks: credit.map(|credit| credit.in_blocks).unwrap_or_default(),
            updated_at: credit.map(|credit| credit.updated_at),
        }
    }
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotChanged {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// It is nothing.
    #[error(
        "0 changes nothing: say how much credit the account gets, or with a minus how much is taken back"
    )]
    Nothing,
    /// The note is too long.
    #[error("a note has at most {LONGEST_NOTE} characters")]
    LongNote,
    /// So much cannot be taken back.
    #[error(
        "the account has only {0} that no router holds; what routers hold comes back within two minutes"
    )]
    TooLittle(Amount),
    /// The account would have too much.
    #[error("an account may have at most {}", store::MOST_CREDIT)]
    TooMuch,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeCreditError> for NotChanged {
    fn from(error: ChangeCreditError) -> Self {
        match error {
            ChangeCreditError::NoSuchAccount => Self::NoSuchAccount,
            ChangeCreditError::TooLittle(left) => Self::TooLittle(left),
            ChangeCreditError::TooMuch => Self::TooMuch,
            ChangeCreditError::Store(error) => Self::Store(error),
        }
    }
}

/// What the accounts in reach may spend, sorted by name: all that were ever given credit, and oneself in any case.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Seen>, NotRead> {
    authority.must(Power::CreditsRead)?;
    let credits = app.store.credits(authority.reach, MOST).await?;
    let credits: HashMap<UserId, Credit> =
        credits.into_iter().map(|credit| (credit.account, credit)).collect();
    let users = app.store.users(authority.reach).await?;
    let own = authority.account();
    let shown = users.iter().filter_map(|user| {
        let credit = credits.get(&user.id);
        (credit.is_some() || own == Some(user.id)).then(|| Seen::of(user, credit))
    });
    Ok(shown.collect())
}

/// What an account may spend; none: it is not in reach.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    account: UserId,
) -> Result<Option<Seen>, NotRead> {
    authority.must(Power::CreditsRead)?;
    let Some(user) = app.store.user(authority.reach, account).await? else { return Ok(None) };
    let credit = app.store.credit(authority.reach, account).await?;
    Ok(Some(Seen::of(&user, credit.as_ref())))
}

/// What one's own account has; none: it sends as much as it likes. Whoever may send may know that.
pub(crate) async fn own(app: &App, authority: &Authority) -> Result<Option<Amount>, NotRead> {
    authority.must_one_of([Power::CreditsRead, Power::MessagesSend])?;
    let credit = app.store.credit(authority.reach, authority.owner()).await?;
    Ok(credit.filter(|credit| credit.limited).map(|credit| credit.left()))
}

/// What became of the credit of an account, newest first: at most `limit` entries of those before `before`, and whether more follow.
pub(crate) async fn ledger(
    app: &App,
    authority: &Authority,
    account: UserId,
    before: Option<EventId>,
    limit: u32,
) -> Result<(Vec<LedgerEntry>, bool), NotRead> {
    authority.must(Power::CreditsRead)?;
    let reach = authority.reach;
    let mut entries = app.store.credit_ledger(reach, account, before, limit + 1).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > most;
    entries.truncate(most);
    Ok((entries, more))
}

/// The account of a name, for who gives it credit; none: there is none in reach.
pub(crate) async fn account_named(
    app: &App,
    authority: &Authority,
    name: &str,
) -> Result<Option<UserId>, NotRead> {
    authority.must(Power::CreditsManage)?;
    let user = app.store.find_user(authority.reach, name).await?;
    Ok(user.map(|user| user.id))
}

/// Gives an account credit, or with an amount below zero takes some back. Messages of it that wait for credit go on.
pub(crate) async fn add(
    app: &App,
    authority: &Authority,
    account: UserId,
    amount: Amount,
    note: Option<String>,
) -> Result<Seen, NotChanged> {
    // What it gives is there when the key is not.
    authority.must_for_good(Power::CreditsManage)?;
    if amount == Amount::default() {
        return Err(NotChanged::Nothing);
    }
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(NotChanged::LongNote);
    }
    let user = app.store.user(authority.reach, account).await?;
    let user = user.ok_or(NotChanged::NoSuchAccount)?;
    let note = note.filter(|note| !note.trim().is_empty());
    let (id, by, now) = (EventId::new(), authority.owner(), app.clock.now());
    let new = NewCredit { id, account, amount, note, by };
    let entry = authority.entry(app, AuditAction::CreditChanged).about(&account, &user.name);
    let entry = entry.with(&json!({ "amount": new.amount, "note": new.note }));
    let store = app.store.audited(entry);
    let credit = store.change_credit(authority.reach, &new, now).await?;
    app.bus.hint(&Scheduled::SUBJECT, &Scheduled { at: now }).await;
    tracing::info!(user = %user.name, %amount, by = authority.name(), "the credit of an account was changed");
    Ok(Seen::of(&user, Some(&credit)))
}

/// Lets an account send as much as it likes.
pub(crate) async fn make_unlimited(
    app: &App,
    authority: &Authority,
    account: UserId,
) -> Result<(), NotChanged> {
    authority.must_for_good(Power::CreditsManage)?;
    let now = app.clock.now();
    let user = app.store.user(authority.reach, account).await?;
    let name = user.map(|user| user.name).unwrap_or_default();
    let entry = authority.entry(app, AuditAction::CreditUnlimited).about(&account, &name);
    app.store.audited(entry).make_unlimited(authority.reach, account, now).await?;
    app.bus.hint(&Scheduled::SUBJECT, &Scheduled { at: now }).await;
    tracing::info!(user = %account, by = authority.name(), "an account sends as much as it likes");
    Ok(())
}
