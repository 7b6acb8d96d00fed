//! Why a key of a `kannel.conf` is not carried over.

/// What falls away where a key is a limit, so that more is let through than by Kannel.
const EVERY_NUMBER: &str = "the limit falls away, so the user may send to every number";
const EVERY_SIM: &str =
    "the limit falls away, so the service takes what comes to every SIM that its account may read";
const EVERY_SENDER: &str =
    "the limit falls away, so the service takes the messages of every sender";

const TO_EVERY_NUMBER: &str = "the limit falls away, so every number is sent to";
const OF_EVERY_SENDER: &str = "the limit falls away, so the messages of every sender are taken";

/// Why a key is not carried over, where there is more to say than that it has no counterpart.
const REASONS: &[(&str, &str, &str)] = &[
    ("core", "access-log", "set kannel.access_log in merpati.toml"),
    ("core", "admin-port", "set kannel.admin and kannel.admin_password in merpati.toml"),
    ("core", "admin-password", "set kannel.admin_password in merpati.toml"),
    ("core", "status-password", "set kannel.status_password in merpati.toml"),
    ("core", "dlr-storage", "delivery reports are kept in Merpati's own database"),
    ("core", "store-type", "messages are kept by the broker and in the database"),
    ("core", "store-location", "messages are kept by the broker and in the database"),
    ("core", "log-file", "Merpati logs to its standard error; see telemetry.log"),
    ("core", "log-level", "see telemetry.log in merpati.toml"),
    ("smsbox", "sendsms-port", "sendsms answers on the portal's port, http.listen"),
    ("smsbox", "global-sender", "a SIM sends from its own number"),
    (
        "smsbox",
        "black-list",
        "fetch the list and give it to merpati optout import FILE, and its numbers are sent nothing by anybody",
    ),
    ("smsbox", "white-list", TO_EVERY_NUMBER),
    ("smsbox", "white-list-regex", TO_EVERY_NUMBER),
    ("smsbox", "black-list-regex", TO_EVERY_NUMBER),
    ("core", "white-list", OF_EVERY_SENDER),
    ("core", "black-list", OF_EVERY_SENDER),
    ("core", "white-list-sender", OF_EVERY_SENDER),
    ("core", "black-list-sender", OF_EVERY_SENDER),
    ("core", "white-list-sender-regex", OF_EVERY_SENDER),
    ("core", "black-list-sender-regex", OF_EVERY_SENDER),
    ("core", "white-list-receiver", OF_EVERY_SENDER),
    ("core", "black-list-receiver", OF_EVERY_SENDER),
    ("smsc", "modemtype", "what the modem is, is found out"),
    ("smsc", "smsc-id", "a SIM is known by its own id; `merpati modems name` names its modem"),
    ("smsc", "keepalive", "modems are watched over without it"),
    ("smsc", "sim-buffering", "the SIM's memory is always read"),
    ("smsc", "max-error-count", "a modem that fails is set up anew by itself"),
    (
        "sendsms-user",
        "max-messages",
        "a text that is too long is refused, not cut (router.max_parts)",
    ),
    ("sendsms-user", "default-sender", "a SIM sends from its own number"),
    ("sendsms-user", "faked-sender", "a SIM sends from its own number"),
    ("sendsms-user", "concatenation", "long texts are always joined"),
    ("sms-service", "catch-all", "a service always takes its keyword, whatever follows it"),
    ("sms-service", "concatenation", "long texts are always joined"),
    ("sms-service", "send-sender", "the sender is always told"),
    (
        "sms-service",
        "assume-plain-text",
        "an answer that does not say what it is counts as plain text",
    ),
    ("sendsms-user", "allowed-prefix", EVERY_NUMBER),
    ("sendsms-user", "denied-prefix", EVERY_NUMBER),
    ("sendsms-user", "white-list", EVERY_NUMBER),
    ("sendsms-user", "black-list", EVERY_NUMBER),
    ("sms-service", "accepted-smsc", EVERY_SIM),
    ("sms-service", "accepted-account", EVERY_SIM),
    ("sms-service", "allowed-receiver-prefix", EVERY_SIM),
    ("sms-service", "denied-receiver-prefix", EVERY_SIM),
    ("sms-service", "allowed-prefix", EVERY_SENDER),
    ("sms-service", "denied-prefix", EVERY_SENDER),
    ("sms-service", "white-list", EVERY_SENDER),
    ("sms-service", "black-list", EVERY_SENDER),
];

/// Why a key of a group is not carried over.
pub(super) fn reason(kind: &str, key: &str) -> &'static str {
    let found = REASONS.iter().find(|(of, named, _)| *of == kind && *named == key);
    found.map_or("it has no counterpart", |(_, _, reason)| reason)
}
