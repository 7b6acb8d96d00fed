//! The codes of refusals: stable names, each with its status and what can be done.
//!
//! A program decides by the code; status and title follow from it, and `docs/api.md` quotes the list.

use axum::http::StatusCode;

contracts::named! {
    /// Why something was refused.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Code {
        /// The request is not what the call takes.
        Malformed = "malformed",
        /// There is no key that works.
        UnknownKey = "unknown-key",
        /// The account lacks the power.
        AdminsOnly = "admins-only",
        /// The key lacks the scope.
        ScopeMissing = "scope-missing",
        /// It would give more than the key has.
        ScopeBeyond = "scope-beyond",
        /// It would stay when the key has expired.
        KeyExpires = "key-expires",
        /// A key would be good for longer than the one that makes it.
        KeyWouldOutlive = "key-would-outlive",
        /// The key works from other addresses only.
        AddressNotAllowed = "address-not-allowed",
        /// The SIM is for others.
        SimNotYours = "sim-not-yours",
        /// There is no such call.
        NoSuchCall = "no-such-call",
        /// There is no such thing.
        NotFound = "not-found",
        /// There is no such account.
        NoSuchUser = "no-such-user",
        /// There is no such team, or the account is not of it.
        NoSuchTeam = "no-such-team",
        /// The call is made with another method.
        NoSuchMethod = "no-such-method",
        /// A modem has the message.
        TooLate = "too-late",
        /// The message is under way, or it arrived.
        NotOver = "not-over",
        /// The batch was cancelled.
        BatchCancelled = "batch-cancelled",
        /// Another has the name.
        NameTaken = "name-taken",
        /// The last administrator stays.
        LastAdmin = "last-admin",
        /// There is an administrator.
        AdminExists = "admin-exists",
        /// A driver looks after the modem.
        ModemHere = "modem-here",
        /// The SIM refused its PIN.
        PinRefused = "pin-refused",
        /// The account has as many endpoints as it may.
        TooManyWebhooks = "too-many-webhooks",
        /// The endpoint is disabled.
        WebhookDisabled = "webhook-disabled",
        /// A test of the endpoint waits.
        WebhookTestWaits = "webhook-test-waits",
        /// As many events wait for the endpoint as may.
        WebhookFull = "webhook-full",
        /// The set-up link was used, replaced, or is too old.
        LinkVoid = "link-void",
        /// The rows of the file are gone.
        RowsGone = "rows-gone",
        /// The account has as many services as it may have.
        TooManyServices = "too-many-services",
        /// The organisation has as many contacts as it may have.
        TooManyContacts = "too-many-contacts",
        /// The account has as many groups as it may have, or a contact is in as many.
        TooManyGroups = "too-many-groups",
        /// The account has as many templates as it may have.
        TooManyTemplates = "too-many-templates",
        /// The conversation has as many notes as it may have.
        TooManyNotes = "too-many-notes",
        /// The account mutes as many conversations as it may.
        TooManyMutes = "too-many-mutes",
        /// The account has as many schedules as it may have.
        TooManySchedules = "too-many-schedules",
        /// The account has as many broadcasts as it may have.
        TooManyBroadcasts = "too-many-broadcasts",
        /// The broadcast is in another state.
        BroadcastState = "broadcast-state",
        /// The account has as many files as it may have.
        TooManyFiles = "too-many-files",
        /// The file is being sent.
        BulkSending = "bulk-sending",
        /// What is sent of the file is not what was looked at.
        BulkChanged = "bulk-changed",
        /// The import was confirmed, or was not.
        ImportState = "import-state",
        /// What the columns are is not what was looked at.
        ImportChanged = "import-changed",
        /// No row becomes a contact.
        NoContact = "no-contact",
        /// The group is by rule, or by hand.
        GroupKind = "group-kind",
        /// As many invitations are open as may be.
        TooManyInvitations = "too-many-invitations",
        /// The organisation has as many teams as it may have, or a user is of as many.
        TooManyTeams = "too-many-teams",
        /// The SIM belongs to a team.
        SimOfTeam = "sim-of-team",
        /// The team has SIMs.
        TeamHasSims = "team-has-sims",
        /// The team has contacts, groups or templates.
        TeamHasContacts = "team-has-contacts",
        /// The account has a password there.
        PasswordInUse = "password-in-use",
        /// Another service of the account has the keyword.
        KeywordTaken = "keyword-taken",
        /// The rules were changed meanwhile.
        RoutesChanged = "routes-changed",
        /// The account has less that can be taken back.
        TooLittleCredit = "too-little-credit",
        /// The prices were changed meanwhile.
        PricesChanged = "prices-changed",
        /// Something is wrong with the rules.
        RoutesInvalid = "routes-invalid",
        /// Settings were changed meanwhile.
        ConfigurationChanged = "configuration-changed",
        /// Something is wrong with the document of settings.
        ConfigurationInvalid = "configuration-invalid",
        /// The body is too large.
        BodyTooLarge = "body-too-large",
        /// The file cannot be read.
        UnreadableFile = "unreadable-file",
        /// Nobody is named.
        NoRecipient = "no-recipient",
        /// Too many are named.
        TooManyRecipients = "too-many-recipients",
        /// A number stands twice.
        RecipientTwice = "recipient-twice",
        /// A recipient is no number.
        InvalidRecipient = "invalid-recipient",
        /// The text has nothing to read.
        BlankText = "blank-text",
        /// There is nothing to send.
        EmptyText = "empty-text",
        /// The text has too many parts.
        TextTooLong = "text-too-long",
        /// A field is too large.
        FieldTooLarge = "field-too-large",
        /// The message cannot be encoded.
        CannotBeEncoded = "cannot-be-encoded",
        /// The name of the attempt is that of another.
        IdempotencyKeyReused = "idempotency-key-reused",
        /// The name does not do.
        InvalidName = "invalid-name",
        /// The password is too short.
        PasswordTooShort = "password-too-short",
        /// The password is too long.
        PasswordTooLong = "password-too-long",
        /// More than the key or the account may.
        TooManyRequests = "too-many-requests",
        /// As many follow what happens as may.
        TooManyStreams = "too-many-streams",
        /// An error of ours.
        Internal = "internal",
        /// The modem refused.
        ModemRefused = "modem-refused",
        /// No driver answers for the modem.
        ModemAway = "modem-away",
        /// The database does not answer.
        DatabaseUnavailable = "database-unavailable",
        /// The disk is full.
        DiskFull = "disk-full",
        /// The broker is full.
        BrokerFull = "broker-full",
        /// The broker is away.
        BrokerUnavailable = "broker-unavailable",
        /// The broker did not confirm.
        BrokerUnconfirmed = "broker-unconfirmed",
        /// The history is behind.
        HistoryBehind = "history-behind",
        /// There is no memory.
        NoMemory = "no-memory",
        /// The modem does not answer.
        ModemSilent = "modem-silent",
        /// The answer took too long.
        TooSlow = "too-slow",
    }
}

