//! Powers: what may be done, each with the word that names it in the scopes of a key.

use store::Role;

contracts::named! {
    /// One thing that may be done.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub(crate) enum Power {
        /// Send messages, send them again, and count them beforehand.
        MessagesSend = "messages:send",
        /// Read sent messages and what became of them.
        MessagesRead = "messages:read",
        /// Take messages back.
        MessagesCancel = "messages:cancel",
        /// Read received messages.
        InboxRead = "inbox:read",
        /// See modems and SIMs.
        ModemsRead = "modems:read",
        /// Name, disable and forget modems, and ask them: AT commands, USSD codes, PINs. See their identities.
        ModemsOperate = "modems:operate",
        /// Say who may use a SIM.
        SimsManage = "sims:manage",
        /// See one's own endpoints and what they were told.
        WebhooksRead = "webhooks:read",
        /// Make, change, test and remove one's own endpoints, and send events again.
        WebhooksWrite = "webhooks:write",
        /// See one's own keyword services and what came of their calls.
        ServicesRead = "services:read",
        /// Make, change and remove one's own keyword services.
        ServicesWrite = "services:write",
        /// See one's own contacts and groups, and those that the organisation shares.
        ContactsRead = "contacts:read",
        /// Make, change and remove one's own contacts and groups.
        ContactsWrite = "contacts:write",
        /// See one's own templates, and those that the organisation shares.
        TemplatesRead = "templates:read",
        /// Make, change and remove one's own templates.
        TemplatesWrite = "templates:write",
        /// See one's own schedules.
        SchedulesRead = "schedules:read",
        /// Pause and remove one's own schedules, and, with [`Self::MessagesSend`], make and change them and send for them now.
        SchedulesWrite = "schedules:write",
        /// See one's own broadcasts, and who they are for.
        BroadcastsRead = "broadcasts:read",
        /// Make, change, pause, cancel and remove one's own broadcasts, and, with [`Self::MessagesSend`], start, resume and test them and
        /// change what those send that wait for their time.
        BroadcastsWrite = "broadcasts:write",
        /// See how many messages came to which end, and how long they took: of those that one may read.
        ReportsRead = "reports:read",
        /// See who opted out.
        OptOutsRead = "optouts:read",
        /// Say who is sent nothing more, and who is sent messages again.
        OptOutsManage = "optouts:manage",
        /// Make, change and remove contacts, groups and templates that all of the organisation share.
        SharedManage = "shared:manage",
        /// See the rules that say which way messages go, and which way one would go.
        RoutesRead = "routes:read",
        /// Change the rules, and how pools share their work.
        RoutesManage = "routes:manage",
        /// See one's own credit and what became of it, and what messages cost.
        CreditsRead = "credits:read",
        /// Give accounts credit, and say what messages cost.
        CreditsManage = "credits:manage",
        /// Make and revoke one's own keys.
        KeysManage = "keys:manage",
        /// Make and change accounts, and the keys of others.
        UsersManage = "users:manage",
        /// Read the audit log.
        AuditRead = "audit:read",
        /// Bring messages of the gateway before this one.
        HistoryImport = "history:import",
        /// Read what the gateway gave up, make its set-up link, and, with [`Self::MessagesSend`], take in messages that no modem received.
        GatewayOperate = "gateway:operate",
    }
}

/// The scope of a key that may all that its account may.
pub(crate) const ALL_ANY: &str = "all:any";

/// What may stand in the scopes of a key.
pub(crate) const SCOPES: [&str; Power::ALL.len() + 1] = {
    let mut words = [ALL_ANY; Power::ALL.len() + 1];
    let mut at = 0;
    while at < Power::ALL.len() {
        words[at] = Power::ALL[at].as_str();
        at += 1;
    }
    words
};

/// A set of powers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Powers(u64);

impl Powers {
    /// Every power.
    pub(crate) const ALL: Self = Self::of(&Power::ALL);
    /// Those of every account: to see what is its own.
    const SEE: Self = Self::of(&[
        Power::MessagesRead,
        Power::InboxRead,
        Power::ModemsRead,
        Power::WebhooksRead,
        Power::ServicesRead,
        Power::ContactsRead,
        Power::TemplatesRead,
        Power::SchedulesRead,
        Power::BroadcastsRead,
        Power::CreditsRead,
        Power::ReportsRead,
        Power::OptOutsRead,
    ]);
    /// Those of every account that is not read-only: to use the gateway.
    const USE: Self = Self::of(&[
        Power::MessagesSend,
        Power::MessagesRead,
        Power::MessagesCancel,
        Power::InboxRead,
        Power::ModemsRead,
        Power::WebhooksRead,
        Power::WebhooksWrite,
        Power::ServicesRead,
        Power::ServicesWrite,
        Power::ContactsRead,
        Power::ContactsWrite,
        Power::TemplatesRead,
        Power::TemplatesWrite,
        Power::SchedulesRead,
        Power::SchedulesWrite,
        Power::BroadcastsRead,
        Power::BroadcastsWrite,
        Power::ReportsRead,
        Power::OptOutsRead,
        Power::CreditsRead,
        Power::KeysManage,
    ]);
    /// Those of an administrator of an organisation, beside [`Self::USE`].
    const ADMINISTER: Self = Self::of(&[
        Power::UsersManage,
        Power::SimsManage,
        Power::OptOutsManage,
        Power::SharedManage,
        Power::RoutesRead,
        Power::RoutesManage,
        Power::AuditRead,
        Power::CreditsManage,
        Power::HistoryImport,
    ]);
    /// Those of an operator of the gateway, beside [`Self::USE`].
    const OPERATE: Self = Self::of(&[Power::ModemsOperate, Power::GatewayOperate]);
    /// Those of a manager of what an organisation shares, beside [`Self::USE`].
    const SHARE: Self = Self::of(&[Power::OptOutsManage, Power::SharedManage]);

