//! A dry run: everything is checked as if it were sent, and nothing is sent, stored or counted.
//!
//! What would be refused is refused in the same words. Limits of messages are not looked at, for to look is to take.

use contracts::Amount;

use crate::acts::acceptance::{self, Sender, Unaccepted};
use crate::acts::count::Count;
use crate::acts::draft::{Draft, Recipient};
use crate::acts::not_read::NotRead;
use crate::acts::price;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// What would be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rehearsal {
    /// A message to each of them.
    pub(crate) recipients: Vec<Recipient>,
    /// How the messages would go out.
    pub(crate) count: Count,
    /// What all of them would cost; none: there are no prices.
    pub(crate) cost: Option<Amount>,
}

/// Checks a draft.
pub(crate) async fn rehearse(
    app: &App,
    authority: &Authority,
    draft: &Draft,
) -> Result<Rehearsal, Unaccepted> {
    authority.must(Power::MessagesSend)?;
    let (recipients, count) = acceptance::check(app, Sender::of(authority), draft).await?;
    app.has_room()?;
    let cost = match price::estimate(app, authority, draft, &recipients).await {
        Ok(cost) => cost,
        Err(NotRead::Denied(denied)) => return Err(denied.into()),
        Err(NotRead::Store(error)) => return Err(error.into()),
    };
    Ok(Rehearsal { recipients, count, cost })
}