/// Status, title, and what can be done, for the documentation.
type About = (StatusCode, &'static str, &'static str);

impl Code {
    /// The status that goes with it.
    pub(crate) const fn status(self) -> StatusCode {
        self.about().0
    }

    /// What kind of refusal it is, in a few words.
    pub(crate) const fn title(self) -> &'static str {
        self.about().1
    }

    const fn about(self) -> About {
        use StatusCode as S;
        const AWAY: &str = "Not available at the moment";
        match self {
            Self::Malformed => (
                S::BAD_REQUEST,
                "The request cannot be read",
                "mend the request; `field` names what is wrong in it",
            ),
            Self::UnknownKey => (
                S::UNAUTHORIZED,
                "The API key is not known",
                "send a key that works: not revoked, not expired, of an account that is enabled",
            ),
            Self::AdminsOnly => (
                S::FORBIDDEN,
                "Not allowed",
                "use a key of an account whose role allows it, such as an administrator's",
            ),
            Self::ScopeMissing => {
                (S::FORBIDDEN, "Not with this key", "use a key whose scopes include `scope`")
            }
            Self::ScopeBeyond => (
                S::FORBIDDEN,
                "More than this key may",
                "a key gives no more than it has: ask for fewer `scopes` or a narrower `allow`, or use a key with more",
            ),
            Self::KeyExpires => (
                S::FORBIDDEN,
                "Not with a key that expires",
                "use the pages, the command line on the gateway's machine, or an administrator's key that does not expire",
            ),
            Self::KeyWouldOutlive => (
                S::FORBIDDEN,
                "Longer than the key itself",
                "the key you use ends before the one you want: ask for an earlier `expires_at`",
            ),
            Self::AddressNotAllowed => (
                S::FORBIDDEN,
                "Not from this address",
                "send the request from an address that the key allows, or use another key",
            ),
            Self::SimNotYours => (
                S::FORBIDDEN,
                "Not your SIM",
                "leave `sim` out, or choose one of `GET /sims` with `may_send`; nothing was sent",
            ),
            Self::NoSuchCall => {
                (S::NOT_FOUND, "Not found", "`/api/docs` lists the calls that there are")
            }
            Self::NotFound => {
                (S::NOT_FOUND, "Not found", "it is not there, or it belongs to somebody else")
            }
            Self::NoSuchUser => (
                S::NOT_FOUND,
                "There is no such user",
                "name an account that there is; in `PATCH /sims/{id}` the status is 422",
            ),
            Self::NoSuchTeam => (
                S::UNPROCESSABLE_ENTITY,
                "There is no such team",
                "name a team that the account is of, by its name or id",
            ),
            Self::NoSuchMethod => (
                S::METHOD_NOT_ALLOWED,
                "Another method",
                "the header `allow` names those that there are",
            ),
            Self::TooLate => (
                S::CONFLICT,
                "It cannot be cancelled any more",
                "it cannot be cancelled any more; `state` says where it is",
            ),
            Self::NotOver => (
                S::CONFLICT,
                "It is not sent again",
                "it is not sent again before it has ended unsent; `state` says where it is",
            ),
            Self::BatchCancelled => {
                (S::CONFLICT, "It was cancelled", "a cancelled batch does not go on: send another")
            }
            Self::NameTaken => (S::CONFLICT, "The name is taken", "choose another name"),
            Self::LastAdmin => {
                (S::CONFLICT, "The last administrator stays", "make another administrator first")
            }
            Self::AdminExists => (S::CONFLICT, "It is set up already", "log in instead"),
            Self::ModemHere => (
                S::CONFLICT,
                "The modem is here",
                "unplug the modem, wait half a minute, and ask again",
            ),
            Self::PinRefused => (
                S::CONFLICT,
                "The SIM refused its PIN",
                "the PIN is wrong or may not be tried any more; `detail` says which",
            ),
            Self::TooManyServices => (S::CONFLICT, "Too many services", "remove one first"),
            Self::TooManyContacts => (S::CONFLICT, "Too many contacts", "remove some first"),
            Self::TooManyGroups => (
                S::CONFLICT,
                "Too many groups",
                "remove a group first, or take the contact out of one",
            ),
            Self::TooManyTemplates => (S::CONFLICT, "Too many templates", "remove one first"),
            Self::TooManyNotes => (
                S::CONFLICT,
                "Too many notes",
                "the oldest notes go when messages as old as they are do",
            ),
            Self::TooManyMutes => {
                (S::CONFLICT, "Too many muted conversations", "take one of them back first")
            }
            Self::TooManySchedules => (S::CONFLICT, "Too many schedules", "remove one first"),
            Self::TooManyBroadcasts => (S::CONFLICT, "Too many broadcasts", "remove one first"),
            Self::BroadcastState => (
                S::CONFLICT,
                "The broadcast is in another state",
                "a draft is changed and started, one that runs is paused, one that is paused is resumed, and one that is over is removed; `state` says where it is",
            ),
            Self::TooManyFiles => (S::CONFLICT, "Too many files", "remove one first"),
            Self::BulkSending => (
                S::CONFLICT,
                "The file is being sent",
                "upload it again to send something else; nothing was changed",
            ),
            Self::BulkChanged => (
                S::CONFLICT,
                "What is sent was changed meanwhile",
                "look at the file again, and send it with its `revision`; nothing was sent",
            ),
            Self::ImportState => (
                S::CONFLICT,
                "The import is in another state",
                "upload the file again to import it otherwise; one that was confirmed is taken back with `undo`",
            ),
            Self::ImportChanged => (
                S::CONFLICT,
                "What the columns are was changed meanwhile",
                "look at the import again, and confirm it with its `revision`; nothing was imported",
            ),
            Self::NoContact => (
                S::UNPROCESSABLE_ENTITY,
                "No row becomes a contact",
                "look at `skipped`, and at what the columns are",
            ),
            Self::GroupKind => (
                S::CONFLICT,
                "The group is of the other kind",
                "change the rule of a group by rule, and put contacts into a group without one; to have the other kind, make another group",
            ),
            Self::TooManyInvitations => {
                (S::CONFLICT, "Too many invitations", "revoke an open one first")
            }
            Self::TooManyTeams => {
                (S::CONFLICT, "Too many teams", "remove a team first, or take the user out of one")
            }
            Self::SimOfTeam => (
                S::CONFLICT,
                "The SIM belongs to a team",
                "change the team, or take the SIM out of it first; nothing was changed",
            ),
            Self::TeamHasSims => (
                S::CONFLICT,
                "The team has SIMs",
                "take its SIMs out of it first, by `PATCH` with `\"sims\": []`, or remove it with `free_sims=true`: then everybody sends through them",
            ),
            Self::TeamHasContacts => (
                S::CONFLICT,
                "The team has contacts, groups or templates",
                "remove these first; nothing was changed",
            ),
            Self::PasswordInUse => (
                S::CONFLICT,
                "There is a password already",
                "revoke the key that the password stands for, and make the new one then",
            ),
            Self::KeywordTaken => (
                S::CONFLICT,
                "The keyword is taken",
                "choose another keyword, or remove the service that has it",
            ),
            Self::RoutesChanged => (
                S::CONFLICT,
                "The rules were changed meanwhile",
                "read the rules again, which have `version` now, and make the change in them; nothing was done",
            ),
            Self::TooLittleCredit => (
                S::CONFLICT,
                "There is too little credit",
                "take back at most `left`, or wait two minutes for what the gateway holds; nothing was done",
            ),
            Self::PricesChanged => (
                S::CONFLICT,
                "The prices were changed meanwhile",
                "read the prices again, which have `version` now, and make the change in them; nothing was done",
            ),
            Self::RoutesInvalid => (
                S::UNPROCESSABLE_ENTITY,
                "The rules cannot be taken like that",
                "mend what `findings` or `field` names; nothing was done",
            ),
            Self::ConfigurationChanged => (
                S::CONFLICT,
                "Settings were changed meanwhile",
                "`done` says what was changed before that was seen; check the document again, then import it with the `version` of that",
            ),
            Self::ConfigurationInvalid => (
                S::UNPROCESSABLE_ENTITY,
                "The document cannot be imported",
                "`faults` says what is wrong, where, and what can be done; nothing was changed",
            ),
            Self::TooManyWebhooks => (S::CONFLICT, "Too many webhooks", "remove one first"),
            Self::WebhookDisabled => (S::CONFLICT, "The webhook is disabled", "enable it first"),
            Self::WebhookFull => {
                (S::CONFLICT, "Too many events wait", "send them again when it has taken some")
            }
            Self::WebhookTestWaits => (S::CONFLICT, "A test waits", "look at its log in a moment"),
            Self::LinkVoid => (
                S::GONE,
                "The link does not work any more",
                "`merpati setup-link` prints another link",
            ),
            Self::RowsGone => {
                (S::GONE, "The rows are gone", "rows are kept for a day: upload the file again")
            }
            Self::UnreadableFile => (
                S::UNPROCESSABLE_ENTITY,
                "The file cannot be read",
                "`detail` says why: save it as CSV or XLSX, with fewer rows if it has too many",
            ),
            Self::BodyTooLarge => {
                (S::PAYLOAD_TOO_LARGE, "Too large", "more than 1 MiB: send several requests")
            }
            Self::NoRecipient => (
                S::UNPROCESSABLE_ENTITY,
                "There is no recipient",
                "say in `to` who gets it; nothing was sent",
            ),
            Self::TooManyRecipients => (
                S::UNPROCESSABLE_ENTITY,
                "Too many recipients",
                "`found` recipients, where `limit` are allowed: send several requests, or a batch; nothing was sent",
            ),
            Self::RecipientTwice => (
                S::UNPROCESSABLE_ENTITY,
                "A recipient stands twice",
                "where recipients have texts of their own, name each once; nothing was sent",
            ),
            Self::InvalidRecipient => (
                S::UNPROCESSABLE_ENTITY,
                "A recipient cannot be sent to",
                "mend the `recipients` that are listed, each with its `code` and `reason`; nothing was sent",
            ),
            Self::BlankText => (
                S::UNPROCESSABLE_ENTITY,
                "There is nothing to read",
                "the text has only blanks; nothing was sent",
            ),
            Self::EmptyText => (
                S::UNPROCESSABLE_ENTITY,
                "There is nothing to send",
                "there is neither text nor data; nothing was sent",
            ),
            Self::TextTooLong => (
                S::UNPROCESSABLE_ENTITY,
                "The text is too long",
                "it would be `parts` parts, where `limit` are allowed; nothing was sent",
            ),
            Self::FieldTooLarge => (
                S::UNPROCESSABLE_ENTITY,
                "A field is too large",
                "`field` is larger than its `limit`; nothing was sent",
            ),
            Self::CannotBeEncoded => (
                S::UNPROCESSABLE_ENTITY,
                "The message cannot be encoded",
                "text, data, header and options do not go together, or not in the alphabet that was named; nothing was sent",
            ),
            Self::IdempotencyKeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "The Idempotency-Key was used before",
                "name this request otherwise: the name was used for one that differs; nothing was sent",
            ),
            Self::InvalidName => (
                S::UNPROCESSABLE_ENTITY,
                "The name does not do",
                "`detail` says what a name may have",
            ),
            Self::PasswordTooShort => (
                S::UNPROCESSABLE_ENTITY,
                "The password is too short",
                "`detail` says how long it has to be",
            ),
            Self::PasswordTooLong => (
                S::UNPROCESSABLE_ENTITY,
                "The password is too long",
                "`detail` says how long it may be",
            ),
            Self::TooManyRequests => (
                S::TOO_MANY_REQUESTS,
                "Too much at once",
                "wait `retry-after` seconds; without that header, send fewer at once",
            ),
            Self::TooManyStreams => (
                S::TOO_MANY_REQUESTS,
                "Too many streams",
                "end one before you begin another: 16 of an account, 256 of a gateway",
            ),
            Self::Internal => (
                S::INTERNAL_SERVER_ERROR,
                "An error of ours",
                "the gateway's log says what went wrong",
            ),
            Self::ModemRefused => (
                S::BAD_GATEWAY,
                "The modem refused",
                "the modem or its driver said no; `detail` says why",
            ),
            Self::ModemAway => (
                S::SERVICE_UNAVAILABLE,
                "The modem cannot be asked",
                "the modem is unplugged, or its host is off",
            ),
            Self::DatabaseUnavailable => (
                S::SERVICE_UNAVAILABLE,
                AWAY,
                "the database does not answer; try again after `retry-after` seconds",
            ),
            Self::DiskFull => (
                S::SERVICE_UNAVAILABLE,
                AWAY,
                "nothing was accepted: the disk has no room for new messages; try again after `retry-after` seconds",
            ),
            Self::BrokerFull => (
                S::SERVICE_UNAVAILABLE,
                AWAY,
                "nothing was accepted: the broker has no room for new messages; try again after `retry-after` seconds",
            ),
            Self::BrokerUnavailable => (
                S::SERVICE_UNAVAILABLE,
                AWAY,
                "the broker cannot be reached, so nothing was done; try again after `retry-after` seconds",
            ),
            Self::BrokerUnconfirmed => (
                S::SERVICE_UNAVAILABLE,
                AWAY,
                "some may be accepted: ask for the `ids`, or send again with the same `Idempotency-Key`",
            ),
            Self::HistoryBehind => (
                S::SERVICE_UNAVAILABLE,
                AWAY,
                "it cannot be said yet whether a message can be cancelled; nothing was changed",
            ),
            Self::NoMemory => (
                S::SERVICE_UNAVAILABLE,
                AWAY,
                "the machine has no memory left; try again after `retry-after` seconds",
            ),
            Self::ModemSilent => {
                (S::GATEWAY_TIMEOUT, "The modem did not answer", "the modem said nothing in time")
            }
            Self::TooSlow => (
                S::GATEWAY_TIMEOUT,
                "It took too long",
                "there was no answer within 85 seconds, or the request did not come to its end by then: look before you ask again",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list of all codes, as docs/api.md has it.
    fn reference() -> String {
        let rows = Code::ALL.into_iter().map(|code| {
            let (status, _, advice) = code.about();
            format!("| `{code}` | {} | {advice} |\n", status.as_u16())
        });
        "| `code` | status | what to do |\n|---|---|---|\n".to_owned() + &rows.collect::<String>()
    }

    #[test]
    fn the_documentation_lists_every_code() {
        let docs = include_str!("../../../../../../docs/api.md");
        assert!(docs.contains(&reference()), "docs/api.md should have:\n{}", reference());
    }
}
