//! What is done to the gateway as a whole: all modems are stopped, or what is received is told to no program. It stays so
//! until it is undone, whatever is restarted.

use std::collections::BTreeSet;

use contracts::ModemId;
use contracts::config_kv::Gateway;
use store::{AuditAction, GatewayChange, ModemChange, ModemError, StoreError};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// What is done to the gateway after a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    /// All of it.
    pub(crate) now: Gateway,
    /// Whether the call changed something.
    pub(crate) is_new: bool,
}

/// What was done.
pub(crate) async fn now(app: &App, authority: &Authority) -> Result<Gateway, NotRead> {
    authority.must(Power::ModemsOperate)?;
    Ok(app.store.gateway(authority.reach).await?)
}

/// Keeps what is received, and tells it to no program until [`resume`]. Messages go out.
pub(crate) async fn isolate(app: &App, authority: &Authority) -> Result<Done, NotRead> {
    authority.must(Power::ModemsOperate)?;
    let before = app.store.gateway(authority.reach).await?;
    if before.isolated {
        return Ok(Done { now: before, is_new: false });
    }
    change(app, authority, &GatewayChange::Isolate).await
}

/// Stops every modem that is not stopped, also those that were plugged in or started since it was asked for before. Which
/// they are is remembered, so that whatever is restarted, they start again with [`resume`].
pub(crate) async fn suspend(app: &App, authority: &Authority) -> Result<Done, NotRead> {
    authority.must(Power::ModemsOperate)?;
    let before = app.store.gateway(authority.reach).await?;
    let mut running = BTreeSet::new();
    for modem in app.fleet.of(authority.org).await {
        // The list may not have heard yet what was set a moment ago.
        let set = app.store.modem(authority.reach, modem.id).await?;
        if set.is_none_or(|set| set.enabled) {
            running.insert(modem.id);
        }
    }
    if before.suspended.is_some() && running.is_empty() {
        return Ok(Done { now: before, is_new: false });
    }
    // Before they are: should the portal be killed between, resume starts one too many and none too few.
    let done = change(app, authority, &GatewayChange::Suspend(running.clone())).await?;
    enable_all(app, authority, running, false).await?;
    Ok(done)
}

/// Starts those modems again that [`suspend`] stopped, and tells programs what was received since [`isolate`].
pub(crate) async fn resume(app: &App, authority: &Authority) -> Result<Done, NotRead> {
    authority.must(Power::ModemsOperate)?;
    let before = app.store.gateway(authority.reach).await?;
    if before.suspended.is_none() && !before.isolated {
        return Ok(Done { now: before, is_new: false });
    }
    enable_all(app, authority, before.suspended.unwrap_or_default(), true).await?;
    change(app, authority, &GatewayChange::Resume).await
}

/// Starts or stops several modems. One that is gone meanwhile sends nothing anyway, and is passed over.
async fn enable_all(
    app: &App,
    authority: &Authority,
    modems: BTreeSet<ModemId>,
    enabled: bool,
) -> Result<(), StoreError> {
    let change = ModemChange { enabled: Some(enabled), ..ModemChange::default() };
    for id in modems {
        match app.store.change_modem(authority.reach, id, &change, app.clock.now()).await {
            Ok(_) => {}
            Err(ModemError::Store(error)) => return Err(error),
            Err(ModemError::Elsewhere | ModemError::NameTaken(_)) => {
                tracing::info!(modem = %id, "a modem is gone, and is passed over");
            }
        }
    }
    Ok(())
}

async fn change(app: &App, authority: &Authority, change: &GatewayChange) -> Result<Done, NotRead> {
    let action = match change {
        GatewayChange::Isolate => AuditAction::GatewayIsolated,
        GatewayChange::Suspend(_) => AuditAction::GatewaySuspended,
        GatewayChange::Resume => AuditAction::GatewayResumed,
    };
    let store = app.store.audited(authority.entry(app, action));
    let now = store.change_gateway(authority.reach, change, app.clock.now()).await?;
    tracing::warn!(
        isolated = now.isolated,
        suspended = now.suspended.is_some(),
        by = authority.name(),
        "the gateway was changed"
    );
    Ok(Done { now, is_new: true })
}
