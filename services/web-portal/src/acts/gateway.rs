//! What is done to the gateway as a whole: no new messages, or no modem that sends. It stays so until it is undone, whatever
//! is restarted.

use std::collections::BTreeSet;

use contracts::ModemId;
use contracts::config_kv::Gateway;

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// What was done.
pub(crate) async fn now(app: &App, authority: &Authority) -> Result<Gateway, NotRead> {
    authority.must(Power::ModemsRead)?;
    Ok(app.store.gateway(authority.reach).await?)
}

/// Takes no new messages from outside, or takes them again. What was accepted goes out, and what is received is kept.
pub(crate) async fn isolate(
    app: &App,
    authority: &Authority,
    isolated: bool,
) -> Result<(), NotRead> {
    authority.must(Power::ModemsOperate)?;
    let before = app.store.gateway(authority.reach).await?;
    change(app, authority, Gateway { isolated, ..before }).await
}

/// Remembers which modems were stopped together; none: they run again.
pub(crate) async fn suspend(
    app: &App,
    authority: &Authority,
    suspended: Option<BTreeSet<ModemId>>,
) -> Result<(), NotRead> {
    authority.must(Power::ModemsOperate)?;
    let before = app.store.gateway(authority.reach).await?;
    change(app, authority, Gateway { suspended, ..before }).await
}

async fn change(app: &App, authority: &Authority, now: Gateway) -> Result<(), NotRead> {
    app.store.change_gateway(authority.reach, &now, app.clock.now()).await?;
    tracing::warn!(
        isolated = now.isolated,
        suspended = now.suspended.is_some(),
        by = authority.name(),
        "the gateway was changed"
    );
    app.directory.know(now);
    Ok(())
}
