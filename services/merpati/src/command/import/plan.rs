//! What of a `kannel.conf` becomes what, and what of it has no counterpart.

use contracts::PhoneNumber;
use platform::config::PortAddress;

use super::conf::{Conf, Group, Place, Remark, shown};

/// The most parts of a service's reply.
const MOST_PARTS: u8 = 20;

/// What is to be made.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// `sendsms-user`: accounts with a password at Kannel's endpoint.
    pub(super) users: Vec<Planned<User>>,
    /// `sms-service`: keyword services.
    pub(super) services: Vec<Planned<api::NewService>>,
    /// `smsc = at`: ports with modems.
    pub(super) modems: Vec<Planned<Modem>>,
    /// What was read otherwise than it is written, and what is not carried over, by place.
    pub(super) remarks: Vec<Remark>,
}

/// Something to be made, and the place that wants it.
#[derive(Debug)]
pub(super) struct Planned<T> {
    /// The group.
    pub(super) place: Place,
    /// What is to be made.
    pub(super) what: T,
}

/// An account.
pub(super) struct User {
    pub(super) name: String,
    pub(super) password: String,
}

/// Leaves out the password.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({})", self.name)
    }
}

/// A port.
pub(super) struct Modem {
    pub(super) path: PortAddress,
    pub(super) baud: Option<u32>,
    pub(super) pin: Option<String>,
    pub(super) smsc: Option<PhoneNumber>,
    pub(super) number: Option<PhoneNumber>,
}

/// Leaves out the PIN.
impl std::fmt::Debug for Modem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Modem({}, {:?})", self.path, self.baud)
    }
}

/// Why a key is not carried over, where there is more to say than that it has no counterpart.
const REASONS: [(&str, &str, &str); 20] = [
    ("core", "dlr-storage", "delivery reports are kept in Merpati's own database"),
    ("core", "store-type", "messages are kept by the broker and in the database"),
    ("core", "store-location", "messages are kept by the broker and in the database"),
    ("core", "log-file", "Merpati logs to its standard error; see telemetry.log"),
    ("core", "log-level", "see telemetry.log in merpati.toml"),
    ("smsbox", "sendsms-port", "sendsms answers on the portal's port, http.listen"),
    ("smsbox", "global-sender", "a SIM sends from its own number"),
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
];

/// Makes the plan.
pub(super) fn plan(conf: Conf) -> Plan {
    let mut plan = Plan { remarks: conf.remarks, ..Plan::default() };
    for group in conf.groups {
        match group.kind.as_str() {
            "smsc" => plan.smsc(&group),
            "sendsms-user" => plan.user(&group),
            "sms-service" => plan.service(&group),
            "modems" => plan.remark(
                group.place,
                "the group modems is not needed: what a modem is, is found out".to_owned(),
            ),
            _ => plan.not_carried(&group, &[]),
        }
    }
    plan.remarks.sort_by(|one, other| one.place.cmp(&other.place));
    plan
}

impl Plan {
    fn smsc(&mut self, group: &Group) {
        let kind = group.value("smsc").unwrap_or_default();
        if !kind.eq_ignore_ascii_case("at") {
            let words = format!(
                "the group smsc is not carried over: there is nothing that speaks '{}'",
                shown(kind)
            );
            return self.remark(group.place.clone(), words);
        }
        let carried = ["smsc", "device", "host", "port", "speed", "pin", "sms-center", "my-number"];
        self.not_carried(group, &carried);
        let device = group.value("device").unwrap_or_default();
        let address = match device.to_ascii_lowercase().as_str() {
            "rawtcp" => {
                let (host, port) = (group.value("host"), group.value("port"));
                format!("tcp://{}:{}", host.unwrap_or_default(), port.unwrap_or_default())
            }
            "telnet" => {
                return self.lost(group, "a modem behind a telnet log-in cannot be reached");
            }
            _ => device.to_owned(),
        };
        let Ok(path) = address.parse::<PortAddress>() else {
            return self.lost(group, "its device is none that a modem can be at");
        };
        let number = |plan: &mut Self, key: &str| -> Option<PhoneNumber> {
            let entry = group.entry(key)?;
            let number = PhoneNumber::parse(&entry.value).ok();
            if number.is_none() {
                plan.remark(
                    entry.place.clone(),
                    format!("'{key}' is no number that can be dialled, and is passed over"),
                );
            }
            number
        };
        let (smsc, own) = (number(self, "sms-center"), number(self, "my-number"));
        let baud = group.entry("speed").and_then(|entry| {
            let baud = entry.value.parse::<u32>().ok().filter(|baud| *baud > 0);
            if baud.is_none() && entry.value != "0" {
                let words = "'speed' is no number, so the speed is found out".to_owned();
                self.remark(entry.place.clone(), words);
            }
            baud
        });
        let pin = group.value("pin").filter(|pin| !pin.is_empty()).map(str::to_owned);
        let what = Modem { path, baud, pin, smsc, number: own };
        self.modems.push(Planned { place: group.place.clone(), what });
    }

