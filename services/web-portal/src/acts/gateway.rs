//! What is done to the gateway as a whole: no new messages, or no modem that sends. It stays so until it is undone, whatever
//! is restarted.

use std::collections::BTreeSet;

use contracts::ModemId;
use contracts::config_kv::Gateway;
use store::GatewayChange;

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
    change(app, authority, &GatewayChange::Isolate(isolated)).await
}

/// Remembers modems that are stopped together, beside those that are remembered already.
pub(crate) async fn suspend(
    app: &App,
    authority: &Authority,
    stopped: BTreeSet<ModemId>,
) -> Result<(), NotRead> {
    authority.must(Power::ModemsOperate)?;
    change(app, authority, &GatewayChange::Suspend(stopped)).await
}

/// Remembers no modems any longer: they run again.
pub(crate) async fn resume(app: &App, authority: &Authority) -> Result<(), NotRead> {
    authority.must(Power::ModemsOperate)?;
    change(app, authority, &GatewayChange::Resume).await
}

async fn change(app: &App, authority: &Authority, change: &GatewayChange) -> Result<(), NotRead> {
    let now = app.store.change_gateway(authority.reach, change, app.clock.now()).await?;
    tracing::warn!(
        isolated = now.isolated,
        suspended = now.suspended.is_some(),
        by = authority.name(),
        "the gateway was changed"
    );
    app.directory.know(now);
    Ok(())
}
