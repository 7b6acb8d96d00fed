//! What senders voted for at a keyword service.

use store::{Service, ServiceAction};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// The votes of a service, each option with how many chose it, in the order in which it has them. There is none where nobody votes.
pub(crate) async fn counts(
    app: &App,
    authority: &Authority,
    service: &Service,
) -> Result<Vec<(String, u64)>, NotRead> {
    authority.must(Power::ServicesRead)?;
    let ServiceAction::Vote { options, .. } = &service.action else { return Ok(Vec::new()) };
    let counted = app.store.service_votes(authority.reach, service.id).await?;
    let of = |option: &String| {
        let found = counted.iter().find(|(counted, _)| counted == option);
        (option.clone(), found.map_or(0, |(_, count)| *count))
    };
    Ok(options.iter().map(of).collect())
}
