//! The pages that the navigation leads to, in their sections.
//!
//! On a phone the first four stand in a row at the foot, and the rest is behind the fifth.

use crate::power::Power;
use crate::words::Words;

/// A page of the navigation.
pub(super) struct Place {
    pub(super) path: &'static str,
    /// Its picture in `icons.svg`.
    pub(super) icon: &'static str,
    /// What whoever sees it may; none: whoever is logged in.
    power: Option<Power>,
    /// The letter that leads there, after `g`.
    pub(super) letter: char,
    pub(super) name: fn(Words) -> String,
}

/// Pages that belong together.
pub(super) struct Section {
    pub(super) name: fn(Words) -> String,
    pub(super) places: &'static [Place],
}

impl Place {
    const fn of(
        path: &'static str,
        icon: &'static str,
        power: Option<Power>,
        letter: char,
        name: fn(Words) -> String,
    ) -> Self {
        Self { path, icon, power, letter, name }
    }

    /// Whether somebody with these powers sees it.
    pub(super) fn is_for(&self, may: impl Fn(Power) -> bool) -> bool {
        self.power.is_none_or(may)
    }

    /// Whether a page is this one, or belongs to it.
    pub(super) fn is_at(&self, path: &str) -> bool {
        path == self.path
            || self.path != "/"
                && path.strip_prefix(self.path).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The pages that a phone shows at its foot: the first section begins with them.
pub(super) const AT_HAND: usize = 4;

/// All of them.
pub(super) static SECTIONS: [Section; 5] = [
    Section {
        name: Words::nav_messages,
        places: &[
            Place::of("/", "write", None, 'w', Words::nav_home),
            Place::of(
                "/conversations",
                "talks",
                Some(Power::InboxRead),
                'c',
                Words::nav_conversations,
            ),
            Place::of("/sent", "outbox", Some(Power::MessagesRead), 's', Words::nav_outbox),
            Place::of("/received", "inbox", Some(Power::InboxRead), 'r', Words::nav_inbox),
            Place::of("/bulk", "bulk", Some(Power::MessagesSend), 'f', Words::nav_bulk),
        ],
    },
    Section {
        name: Words::nav_people,
        places: &[
            Place::of("/contacts", "contacts", Some(Power::ContactsRead), 'k', Words::nav_contacts),
            Place::of("/groups", "users", Some(Power::ContactsRead), 'g', Words::nav_groups),
            Place::of(
                "/templates",
                "templates",
                Some(Power::TemplatesRead),
                't',
                Words::nav_templates,
            ),
        ],
    },
    Section {
        name: Words::nav_automation,
        places: &[
            Place::of(
                "/schedules",
                "schedules",
                Some(Power::SchedulesRead),
                'd',
                Words::nav_schedules,
            ),
            Place::of(
                "/broadcasts",
                "broadcasts",
                Some(Power::BroadcastsRead),
                'b',
                Words::nav_broadcasts,
            ),
            Place::of("/services", "services", Some(Power::ServicesRead), 'v', Words::nav_services),
            Place::of("/webhooks", "webhooks", Some(Power::WebhooksRead), 'h', Words::nav_webhooks),
        ],
    },
    Section {
        name: Words::nav_operation,
        places: &[
            Place::of("/modems", "modems", Some(Power::ModemsRead), 'm', Words::nav_modems),
            Place::of("/routes", "routes", Some(Power::RoutesRead), 'o', Words::nav_routes),
            Place::of("/reports", "reports", Some(Power::ReportsRead), 'p', Words::nav_reports),
            Place::of("/status", "status", Some(Power::GatewayOperate), 'i', Words::nav_status),
            Place::of("/audit", "audit", Some(Power::AuditRead), 'l', Words::nav_audit),
        ],
    },
    Section {
        name: Words::nav_yours,
        places: &[
            Place::of("/account", "account", None, 'a', Words::nav_account),
            Place::of("/users", "users", Some(Power::UsersManage), 'u', Words::nav_users),
            Place::of("/teams", "users", Some(Power::UsersManage), 'e', Words::nav_teams),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_have_one_letter_and_the_first_four_are_for_whoever_reads() {
        let places = || SECTIONS.iter().flat_map(|section| section.places);
        let letters: HashSet<char> = places().map(|place| place.letter).collect();
        assert_eq!(letters.len(), places().count());
        assert!(SECTIONS[0].places.len() >= AT_HAND);
    }

    #[test]
    fn a_page_belongs_to_the_one_that_leads_to_it() {
        let at = |path: &str| {
            let places = SECTIONS.iter().flat_map(|section| section.places);
            places.filter(|place| place.is_at(path)).map(|place| place.path).collect::<Vec<_>>()
        };
        assert_eq!(at("/"), ["/"]);
        assert_eq!(at("/conversations/+62812"), ["/conversations"]);
        assert_eq!(at("/sent"), ["/sent"]);
        assert!(at("/sentences").is_empty());
    }
}