    fn user(&mut self, group: &Group) {
        self.not_carried(group, &["username", "password"]);
        match (group.value("username"), group.value("password")) {
            (Some(name), Some(password)) if !name.trim().is_empty() && !password.is_empty() => {
                let what = User { name: name.trim().to_owned(), password: password.to_owned() };
                self.users.push(Planned { place: group.place.clone(), what });
            }
            _ => self.lost(group, "it has no username or no password"),
        }
    }

    fn service(&mut self, group: &Group) {
        let carried = [
            "name",
            "keyword",
            "aliases",
            "get-url",
            "url",
            "post-url",
            "post-xml",
            "text",
            "max-messages",
            "omit-empty",
        ];
        self.not_carried(group, &carried);
        let Some(keyword) = group.value("keyword").filter(|keyword| !keyword.is_empty()) else {
            return self.lost(group, "it has no keyword of its own");
        };
        if keyword == "black-list" {
            return self.lost(group, "there are no black lists");
        }
        let get_url = group.value("get-url").or(group.value("url")).map(str::to_owned);
        let post_url = group.value("post-url").map(str::to_owned);
        let post_xml = group.value("post-xml").map(str::to_owned);
        let reply = group.value("text").map(str::to_owned);
        let actions = [&get_url, &post_url, &post_xml, &reply].into_iter().flatten().count();
        if actions != 1 {
            let why = if actions == 0 {
                "it has no get-url, post-url, post-xml or text"
            } else {
                "it has more than one of get-url, post-url, post-xml and text"
            };
            return self.lost(group, why);
        }
        let max_messages = self.max_messages(group);
        let aliases = group.value("aliases").unwrap_or_default().split(';').map(str::trim);
        let aliases = aliases.filter(|alias| !alias.is_empty()).map(str::to_owned).collect();
        let what = api::NewService {
            name: group.value("name").filter(|name| !name.is_empty()).unwrap_or(keyword).to_owned(),
            keyword: keyword.to_owned(),
            aliases,
            reply_with_body: reply.is_none() && max_messages > 0,
            get_url,
            post_url,
            post_xml,
            reply,
            max_messages: Some(max_messages),
            omit_empty: is_true(group.value("omit-empty")),
        };
        self.services.push(Planned { place: group.place.clone(), what });
    }

    fn max_messages(&mut self, group: &Group) -> u8 {
        let Some(entry) = group.entry("max-messages") else { return 1 };
        let written = entry.value.parse::<u32>();
        let parts = written.as_ref().map_or(1, |parts| (*parts).min(u32::from(MOST_PARTS)));
        match written {
            Ok(written) if written > parts => {
                let words = format!("'max-messages' becomes {MOST_PARTS}, the most there can be");
                self.remark(entry.place.clone(), words);
            }
            Ok(_) => {}
            Err(_) => {
                let words = "'max-messages' is no number, and counts as 1".to_owned();
                self.remark(entry.place.clone(), words);
            }
        }
        u8::try_from(parts).unwrap_or(MOST_PARTS)
    }

    /// Names every key of a group that is not carried over.
    fn not_carried(&mut self, group: &Group, carried: &[&str]) {
        for entry in &group.entries {
            if carried.contains(&entry.key.as_str()) {
                continue;
            }
            let is_reason =
                |(kind, key, _): &&(&str, &str, &str)| *kind == group.kind && *key == entry.key;
            let reason = REASONS.iter().find(is_reason).map(|(_, _, reason)| *reason);
            let reason = reason.unwrap_or("it has no counterpart");
            let words = format!(
                "{}: '{}' is not carried over: {reason}",
                shown(&group.kind),
                shown(&entry.key)
            );
            self.remark(entry.place.clone(), words);
        }
    }

    fn lost(&mut self, group: &Group, why: &str) {
        let words = format!("the group {} is not carried over: {why}", shown(&group.kind));
        self.remark(group.place.clone(), words);
    }

    fn remark(&mut self, place: Place, words: String) {
        self.remarks.push(Remark { place, words });
    }
}

/// Whether a value is one of Kannel's words for yes.
fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| matches!(value.to_lowercase().as_str(), "true" | "yes" | "on" | "1"))
}

