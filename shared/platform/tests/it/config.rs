//! Layers, and what a person reads when something in them is wrong.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use platform::Config;
use platform::config::{PortAddress, SendMode, Sources};

fn env(pairs: &[(&str, &str)]) -> Sources {
    Sources::new()
        .data(Some(PathBuf::from("/nonexistent")))
        .environment(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn refused(sources: &Sources) -> String {
    Config::load(sources).expect_err("it is refused").to_string()
}

fn file(dir: &Path, text: &str) -> Sources {
    std::fs::write(dir.join("merpati.toml"), text).unwrap();
    Sources::new().data(Some(dir.to_owned()))
}

#[test]
fn the_reference_alone_is_a_configuration() {
    let config = Config::load(&env(&[])).unwrap();
    assert_eq!(config.data, Path::new("/nonexistent"));
    assert_eq!(config.http.listen, "127.0.0.1:8080".parse::<SocketAddr>().unwrap());
    assert_eq!(config.nats.url, None);
    assert_eq!(config.database.url, None);
    assert!(config.modems.discover && config.kannel.enabled && config.webhooks.allow.is_empty());
    assert_eq!(config.modems.send, SendMode::Direct);
    assert_eq!(config.router.max_parts, 10);
    assert!(config.http.languages.is_none());
    assert_eq!(config.webhooks.timeout.duration(), Duration::from_secs(30));
}

#[test]
fn programs_are_whole_paths_and_none_at_first() {
    let config = Config::load(&env(&[])).unwrap();
    assert!(config.services.programs.is_empty());
    let allowed = env(&[("MERPATI__SERVICES__PROGRAMS", "/bin/echo")]);
    assert_eq!(Config::load(&allowed).unwrap().services.programs, [PathBuf::from("/bin/echo")]);
    let words = refused(&env(&[("MERPATI__SERVICES__PROGRAMS", "echo")]));
    assert!(words.contains("services.programs are the whole paths of programs"), "{words}");
    for timeout in ["0s", "31s"] {
        let words = refused(&env(&[("MERPATI__SERVICES__TIMEOUT", timeout)]));
        assert!(words.contains("services.timeout must be"), "{words}");
    }
}

#[test]
fn a_relative_data_folder_is_known_by_its_whole_path() {
    let config = Config::load(&Sources::new().data(Some(PathBuf::from("data")))).unwrap();
    assert_eq!(config.data, std::env::current_dir().unwrap().join("data"));
}

#[test]
fn languages_are_those_with_tables() {
    let config = Config::load(&env(&[("MERPATI__HTTP__LANGUAGES", "tr,es")])).unwrap();
    assert_eq!(config.http.languages.to_string(), "tr, es");
    let words = Config::load(&env(&[("MERPATI__HTTP__LANGUAGES", "id")])).unwrap_err().to_string();
    assert!(words.contains("'id' is not a language with GSM tables: use tr, es"), "{words}");
}

#[test]
fn a_home_country_and_destinations_are_countries_and_prefixes() {
    let numbers = Config::load(&env(&[])).unwrap().numbers;
    assert_eq!((numbers.home_country, numbers.destinations.len()), (None, 0));
    assert!(!numbers.premium && numbers.short_codes);
    let numbers = Config::load(&env(&[
        ("MERPATI__NUMBERS__HOME_COUNTRY", "id"),
        ("MERPATI__NUMBERS__DESTINATIONS", "SG, +60"),
        ("MERPATI__NUMBERS__SHORT_CODES", "false"),
    ]))
    .unwrap()
    .numbers;
    let plan = numbers.plan();
    let reads = |text: &str| plan.read(text).map(|number| number.to_string()).ok();
    assert_eq!(reads("08123456789").as_deref(), Some("+628123456789"));
    assert!(reads("+6591234567").is_some() && reads("+60123456789").is_some());
    assert!(reads("+12015550123").is_none() && reads("888").is_none());

    for (settings, words) in [
        (
            &[("MERPATI__NUMBERS__HOME_COUNTRY", "IDN")][..],
            "MERPATI__NUMBERS__HOME_COUNTRY sets numbers.home_country to \"IDN\"",
        ),
        (&[("MERPATI__NUMBERS__HOME_COUNTRY", "IDN")], "did you mean ID?"),
        (
            &[
                ("MERPATI__NUMBERS__HOME_COUNTRY", "ID"),
                ("MERPATI__NUMBERS__DESTINATIONS", "SG,UK"),
            ],
            "did you mean GB?",
        ),
        (
            &[("MERPATI__NUMBERS__HOME_COUNTRY", "ID"), ("MERPATI__NUMBERS__DESTINATIONS", "+0")],
            "'+0' is no beginning of a number",
        ),
        (
            &[("MERPATI__NUMBERS__DESTINATIONS", "SG")],
            "numbers.destinations needs numbers.home_country",
        ),
    ] {
        let refused = refused(&env(settings));
        assert!(refused.contains(words), "{refused}");
    }
}

#[test]
fn flags_win_over_environment_over_file() {
    let dir = tempfile::tempdir().unwrap();
    let sources = file(
        dir.path(),
        "[http]\nlisten = '127.0.0.1:1'\n[router]\nmax_parts = 3\n[nats]\nreplicas = 3\n",
    )
    .environment([
        ("MERPATI__HTTP__LISTEN".to_owned(), "127.0.0.1:2".to_owned()),
        ("MERPATI__ROUTER__MAX_PARTS".to_owned(), "4".to_owned()),
        ("MERPATI_URL".to_owned(), "not ours".to_owned()),
    ])
    .flag("http.listen", "127.0.0.1:3");
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.router.max_parts, 4);
    assert_eq!(config.nats.replicas, 3);
    assert_eq!(config.data, dir.path());
}

#[test]
fn the_environment_can_hold_lists_switches_and_numbers_with_zeros() {
    let config = Config::load(&env(&[
        ("MERPATI__MODEMS__PORTS", "/dev/ttyUSB0, tcp://10.0.0.5:4001"),
        ("MERPATI__MODEMS__DISCOVER", "false"),
        ("MERPATI__MODEMS__PIN", "0042"),
        ("MERPATI__WEBHOOKS__RETRY", "5s,1m"),
        ("MERPATI__METRICS__LISTEN", ""),
    ]))
    .unwrap();
    assert_eq!(
        config.modems.ports,
        [PortAddress::Device("/dev/ttyUSB0".into()), PortAddress::Tcp("10.0.0.5:4001".into())]
    );
    assert!(!config.modems.discover);
    assert_eq!(config.modems.pin.as_ref().unwrap().expose(), "0042");
    assert_eq!(config.webhooks.retry.len(), 2);
    assert_eq!(config.metrics.listen, None);
}

#[test]
fn a_port_has_settings_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let sources = file(
        dir.path(),
        "[modems]\npin = '1111'\nports = ['/dev/a']\nsend = 'direct'\n\
         [[modems.port]]\npath = '/dev/b'\npin = '2222'\nnumber = '+62 812 345678'\n",
    );
    let modems = Config::load(&sources).unwrap().modems;
    let (a, b) = ("/dev/a".parse().unwrap(), "/dev/b".parse().unwrap());
    assert_eq!(modems.named_ports(), [a, b]);
    let [a, b] = modems.named_ports().map_two(|port| modems.for_port(port));
    assert_eq!(a.pin.unwrap().expose(), "1111");
    assert_eq!(b.pin.unwrap().expose(), "2222");
    assert_eq!(b.number.unwrap().as_str(), "+62812345678");
    assert_eq!(b.send, SendMode::Direct);
    assert_eq!(b.baud, None);
}

