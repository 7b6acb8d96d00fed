//! The tables of playSMS 1.4 that are read, by what follows the prefix of their names.

/// Tables of which something is carried over.
const CARRIED: [&str; 22] = [
    "tblUser",
    "featurePhonebook",
    "featurePhonebook_group",
    "featurePhonebook_group_contacts",
    "featureMsgtemplate",
    "featureAutoreply",
    "featureAutoreply_scenario",
    "featureCustom",
    "featureBoard",
    "featureCommand",
    "featurePoll",
    "featurePoll_choice",
    "featureQuiz",
    "featureSubscribe",
    "featureSubscribe_member",
    "featureInboxgroup",
    "featureInboxgroup_members",
    "featureStoplist",
    "tblSMSInbox",
    "tblSMSIncoming",
    "tblSMSOutgoing",
    "tblSMSOutgoing_queue",
];

/// A table whose rows are named, and not carried over: its name, what a row is, the column that says which one, and why.
pub(super) struct Named {
    pub(super) table: &'static str,
    pub(super) what: &'static str,
    pub(super) column: &'static str,
    pub(super) why: &'static str,
}

/// See [`Named`].
pub(super) const NAMED: [Named; 4] = [
    named("featureSchedule", "the schedule", "name", "there are no schedules"),
    named(
        "featureOutgoing",
        "the route",
        "prefix",
        "the gateway chooses the modem, or a message names its SIM",
    ),
    named("featureSimplerate", "the rate", "prefix", "messages have no prices"),
    named("featureSendfromfile", "the file", "sid", "a batch is sent by POST /api/v1/batches"),
];

const fn named(
    table: &'static str,
    what: &'static str,
    column: &'static str,
    why: &'static str,
) -> Named {
    Named { table, what, column, why }
}

/// The table that a name of the dump stands for, whatever prefix an installation has.
pub(super) fn wanted(name: &str) -> Option<String> {
    let all = CARRIED.into_iter().chain(NAMED.iter().map(|named| named.table));
    let lower = name.to_ascii_lowercase();
    let mut fits = all.filter(|known| {
        let prefix = lower.strip_suffix(&known.to_ascii_lowercase());
        prefix.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('_'))
    });
    fits.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_known_by_any_prefix() {
        for (name, expected) in [
            ("playsms_tblUser", Some("tblUser")),
            ("sms_tbluser", Some("tblUser")),
            ("tblUser", Some("tblUser")),
            ("playsms_featurePhonebook_group", Some("featurePhonebook_group")),
            ("playsms_tblSMSOutgoing_queue", Some("tblSMSOutgoing_queue")),
            ("playsms_featurePoll_choice", Some("featurePoll_choice")),
            ("playsms_tblUser_backup", None),
            ("xtblUser", None),
            ("", None),
        ] {
            assert_eq!(wanted(name).as_deref(), expected, "{name}");
        }
    }
}
