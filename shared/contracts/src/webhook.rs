//! Webhooks: which events a customer's endpoint can be told.

use crate::alert::Alert;
use crate::modem::ModemEventKind;
use crate::mt::MtChange;

crate::named! {
    /// An event that an endpoint can be told.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum WebhookEvent in json {
        /// A message was received, whole or as whole as it will be.
        SmsReceived = "sms.received",
        /// A message was checked and waits for a modem.
        SmsAccepted = "sms.accepted",
        /// The network took every part of a message.
        SmsSent = "sms.sent",
        /// Every part of a message is on the recipient's phone.
        SmsDelivered = "sms.delivered",
        /// The network gave a message up.
        SmsUndelivered = "sms.undelivered",
        /// A message was refused or given up by the gateway.
        SmsFailed = "sms.failed",
        /// It became too late to send a message.
        SmsExpired = "sms.expired",
        /// A message was taken back.
        SmsCancelled = "sms.cancelled",
        /// Nobody knows whether a message went out.
        SmsUncertain = "sms.uncertain",
        /// Somebody called a SIM and was not answered.
        CallMissed = "call.missed",
        /// The network sent a USSD text unasked.
        UssdReceived = "ussd.received",
        /// A modem can send and receive.
        ModemOnline = "modem.online",
        /// A modem is gone.
        ModemOffline = "modem.offline",
        /// A modem fails too often and left its pool.
        ModemDegraded = "modem.degraded",
        /// The balance of a SIM fell below the limit.
        BalanceLow = "balance.low",
        /// Nine tenths of a limit of a SIM are used.
        SimQuotaLow = "sim.quota_low",
        /// A limit of a SIM is reached, and it sends nothing for now.
        SimBlocked = "sim.blocked",
        /// A limit that was reached no longer keeps a SIM from sending.
        SimUnblocked = "sim.unblocked",
        /// Every message of a batch was sent, or ended.
        BatchFinished = "batch.finished",
        /// Something is wrong with the gateway.
        AlertOpened = "alert.opened",
        /// Something that was wrong with the gateway is over.
        AlertClosed = "alert.closed",
        /// Another endpoint of the same account was disabled by the gateway.
        WebhookDisabled = "webhook.disabled",
        /// A conversation of two machines was stopped: a sender who answers like one is sent nothing back for a while.
        LoopStopped = "loop.stopped",
    }
}

impl WebhookEvent {
    /// What a change of a message is told as; none for those that only a timeline has.
    pub const fn of_change(change: &MtChange) -> Option<Self> {
        Some(match change {
            MtChange::Admitted { .. } => Self::SmsAccepted,
            MtChange::Sent { .. } => Self::SmsSent,
            MtChange::Delivered { .. } => Self::SmsDelivered,
            MtChange::Undelivered { .. } => Self::SmsUndelivered,
            MtChange::Rejected { .. } | MtChange::Failed { .. } => Self::SmsFailed,
            MtChange::Expired {} => Self::SmsExpired,
            MtChange::Cancelled { .. } => Self::SmsCancelled,
            MtChange::Uncertain { .. } => Self::SmsUncertain,
            MtChange::Held { .. }
            | MtChange::Released { .. }
            | MtChange::Deferred { .. }
            | MtChange::Sending { .. }
            | MtChange::Unknown => return None,
        })
    }

    /// What an alert is told as.
    pub const fn of_alert(alert: &Alert) -> Self {
        if alert.closed_at.is_some() { Self::AlertClosed } else { Self::AlertOpened }
    }

    /// What an event of a modem is told as.
    pub const fn of_modem(kind: ModemEventKind) -> Option<Self> {
        Some(match kind {
            ModemEventKind::Online => Self::ModemOnline,
            ModemEventKind::Offline => Self::ModemOffline,
            ModemEventKind::Degraded => Self::ModemDegraded,
            ModemEventKind::MissedCall => Self::CallMissed,
            ModemEventKind::LowBalance => Self::BalanceLow,
            ModemEventKind::QuotaLow => Self::SimQuotaLow,
            ModemEventKind::LimitReached => Self::SimBlocked,
            ModemEventKind::LimitOver => Self::SimUnblocked,
            ModemEventKind::Ussd => Self::UssdReceived,
            ModemEventKind::Blocked | ModemEventKind::SimChanged | ModemEventKind::Unknown => {
                return None;
            }
        })
    }
}
