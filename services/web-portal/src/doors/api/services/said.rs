//! What a body says that a service is to do.

use store::ServiceAction;

use super::kinds::Kinds;
use crate::acts::service::{Deed, NotMade};

/// What a service is to do, as the fields of a body say it.
pub(super) struct Said {
    pub(super) calls: [Option<ServiceAction>; 4],
    pub(super) reply: Option<String>,
    pub(super) forward_to: Option<Vec<String>>,
    pub(super) forward_text: Option<String>,
    pub(super) subscribe: Option<String>,
    pub(super) unsubscribe: Option<String>,
    pub(super) vote: Option<Vec<String>>,
    pub(super) kinds: Kinds,
    /// Whether it is said of a service that does something already.
    pub(super) is_change: bool,
}

impl Said {
    /// The deeds: a service has exactly one, which the act asks for.
    pub(super) fn deeds(self) -> Result<Vec<Deed>, NotMade> {
        let mut deeds: Vec<Deed> = self.calls.into_iter().flatten().map(Deed::Does).collect();
        if self.forward_to.is_some() || self.forward_text.is_some() {
            let (to, text) = (self.forward_to.unwrap_or_default(), self.forward_text);
            deeds.push(Deed::Forward { to, text });
        }
        // A text beside one of these is what is sent back.
        let back = self.reply.clone();
        let groups = [(self.subscribe, true), (self.unsubscribe, false)];
        let joining = |(group, joins): (Option<String>, bool)| {
            group.map(|group| Deed::Join { group, joins, reply: back.clone() })
        };
        let voting = self.vote.map(|options| Deed::Vote { options, reply: back.clone() });
        let mut beside: Vec<Deed> = groups.into_iter().filter_map(joining).chain(voting).collect();
        let is_alone = self.is_change && deeds.is_empty() && beside.is_empty();
        beside.extend(self.kinds.deeds(self.reply.as_ref(), is_alone)?);
        if beside.is_empty() {
            deeds.extend(self.reply.map(Deed::Says));
        }
        deeds.extend(beside);
        Ok(deeds)
    }
}

/// What is called or run, of the fields that say so.
pub(super) fn calls(
    get_url: Option<String>,
    post_url: Option<String>,
    post_xml: Option<String>,
    exec: Option<String>,
) -> [Option<ServiceAction>; 4] {
    [
        get_url.map(ServiceAction::GetUrl),
        post_url.map(ServiceAction::PostUrl),
        post_xml.map(ServiceAction::PostXml),
        exec.map(ServiceAction::Exec),
    ]
}
