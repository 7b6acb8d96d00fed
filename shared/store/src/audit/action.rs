//! What can be done that is told of in the audit log.

contracts::named! {
    /// Something that was done. The word before the first dot says to what; words are added, never changed.
    ///
    /// An action is an entry here, and a line in `audit-done` of each language of the portal.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum AuditAction {
        /// Somebody logged in.
        LoginSucceeded = "login.succeeded",
        /// Somebody tried to log in with a wrong name or password.
        LoginFailed = "login.failed",
        /// Somebody logged out.
        LoginEnded = "login.ended",
        /// A session of an account was ended from elsewhere, or all of them were.
        SessionEnded = "session.ended",
        /// A new set-up link took the place of those before.
        SetupLinkMade = "setup.link.made",
        /// The first administrator was made by the set-up link.
        SetupFinished = "setup.finished",
        /// An account was made.
        UserCreated = "user.created",
        /// An account was let in again.
        UserEnabled = "user.enabled",
        /// An account was locked out.
        UserDisabled = "user.disabled",
        /// A password was set or taken away.
        UserPasswordChanged = "user.password.changed",
        /// A role was set.
        UserRoleChanged = "user.role.changed",
        /// How much an account may send was changed.
        UserLimitsChanged = "user.limits.changed",
        /// A link was made by which an account sets a new password.
        UserPasswordLinkMade = "user.password.link.made",
        /// An account gives codes of a phone beside its password from now on.
        UserTotpSet = "user.totp.set",
        /// An account gives no codes of a phone any more.
        UserTotpRemoved = "user.totp.removed",
        /// An account has new recovery codes.
        UserRecoveryCodesMade = "user.recovery.made",
        /// A recovery code was used in the place of one of the phone.
        UserRecoveryCodeUsed = "user.recovery.used",
        /// It was changed which roles have to give codes of a phone.
        SigninChanged = "signin.changed",
        /// An administrator began to act as an account.
        UserActedAs = "user.acted",
        /// An administrator acts as an account no more.
        UserActingEnded = "user.acting.ended",
        /// An invitation was made.
        InvitationMade = "invitation.made",
        /// An account was made by an invitation.
        InvitationTaken = "invitation.taken",
        /// An invitation was revoked.
        InvitationRevoked = "invitation.revoked",
        /// A team was made.
        TeamCreated = "team.created",
        /// A team was changed: its name, its users or its SIMs.
        TeamChanged = "team.changed",
        /// A team was removed.
        TeamRemoved = "team.removed",
        /// A key was made.
        KeyCreated = "key.created",
        /// A key was revoked.
        KeyRevoked = "key.revoked",
        /// It was changed who may use a SIM, or which pool it is in.
        SimChanged = "sim.changed",
        /// It was changed how much a SIM may send.
        SimLimitsChanged = "sim.limits.changed",
        /// A modem was named, disabled or enabled.
        ModemChanged = "modem.changed",
        /// A modem that is gone was forgotten.
        ModemForgotten = "modem.forgotten",
        /// A USSD code was dialled.
        ModemUssd = "modem.ussd",
        /// An AT command was sent.
        ModemAt = "modem.at",
        /// A modem was set up anew.
        ModemRestarted = "modem.restarted",
        /// A modem itself was switched off and on.
        ModemReset = "modem.reset",
        /// The radio of a modem was turned off or on.
        ModemFlight = "modem.flight",
        /// It was said which number the SIM in a modem has.
        ModemNumber = "modem.number",
        /// It was said which service centre the SIM in a modem uses.
        ModemSmsc = "modem.smsc",
        /// A modem was given the PIN of its SIM.
        ModemPin = "modem.pin",
        /// The serial line of a modem was recorded.
        ModemTraced = "modem.traced",
        /// All modems were stopped.
        GatewaySuspended = "gateway.suspended",
        /// What is received is told to no program.
        GatewayIsolated = "gateway.isolated",
        /// What was stopped goes on.
        GatewayResumed = "gateway.resumed",
        /// The rules of messages' ways, or pools, were changed.
        RoutesChanged = "routes.changed",
        /// An account was given credit, or some was taken back.
        CreditChanged = "credit.changed",
        /// An account sends as much as it likes.
        CreditUnlimited = "credit.unlimited",
        /// What messages cost was changed.
        PricesChanged = "prices.changed",
        /// Numbers are sent nothing more.
        OptOutAdded = "optout.added",
        /// Numbers are sent messages again.
        OptOutRemoved = "optout.removed",
        /// A keyword service was made.
        ServiceCreated = "service.created",
        /// A keyword service was changed.
        ServiceChanged = "service.changed",
        /// A keyword service was removed.
        ServiceRemoved = "service.removed",
        /// A text of a board was hidden, or shown again.
        ServiceModerated = "service.moderated",
        /// What a keyword service keeps was forgotten.
        ServiceCleared = "service.cleared",
        /// An endpoint was made.
        WebhookCreated = "webhook.created",
        /// An endpoint was changed.
        WebhookChanged = "webhook.changed",
        /// An endpoint got another secret.
        WebhookRotated = "webhook.rotated",
        /// An endpoint was removed.
        WebhookRemoved = "webhook.removed",
        /// A test was sent to an endpoint.
        WebhookTested = "webhook.tested",
        /// Events were sent to an endpoint again.
        WebhookReplayed = "webhook.replayed",
        /// A schedule was made.
        ScheduleCreated = "schedule.created",
        /// A schedule was changed.
        ScheduleChanged = "schedule.changed",
        /// A schedule was paused.
        SchedulePaused = "schedule.paused",
        /// A schedule was removed.
        ScheduleRemoved = "schedule.removed",
        /// A schedule was sent for by hand.
        ScheduleRun = "schedule.run",
        /// A broadcast was made.
        BroadcastCreated = "broadcast.created",
        /// A broadcast was changed.
        BroadcastChanged = "broadcast.changed",
        /// A broadcast was started.
        BroadcastStarted = "broadcast.started",
        /// A broadcast was paused.
        BroadcastPaused = "broadcast.paused",
        /// A broadcast goes on.
        BroadcastResumed = "broadcast.resumed",
        /// A broadcast was ended before it was over.
        BroadcastCancelled = "broadcast.cancelled",
        /// A broadcast was removed.
        BroadcastRemoved = "broadcast.removed",
        /// A conversation was assigned, archived or blocked, or that was taken back.
        ConversationChanged = "conversation.changed",
        /// A contact, or several at once, were made.
        ContactCreated = "contact.created",
        /// A contact was changed.
        ContactChanged = "contact.changed",
        /// A contact was removed.
        ContactRemoved = "contact.removed",
        /// A contact was brought back after it was removed.
        ContactRestored = "contact.restored",
        /// Contacts were made one.
        ContactsMerged = "contact.merged",
        /// A file of contacts was uploaded.
        ContactImportUploaded = "contact.import.uploaded",
        /// It was said what the columns of a file of contacts are.
        ContactImportChanged = "contact.import.changed",
        /// It was confirmed that the rows of a file become contacts.
        ContactImportConfirmed = "contact.import.confirmed",
        /// An import of contacts was taken back.
        ContactImportUndone = "contact.import.undone",
        /// An import of contacts was forgotten.
        ContactImportRemoved = "contact.import.removed",
        /// A group was made.
        GroupCreated = "group.created",
        /// A group was changed.
        GroupChanged = "group.changed",
        /// A group was removed.
        GroupRemoved = "group.removed",
        /// A group was brought back after it was removed.
        GroupRestored = "group.restored",
        /// A template was made.
        TemplateCreated = "template.created",
        /// A template was changed.
        TemplateChanged = "template.changed",
        /// A template was removed.
        TemplateRemoved = "template.removed",
        /// A template was brought back after it was removed.
        TemplateRestored = "template.restored",
        /// Messages of another gateway were brought.
        HistoryImported = "history.imported",
        /// A file with a message for each row was uploaded.
        BulkUploaded = "bulk.uploaded",
        /// It was said what is sent of a file.
        BulkChanged = "bulk.changed",
        /// It was confirmed that a file is sent.
        BulkSent = "bulk.sent",
        /// A file was removed.
        BulkRemoved = "bulk.removed",
        /// A message was taken in that no modem received.
        MessageInjected = "message.injected",
    }
}