    const fn of(powers: &[Power]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < powers.len() {
            bits |= 1 << powers[at] as u64;
            at += 1;
        }
        Self(bits)
    }

    /// Those of an account. One that is an administrator operates the gateway too.
    pub(crate) const fn of_role(role: Role) -> Self {
        match role {
            Role::ReadOnly => Self::SEE,
            _ => Self::USE.and(Self::special(role)),
        }
    }

    /// Those that an account of this role has beside those to use the gateway.
    pub(crate) const fn special(role: Role) -> Self {
        match role {
            Role::Admin => Self::ADMINISTER.and(Self::OPERATE),
            Role::Operator => Self::OPERATE,
            Role::Manager => Self::SHARE,
            Role::User | Role::ReadOnly | Role::Service => Self(0),
        }
    }

    /// Those that the scopes of a key name, words separated by spaces. A word of a later version gives nothing.
    pub(crate) fn of_scopes(scopes: &str) -> Self {
        let mut powers = Self(0);
        for word in scopes.split_whitespace() {
            if word == ALL_ANY {
                return Self::ALL;
            }
            let power = word.parse::<Power>().ok();
            powers = power.map_or(powers, |power| powers.and(Self::of(&[power])));
        }
        powers
    }

    /// Those with which somebody acts as the account whose these are: without what nobody could tell from the account's own.
    pub(crate) const fn when_acting(self) -> Self {
        let own = [Power::MessagesSend, Power::MessagesCancel, Power::KeysManage];
        Self(self.0 & !Self::of(&own).0)
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are in both.
    pub(crate) const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all of `other` are among them.
    pub(crate) const fn cover(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether the power is one of them.
    pub(crate) const fn has(self, power: Power) -> bool {
        self.0 & (1 << power as u64) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_give_what_they_name() {
        assert_eq!(Powers::of_scopes("all:any"), Powers::ALL);
        assert_eq!(Powers::of_scopes("messages:send all:any"), Powers::ALL);
        for (text, powers) in [
            ("", &[][..]),
            ("fly:high messages", &[]),
            ("messages:send fly:high", &[Power::MessagesSend]),
            ("keys:manage  inbox:read", &[Power::InboxRead, Power::KeysManage]),
        ] {
            assert_eq!(Powers::of_scopes(text), Powers::of(powers), "{text}");
        }
        let some = Powers::of_scopes("keys:manage inbox:read");
        assert!(Powers::ALL.cover(some) && !some.cover(Powers::ALL));
        assert_eq!(
            some.common(Powers::of_scopes("inbox:read modems:read")),
            Powers::of(&[Power::InboxRead])
        );
        assert!(SCOPES.iter().all(|word| Powers::of_scopes(word) != Powers::of(&[])));
    }

    #[test]
    fn an_administrator_has_every_power_and_a_user_those_to_use_the_gateway() {
        assert_eq!(Powers::of_role(Role::Admin), Powers::ALL);
        assert_eq!(Powers::of_role(Role::User), Powers::of_role(Role::Service));
        for power in Power::ALL {
            assert!(Powers::ALL.has(power), "{power:?}");
            let is_usual = Powers::of_role(Role::User).has(power);
            let is_special = Powers::ADMINISTER.has(power) || Powers::OPERATE.has(power);
            assert_ne!(is_usual, is_special, "{power:?}");
        }
    }

    /// A power that somebody adds is one to see or one to do something, and its word says which: who is read-only has those of
    /// users that end in `:read`, and no other.
    #[test]
    fn who_is_read_only_sees_what_a_user_sees_and_does_nothing() {
        let (user, read_only) = (Powers::of_role(Role::User), Powers::of_role(Role::ReadOnly));
        for power in Power::ALL {
            let is_to_see = power.as_str().ends_with(":read") && user.has(power);
            assert_eq!(read_only.has(power), is_to_see, "{power:?}");
        }
        assert_eq!(Powers::special(Role::ReadOnly), Powers::of(&[]));
    }

    #[test]
    fn each_role_has_what_a_user_has_and_what_it_is_for() {
        let user = Powers::of_role(Role::User);
        for (role, beyond) in [
            (Role::Operator, &[Power::ModemsOperate, Power::GatewayOperate][..]),
            (Role::Manager, &[Power::OptOutsManage, Power::SharedManage]),
        ] {
            let powers = Powers::of_role(role);
            assert_eq!(powers, user.and(Powers::of(beyond)), "{role}");
            assert!(!powers.has(Power::UsersManage) && !powers.has(Power::SimsManage), "{role}");
        }
    }
}
