//! What messages cost.

use contracts::credit::{Prices, PricesError};
use contracts::scheduled::Scheduled;
use contracts::{Amount, UserId};
use store::{AuditAction, ChangePricesError, PricesVersion, StoreError};

use crate::acts::draft::{Draft, Recipient};
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// Why the prices were not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotChanged {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Something is wrong with them.
    #[error(transparent)]
    Wrong(#[from] PricesError),
    /// Somebody changed them meanwhile: they have this version.
    #[error("the prices were changed meanwhile and have version {0} now; nothing was done")]
    Meanwhile(i64),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangePricesError> for NotChanged {
    fn from(error: ChangePricesError) -> Self {
        match error {
            ChangePricesError::Changed(version) => Self::Meanwhile(version),
            ChangePricesError::Store(error) => Self::Store(error),
        }
    }
}

/// The prices of the organisation with their version; 0: they were never changed.
pub(crate) async fn show(app: &App, authority: &Authority) -> Result<(Prices, i64), NotRead> {
    authority.must(Power::CreditsRead)?;
    Ok(app.store.prices(authority.reach).await?)
}

/// Puts prices in place of those of a version, and returns them with the version that they have then. What numbers begin with at home
/// is kept as what they begin with abroad, once there is a home country.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    mut prices: Prices,
    version: i64,
) -> Result<(Prices, i64), NotChanged> {
    authority.must_for_good(Power::CreditsManage)?;
    let plan = &app.settings.numbering;
    for one in &mut prices.prefixes {
        if let Ok(dialled) = plan.beginning(one.prefix.as_str()).parse() {
            one.prefix = dialled;
        }
    }
    prices.prefixes.sort_by(|one, other| one.prefix.cmp(&other.prefix));
    prices.check()?;
    let (owner, now) = (authority.owner(), app.clock.now());
    let (before, _) = app.store.prices(authority.reach).await?;
    let entry = authority.entry(app, AuditAction::PricesChanged).changed(&before, &prices);
    let store = app.store.audited(entry);
    let version = store.change_prices(authority.reach, &prices, version, owner, now).await?;
    app.bus.hint(&Scheduled::SUBJECT, &Scheduled { at: now }).await;
    tracing::info!(version, by = authority.name(), "the prices of messages were changed");
    Ok((prices, version))
}

/// The versions that are kept, newest first, each with the name of who made it.
pub(crate) async fn versions(
    app: &App,
    authority: &Authority,
) -> Result<Vec<(PricesVersion, String)>, NotRead> {
    authority.must(Power::CreditsManage)?;
    let users = app.store.users(authority.reach).await?;
    let name = |account: UserId| {
        let user = users.iter().find(|user| user.id == account);
        let local = if account == UserId::internal() { "local" } else { "" };
        user.map_or_else(|| local.to_owned(), |user| user.name.clone())
    };
    let versions = app.store.prices_versions(authority.reach).await?;
    let named = |one: PricesVersion| {
        let by = name(one.account);
        (one, by)
    };
    Ok(versions.into_iter().map(named).collect())
}

/// The prices as they were in a version; none: it is not kept.
pub(crate) async fn of_version(
    app: &App,
    authority: &Authority,
    version: i64,
) -> Result<Option<Prices>, NotRead> {
    authority.must(Power::CreditsManage)?;
    Ok(app.store.prices_of(authority.reach, version).await?)
}

/// What the messages of a draft to these recipients would cost in all, by the prices; none: there are none. Whoever may send may know
/// that.
pub(crate) async fn estimate(
    app: &App,
    authority: &Authority,
    draft: &Draft,
    recipients: &[Recipient],
) -> Result<Option<Amount>, NotRead> {
    authority.must(Power::MessagesSend)?;
    let (prices, _) = app.store.prices(authority.reach).await?;
    if prices.is_free() {
        return Ok(None);
    }
    let of_all = draft.parts_of(None);
    let sum = recipients.iter().fold(0_i64, |sum, recipient| {
        let own = recipient.text.as_deref().map(|text| draft.parts_of(Some(text)));
        let cost = prices.cost(&recipient.to, own.unwrap_or(of_all));
        sum.saturating_add(cost.ten_thousandths())
    });
    Ok(Some(Amount::from_ten_thousandths(sum)))
}
