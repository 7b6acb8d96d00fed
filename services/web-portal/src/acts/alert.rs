//! What is wrong with the gateway, and where its messages are, for those who operate it.

use contracts::alert::Alert;
use store::Queued;

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// How the gateway is.
#[derive(Debug)]
pub(crate) struct Status {
    /// What is wrong, newest first.
    pub(crate) alerts: Vec<Alert>,
    /// The messages that have not come to an end.
    pub(crate) queue: Vec<Queued>,
}

/// What is wrong, with `closed` what was wrong too, at most `limit` of it, and where the messages are.
pub(crate) async fn status(
    app: &App,
    authority: &Authority,
    closed: bool,
    limit: u32,
) -> Result<Status, NotRead> {
    authority.must(Power::GatewayOperate)?;
    let (store, reach) = (&app.store, authority.reach);
    let (alerts, queue) = tokio::try_join!(store.alerts(reach, closed, limit), store.queue(reach))?;
    Ok(Status { alerts, queue })
}
