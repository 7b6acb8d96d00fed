//! What of a `kannel.conf` becomes what, and what of it has no counterpart.

use std::path::PathBuf;

use contracts::PhoneNumber;
use contracts::bounds::REPLY_PARTS;
use platform::config::{Network, PortAddress};

use super::conf::{Conf, Group, Place, Remark, shown};
use super::modem::Modem;
use super::networks::networks;
use super::reasons::reason;

/// What is to be made.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// `sendsms-user`: accounts with a password at Kannel's endpoint.
    pub(super) users: Vec<Planned<User>>,
    /// `sms-service`: keyword services.
    pub(super) services: Vec<Planned<api::NewService>>,
    /// `smsc = at`: ports with modems.
    pub(super) modems: Vec<Planned<Modem>>,
    /// `black-list` of `smsbox`: files of numbers that are sent nothing.
    pub(super) black_lists: Vec<Planned<PathBuf>>,
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
    /// From where; empty: from anywhere.
    pub(super) allowed: Vec<Network>,
}

/// Leaves out the password.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({})", self.name)
    }
}

/// Makes the plan.
pub(super) fn plan(conf: Conf) -> Plan {
    let mut plan = Plan { remarks: conf.remarks, ..Plan::default() };
    for group in conf.groups {
        match group.kind.as_str() {
            "smsc" => plan.smsc(&group),
            "sendsms-user" => plan.user(&group),
            "sms-service" => plan.service(&group),
            "smsbox" => plan.smsbox(&group),
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

    /// Of a black list in a file the numbers are carried over; Kannel fetches most of its lists.
    fn smsbox(&mut self, group: &Group) {
        let entry = group.entry("black-list");
        let file = entry.and_then(|entry| {
            let path = entry.value.strip_prefix("file://").unwrap_or(&entry.value);
            let is_file = !path.is_empty() && !path.contains("://");
            is_file.then(|| Planned { place: entry.place.clone(), what: PathBuf::from(path) })
        });
        self.not_carried(group, if file.is_some() { &["black-list"] } else { &[] });
        self.black_lists.extend(file);
    }

    fn user(&mut self, group: &Group) {
        self.not_carried(group, &["username", "password", "user-allow-ip", "user-deny-ip"]);
        let name = group.value("username").unwrap_or_default().trim();
        let password = group.value("password").unwrap_or_default();
        if name.is_empty() || password.is_empty() {
            return self.lost(group, "it has no username or no password");
        }
        let is_named = |user: &&Planned<User>| user.what.name.to_lowercase() == name.to_lowercase();
        if let Some(before) = self.users.iter().find(is_named) {
            let why = format!("the user of {} is called so too", before.place);
            return self.lost(group, &why);
        }
        let allowed = match networks(group.value("user-allow-ip"), group.value("user-deny-ip")) {
            Ok(allowed) => allowed,
            Err(why) => return self.lost(group, why),
        };
        if let Some(entry) = group.entry("user-allow-ip").filter(|_| allowed.is_empty()) {
            let words = "'user-allow-ip' limits nothing here, as with Kannel: the user is let in from everywhere";
            self.remark(entry.place.clone(), words.to_owned());
        }
        let what = User { name: name.to_owned(), password: password.to_owned(), allowed };
        self.users.push(Planned { place: group.place.clone(), what });
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
        // Kannel's text has no fields: a brace is one.
        let reply = group.value("text").map(|text| text.replace('{', "{{"));
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
            ..api::NewService::default()
        };
        if let Some(before) = self.services.iter().find(|before| is_taken(&before.what, &what)) {
            let why =
                format!("the service of {} has its name or one of its keywords", before.place);
            return self.lost(group, &why);
        }
        self.services.push(Planned { place: group.place.clone(), what });
    }

    fn max_messages(&mut self, group: &Group) -> u8 {
        let Some(entry) = group.entry("max-messages") else { return 1 };
        let written = entry.value.parse::<u32>();
        let parts = written.as_ref().map_or(1, |parts| (*parts).min(u32::from(REPLY_PARTS)));
        match written {
            Ok(written) if written > parts => {
                let words = format!("'max-messages' becomes {REPLY_PARTS}, the most there can be");
                self.remark(entry.place.clone(), words);
            }
            Ok(_) => {}
            Err(_) => {
                let words = "'max-messages' is no number, and counts as 1".to_owned();
                self.remark(entry.place.clone(), words);
            }
        }
        u8::try_from(parts).unwrap_or(REPLY_PARTS)
    }

    /// Names every key of a group that is not carried over.
    fn not_carried(&mut self, group: &Group, carried: &[&str]) {
        for entry in &group.entries {
            if carried.contains(&entry.key.as_str()) {
                continue;
            }
            let reason = reason(&group.kind, &entry.key);
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

/// Whether a service leaves no room for another one, as the gateway compares names and keywords.
fn is_taken(before: &api::NewService, other: &api::NewService) -> bool {
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    let words = |service: &api::NewService| {
        [std::slice::from_ref(&service.keyword), &service.aliases[..]].concat()
    };
    let before_has = |word: &String| words(before).iter().any(|other| same(word, other));
    same(&before.name, &other.name) || words(other).iter().any(before_has)
}

/// Whether a value is one of Kannel's words for yes.
fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| matches!(value.to_lowercase().as_str(), "true" | "yes" | "on" | "1"))
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

    #[test]
    fn a_user_keeps_its_addresses_or_is_not_made() {
        let plan = of(
            "group = sendsms-user\nusername = a\npassword = p\nuser-deny-ip = \"*.*.*.*\"\n\
                       user-allow-ip = \"127.0.0.1;10.0.0.*\"\n\n\
                       group = sendsms-user\nusername = b\npassword = p\nuser-deny-ip = \"10.*.*.*\"\n\n\
                       group = sendsms-user\nusername = c\npassword = p\nuser-allow-ip = 10.0.0.7\n\n\
                       group = sendsms-user\nusername = A\npassword = q\n",
        );
        let names: Vec<_> = plan.users.iter().map(|user| user.what.name.as_str()).collect();
        assert_eq!(names, ["a", "c"]);
        let allowed: Vec<_> = plan.users[0].what.allowed.iter().map(ToString::to_string).collect();
        assert_eq!(allowed, ["127.0.0.1", "10.0.0.0/24"]);
        assert_eq!(
            words(&plan),
            [
                "7: the group sendsms-user is not carried over: its user-deny-ip is not *.*.*.*, and a key names only the addresses that it works from",
                "15: 'user-allow-ip' limits nothing here, as with Kannel: the user is let in from everywhere",
                "17: the group sendsms-user is not carried over: the user of k:1 is called so too",
            ]
        );
    }

    #[test]
    fn a_black_list_in_a_file_is_carried_over_and_every_other_list_is_named() {
        let plan = of("group = core\nwhite-list = http://a.example/w\n\n\
                       group = smsbox\nblack-list = /etc/kannel/black\nwhite-list = /etc/kannel/white\n\n\
                       group = smsbox\nblack-list = http://a.example/b\n\n\
                       group = smsbox\nblack-list = file:///b\nblack-list-regex = ^99\n");
        let files: Vec<_> =
            plan.black_lists.iter().map(|one| one.what.display().to_string()).collect();
        assert_eq!(files, ["/etc/kannel/black", "/b"]);
        assert_eq!(
            words(&plan),
            [
                "2: core: 'white-list' is not carried over: the limit falls away, so the messages of every sender are taken",
                "6: smsbox: 'white-list' is not carried over: the limit falls away, so every number is sent to",
                "9: smsbox: 'black-list' is not carried over: fetch the list and give it to merpati optout import FILE, and its numbers are sent nothing by anybody",
                "13: smsbox: 'black-list-regex' is not carried over: the limit falls away, so every number is sent to",
            ]
        );
    }

    #[test]
    fn a_second_service_of_a_keyword_is_named_and_a_limit_that_falls_away() {
        let plan = of("group = sms-service\nkeyword = default\ntext = a\naccepted-smsc = m1\n\n\
                       group = sms-service\nkeyword = DEFAULT\nget-url = http://a.example/\n\n\
                       group = sms-service\nkeyword = x\naliases = \"y; Default\"\ntext = b\n\n\
                       group = sms-service\nname = Default\nkeyword = z\ntext = c\nallowed-prefix = 08\n");
        assert_eq!(plan.services.len(), 1);
        assert_eq!(
            words(&plan),
            [
                "4: sms-service: 'accepted-smsc' is not carried over: the limit falls away, so the service takes what comes to every SIM that its account may read",
                "6: the group sms-service is not carried over: the service of k:1 has its name or one of its keywords",
                "10: the group sms-service is not carried over: the service of k:1 has its name or one of its keywords",
                "15: the group sms-service is not carried over: the service of k:1 has its name or one of its keywords",
                "19: sms-service: 'allowed-prefix' is not carried over: the limit falls away, so the service takes the messages of every sender",
            ]
        );
    }
}