trait MapTwo<T> {
    fn map_two<U>(&self, map: impl Fn(&T) -> U) -> [U; 2];
}

impl<T> MapTwo<T> for Vec<T> {
    fn map_two<U>(&self, map: impl Fn(&T) -> U) -> [U; 2] {
        [map(&self[0]), map(&self[1])]
    }
}

#[test]
fn an_unknown_key_is_named_with_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let words = refused(&file(dir.path(), "[http]\nlisten_on = '127.0.0.1:1'\n"));
    assert!(words.contains("merpati.toml sets http.listen_on"), "{words}");
    assert!(words.contains("listen, ") || words.contains(", listen"), "{words}");

    let words = refused(&env(&[("MERPATI__HTPP__LISTEN", "127.0.0.1:1")]));
    assert!(words.contains("the environment variable MERPATI__HTPP__LISTEN"), "{words}");
    assert!(words.contains("did you mean http?"), "{words}");

    let words = refused(&file(dir.path(), "[[modems.port]]\npath = '/dev/a'\nspeed = 9600\n"));
    assert!(words.contains("modems.port"), "{words}");
    assert!(words.contains("speed") && words.contains("baud"), "{words}");
}

#[test]
fn a_wrong_value_is_shown_with_its_meaning_and_default() {
    let words = refused(&env(&[("MERPATI__HTTP__LISTEN", "everywhere")]));
    assert!(words.contains("MERPATI__HTTP__LISTEN sets http.listen to \"everywhere\""), "{words}");
    assert!(words.contains("Address and port for pages and programs"), "{words}");
    assert!(words.contains("default: \"127.0.0.1:8080\""), "{words}");

    let words = refused(&env(&[("MERPATI__MODEMS__SEND", "maybe")]));
    assert!(words.contains("modems.send"), "{words}");
    assert!(words.contains("`direct`") && words.contains("`stored`"), "{words}");

    let words = refused(&env(&[("MERPATI__ROUTER__MAX_PARTS", "many")]));
    assert!(words.contains("router.max_parts to \"many\""), "{words}");

    let dir = tempfile::tempdir().unwrap();
    let words = refused(&file(dir.path(), "[webhooks]\nretry = ['1m', 'soon']\n"));
    assert!(words.contains("webhooks.retry"), "{words}");
    assert!(words.contains("'soon' is not a length of time"), "{words}");
    assert!(words.contains("merpati.toml"), "{words}");

    let words = refused(&file(dir.path(), "[modems]\nports = ['COM1']\n"));
    assert!(words.contains("'COM1' is not a modem's port"), "{words}");

    let words = refused(&file(dir.path(), "http = 'yes'\n"));
    assert!(words.contains("section") && words.contains("http.listen"), "{words}");
}