impl Modem {
    /// The port as `merpati.toml` has it.
    pub(super) fn toml(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut lines = vec!["[[modems.port]]".to_owned()];
        lines.push(format!("path = {}", quoted(&self.path.to_string())));
        lines.extend(self.baud.map(|baud| format!("baud = {baud}")));
        lines.extend(self.pin.as_deref().map(|pin| format!("pin = {}", quoted(pin))));
        let numbers = [("number", &self.number), ("smsc", &self.smsc)];
        for (key, number) in numbers {
            lines.extend(
                number.as_ref().map(|number| format!("{key} = {}", quoted(number.as_str()))),
            );
        }
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::conf;
    use super::*;

    fn of(text: &str) -> Plan {
        let mut none = |_: &Path| Err("there is none".to_owned());
        plan(conf::read(Path::new("k"), text, &mut none))
    }

    fn words(plan: &Plan) -> Vec<String> {
        plan.remarks
            .iter()
            .map(|remark| format!("{}: {}", remark.place.line, remark.words))
            .collect()
    }

    #[test]
    fn a_modem_becomes_a_port() {
        let plan = of(
            "group = smsc\nsmsc = at\nsmsc-id = m1\nmodemtype = huawei\ndevice = /dev/ttyUSB0\n\
                       speed = 115200 # fast\npin = 1234\nmy-number = 0811\nsms-center = +62811\n\n\
                       group = smsc\nsmsc = at\ndevice = rawtcp\nhost = 10.0.0.1\nport = 4001\nspeed = x\n\n\
                       group = smsc\nsmsc = smpp\n",
        );
        assert_eq!(
            plan.modems[0].what.toml(),
            "[[modems.port]]\npath = \"/dev/ttyUSB0\"\nbaud = 115200\npin = \"1234\"\nnumber = \"0811\"\nsmsc = \"+62811\"\n"
        );
        assert_eq!(plan.modems[1].what.toml(), "[[modems.port]]\npath = \"tcp://10.0.0.1:4001\"\n");
        assert_eq!(
            words(&plan),
            [
                "3: smsc: 'smsc-id' is not carried over: a SIM is known by its own id; `merpati modems name` names its modem",
                "4: smsc: 'modemtype' is not carried over: what the modem is, is found out",
                "6: 'speed': the comment behind the value is taken off",
                "16: 'speed' is no number, so the speed is found out",
                "18: the group smsc is not carried over: there is nothing that speaks 'smpp'",
            ]
        );
        assert!(!format!("{plan:?}").contains("1234"));
    }

    #[test]
    fn a_service_becomes_one() {
        let plan = of(
            "group = sms-service\nname = toko\nkeyword = info\naliases = \"jam; buka;\"\ncatch-all = yes\n\
                       get-url = \"http://a.example/?t=%a\"\nomit-empty = true\nmax-messages = 99\n\n\
                       group = sms-service\nkeyword = default\ntext = \"Halo\"\nmax-messages = 0\n\n\
                       group = sms-service\nkeyword-regex = .*\nexec = sh\n\n\
                       group = sms-service\nkeyword = x\nfile = /etc/motd\n",
        );
        let first = &plan.services[0].what;
        assert_eq!((first.name.as_str(), first.keyword.as_str()), ("toko", "info"));
        assert_eq!(first.aliases, ["jam", "buka"]);
        assert_eq!(
            (first.reply_with_body, first.max_messages, first.omit_empty),
            (true, Some(20), true)
        );
        let second = &plan.services[1].what;
        assert_eq!((second.reply.as_deref(), second.max_messages), (Some("Halo"), Some(0)));
        assert_eq!((second.reply_with_body, plan.services.len()), (false, 2));
        let words = words(&plan);
        for words_of in [
            "5: sms-service: 'catch-all' is not carried over: a service always takes its keyword, whatever follows it",
            "8: 'max-messages' becomes 20, the most there can be",
            "16: sms-service: 'keyword-regex' is not carried over: it has no counterpart",
            "15: the group sms-service is not carried over: it has no keyword of its own",
            "19: the group sms-service is not carried over: it has no get-url, post-url, post-xml or text",
        ] {
            assert!(words.iter().any(|said| said == words_of), "{words_of} in {words:#?}");
        }
    }

    #[test]
    fn a_user_becomes_one_and_every_other_key_is_named() {
        let plan = of("group = core\nadmin-deny-ip = \"*.*.*.*\nadmin-port = 13000\n\n\
                       group = sendsms-user\nusername = toko\npassword = geheim\nforced-smsc = m1\n\n\
                       group = sendsms-user\nusername = x\n");
        assert_eq!((plan.users[0].what.name.as_str(), plan.users.len()), ("toko", 1));
        let words = words(&plan);
        assert_eq!(words.len(), 5, "{words:#?}");
        assert!(words[1].starts_with("2: core: 'admin-deny-ip' is not carried over"), "{words:?}");
        assert!(!format!("{plan:?}").contains("geheim"));
    }
}
