//! What accounts and SIMs are called, for whoever narrows a list or a report to one of them.
//!
//! Whose messages are then shown or counted is for the list and the report to say, which ask for their own powers.

use std::collections::HashMap;

use contracts::modem::ModemState;
use contracts::{SimId, UserId};
use store::{LOCAL, StoreError};

use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// The account of a name or an id; none: nobody in reach is called so. An id is taken as it is, for what is looked for by it is
/// looked for in reach.
pub(crate) async fn account(
    app: &App,
    authority: &Authority,
    said: &str,
) -> Result<Option<UserId>, StoreError> {
    if let Ok(id) = said.parse() {
        return Ok(Some(id));
    }
    let user = app.store.find_user(authority.reach, said).await?;
    let local = || (said == LOCAL).then(UserId::internal);
    Ok(user.map(|user| user.id).or_else(local))
}

/// What SIMs are called, by those who may see modems: the modem that each is in, its number, and the operator whose network it is in.
pub(crate) async fn sims(app: &App, authority: &Authority) -> HashMap<SimId, String> {
    if !authority.may(Power::ModemsRead) {
        return HashMap::new();
    }
    let named = |modem: ModemState| {
        let sim = modem.sim?;
        let number = sim.number.map(|number| number.to_string());
        let parts = [Some(modem.name), number, modem.operator];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Some((sim.id, name))
    };
    app.fleet.of(authority.org).await.into_iter().filter_map(named).collect()
}
