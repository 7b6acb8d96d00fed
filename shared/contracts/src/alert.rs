//! Alerts: something about the gateway that its operators should know of, told once when it begins and once when it is over.

use serde::{Deserialize, Serialize};

use crate::{AlertId, Message, OrgId, Subject, Timestamp};

crate::named! {
    /// What is wrong.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum AlertKind in json {
        /// A modem is gone, or its driver is.
        ModemOffline = "modem_offline",
        /// A modem is there and does not send: it fails too often, has no network, or needs a person.
        ModemSick = "modem_sick",
        /// The balance of a SIM is below its limit.
        BalanceLow = "balance_low",
        /// A message waits longer than it should.
        QueueOld = "queue_old",
        /// Too many of the messages that ended last were not sent.
        FailureRate = "failure_rate",
        /// Something could not be read and was given up.
        DeadLetters = "dead_letters",
        /// The disk of the data folder is nearly full.
        DiskLow = "disk_low",
        /// A stream of the broker is nearly full.
        BrokerFull = "broker_full",
        /// A SIM sends nothing, or to nobody new, because of one of its limits.
        SimBlocked = "sim_blocked",
        /// A SIM has used nine tenths of one of its limits.
        QuotaLow = "quota_low",
        /// A message is held beyond its time, is with a modem for too long, or nobody knows whether it went out.
        MessageStuck = "message_stuck",
        /// A conversation of two machines was stopped.
        LoopStopped = "loop_stopped",
    } else {
        /// A kind of a later version.
        Unknown = "unknown"
    }
}

/// Something is wrong: `sms.v1.event.alert.opened`; with [`Alert::closed_at`], it is over: `sms.v1.event.alert.closed`.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id, the same when it is over.
    pub id: AlertId,
    /// The organisation whose operators are told.
    pub org: OrgId,
    /// What is wrong.
    pub kind: AlertKind,
    /// With what: the id of a modem or a SIM, the name of a stream, a folder. There is one open alert of a kind and a subject.
    pub subject: String,
    /// The same for people: the name of a modem.
    pub name: String,
    /// What is wrong, in English sentences.
    pub text: String,
    /// What to do about it, in English sentences.
    pub advice: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was over. None: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

impl Message for Alert {
    fn subject(&self) -> Subject {
        if self.closed_at.is_some() { Subject::AlertClosed } else { Subject::AlertOpened }
    }

    fn msg_id(&self) -> String {
        let what = if self.closed_at.is_some() { "closed" } else { "opened" };
        format!("{}:{what}", self.id)
    }
}
