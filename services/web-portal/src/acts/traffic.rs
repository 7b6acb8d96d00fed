//! How much came and went.

use contracts::Timestamp;
use store::Traffic;

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// What came and went after `since` and not after `until`, SIM by SIM, in the organisation.
pub(crate) async fn between(
    app: &App,
    authority: &Authority,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<Traffic>, NotRead> {
    authority.must(Power::ModemsRead)?;
    Ok(app.store.traffic(authority.reach, since, until).await?)
}
