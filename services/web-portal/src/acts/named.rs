//! Whom a name means, for whoever narrows a list or a report to one account.

use contracts::UserId;
use store::{LOCAL, Reach};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// The account of a name or an id; none: nobody in reach is called so. An id is taken as it is: whatever is asked for, no more than what
/// is in reach is shown or counted.
pub(crate) async fn account(
    app: &App,
    authority: &Authority,
    said: &str,
) -> Result<Option<UserId>, NotRead> {
    if !authority.may(Power::ReportsRead) {
        authority.must_one_of([Power::MessagesRead, Power::InboxRead])?;
    }
    if let Ok(id) = said.parse() {
        return Ok(Some(id));
    }
    let user = match app.store.find_user(authority.reach, said).await? {
        // A manager names those whom they lead, and messages of others are not in reach.
        None if authority.reach.leads().is_some() => {
            app.store.find_user(Reach::everything(authority.org), said).await?
        }
        found => found,
    };
    let local = || (said == LOCAL).then(UserId::internal);
    Ok(user.map(|user| user.id).or_else(local))
}