#[test]
fn no_secret_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let sources = file(
        dir.path(),
        "[nats]\nuser = 'u'\npassword = 'secret1'\n[modems]\npin = 'secret2'\n\
         [database]\nurl = 'postgres://u:secret3@h/d'\n",
    );
    let shown = format!("{:?}", Config::load(&sources).unwrap());
    assert!(!shown.contains("secret"), "{shown}");
    let words = refused(&file(dir.path(), "[modems]\npin = ['secret4']\n"));
    assert!(words.contains("modems.pin") && !words.contains("secret4"), "{words}");
}

#[test]
fn a_file_that_is_no_toml_or_not_there_is_said_to_be() {
    let dir = tempfile::tempdir().unwrap();
    let words = refused(&file(dir.path(), "[http\n"));
    assert!(words.contains("not valid TOML") && words.contains("line 1"), "{words}");
    let words = refused(&Sources::new().file(Some(dir.path().join("other.toml"))));
    assert!(words.contains("cannot read") && words.contains("other.toml"), "{words}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    assert!(refused(&env(&[("MERPATI__HTTP__TLS__CERT", "/c.pem")])).contains("http.tls.key"));
    assert!(refused(&env(&[("MERPATI__MAIL__SMTP__HOST", "a")])).contains("mail.smtp.from"));
    assert!(refused(&env(&[("MERPATI__MAIL__SMTP__USER", "a")])).contains("mail.smtp.password"));
    assert!(refused(&env(&[("MERPATI__NATS__REPLICAS", "2")])).contains("1, 3 or 5"));
    assert!(refused(&env(&[("MERPATI__TELEMETRY__LOG", "a=b=c")])).contains("telemetry.log"));
}

#[test]
fn balances_are_asked_for_as_the_first_that_fits_says() {
    let dir = tempfile::tempdir().unwrap();
    let text = r#"
        [[modems.balance]]
        network = "51010"
        code = "*888#"
        pattern = 'Rp ([\d.,]+)'
        low = 5000
        every = "1h"

        [[modems.balance]]
        code = "*100#"
        pattern = '([\d.,]+)'
        low = 2.5
    "#;
    let modems = Config::load(&file(dir.path(), text)).unwrap().modems;
    let own = modems.balance_query(Some("510101234567890")).unwrap();
    assert_eq!((own.code.as_str(), own.every.duration()), ("*888#", Duration::from_hours(1)));
    assert_eq!(own.low, Some("5000".parse().unwrap()));
    assert_eq!(own.pattern.find("Pulsa Rp 12.500"), Some("12.500"));
    let any = modems.balance_query(Some("310260000000000")).unwrap();
    assert_eq!((any.code.as_str(), any.every.duration()), ("*100#", Duration::from_hours(6)));
    assert_eq!(any.low, Some("2.5".parse().unwrap()));
    assert_eq!(modems.balance_query(None), Some(any), "a SIM whose IMSI is not known");
}

#[test]
fn a_balance_that_cannot_be_asked_for_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let entry = |lines: &str| {
        refused(&file(dir.path(), &format!("[[modems.balance]]\ncode = '*888#'\n{lines}\n")))
    };
    for (lines, words) in [
        ("pattern = 'Rp ('", "unclosed group"),
        ("pattern = 'Rp'", "has 0 groups"),
        ("", "pattern"),
        ("pattern = '(.*)'\nlow = 'some'", "'some' is not an amount"),
        ("pattern = '(.*)'\nnetwork = 'Telkomsel'", "begins with, in digits"),
        ("pattern = '(.*)'\nevery = '1s'", "use 1m or more"),
        ("pattern = '(.*)'\nlimit = 5", "limit"),
    ] {
        let error = entry(lines);
        assert!(error.contains("modems.balance") && error.contains(words), "{lines}: {error}");
    }
}

#[test]
fn what_the_router_remembers_has_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let usual = Config::load(&env(&[])).unwrap();
    assert!(usual.router.doubles.duration().is_zero() && usual.limits.recipient.is_none());
    let text = "[router]\ndoubles = '1h'\n[limits]\nrecipient = '100/7d'\n";
    let most = Config::load(&file(dir.path(), text)).unwrap();
    assert_eq!(most.limits.recipient.unwrap().count.get(), 100);
    for (text, words) in [
        ("[router]\ndoubles = '61m'\n", "router.doubles is more than an hour"),
        ("[limits]\nrecipient = '101/1d'\n", "limits.recipient is at most 100"),
        ("[limits]\nrecipient = '1/8d'\n", "limits.recipient is at most 100"),
        ("[limits]\nrecipient = '1/1500ms'\n", "limits.recipient is at most 100"),
        ("[limits]\nrecipient = '0/1d'\n", "limits.recipient"),
    ] {
        let said = refused(&file(dir.path(), text));
        assert!(said.contains(words), "{text}: {said}");
    }
}
