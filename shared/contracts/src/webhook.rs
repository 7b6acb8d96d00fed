//! Webhooks: which events a customer's endpoint can be told.

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
        /// Another endpoint of the same account was disabled by the gateway.
        WebhookDisabled = "webhook.disabled",
    }
}
