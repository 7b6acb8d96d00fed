//! The page of all modems, and that of one.

use std::num::NonZeroU32;
use std::time::Duration;

use contracts::config_kv::Sim;
use contracts::control::Call;
use contracts::limits::{Counted, Limits, Usage};
use contracts::modem::{ModemProblem, ModemState, ModemStatus};
use contracts::{ModemId, OrgId, Timestamp};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::{Browser, newcomer};
use crate::gateway::Gateway;
use crate::live::{Events, position};

/// The modem, waiting for its PIN.
async fn block(gateway: &Gateway, modem: ModemState) {
    let problem = ModemProblem {
        code: "pin-needed".to_owned(),
        text: "The SIM asks for its PIN.".to_owned(),
        advice: "Enter it.".to_owned(),
        at: Timestamp::now(),
    };
    let (status, seen_at) = (ModemStatus::Blocked, Timestamp::now());
    let state = ModemState { status, seen_at, problem: Some(problem), ..modem };
    let modems = gateway.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
    modems.put(&state.id.to_string(), &state).await.expect("a state");
}

/// Waits until the portal knows so many modems, of which so many wait for a person.
async fn known(gateway: &Gateway, key: &str, all: usize, blocked: usize) {
    wait_for("the modems", || async {
        let modems = gateway.modems(key).await;
        let waiting = modems.iter().filter(|one| one.state.status == ModemStatus::Blocked).count();
        ((modems.len(), waiting) == (all, blocked)).then_some(())
    })
    .await;
}

/// A driver that answers each call of a kind with the next of these.
async fn driver(gateway: &Gateway, modem: ModemId, call: Call, answers: Vec<Value>) {
    let client = gateway.bus.client().clone();
    let mut calls = client.subscribe(call.subject(modem)).await.expect("a subscription");
    tokio::spawn(async move {
        for answer in answers {
            let request = calls.next().await.expect("a call");
            let reply = request.reply.expect("a reply subject");
            client.publish(reply, answer.to_string().into()).await.expect("published");
        }
    });
}

#[tokio::test]
async fn two_hundred_modems_fit_on_a_page_and_who_needs_a_person_is_first() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let key = gateway.user("root", true).await;
    let mut waiting = Vec::new();
    for number in 0..200 {
        let name = format!("modem{number:03}");
        let modem = gateway.modem(&name, &format!("+62811{number:07}")).await;
        if number % 25 == 7 {
            waiting.push(modem);
        }
    }
    for modem in waiting {
        block(&gateway, modem).await;
    }
    known(&gateway, &key, 200, 8).await;
    browser.open("/modems").await.shows("Needs attention");
    let length = browser.page.len();
    assert!(length < 100_000, "the page has {length} bytes");
    assert_eq!(browser.page.matches("<li id=\"r-mdm_").count(), 200);
    assert_eq!(browser.page.matches("class=\"card modem ").count(), 6);
    let first = browser.page.split("<li id=\"r-").nth(1).expect("a line");
    assert!(first.contains("modem007") && first.contains("The SIM asks for its PIN."), "{first}");
    for (search, cards, words) in [
        ("q=MODEM123", 1, "1 of 200 modems."),
        ("q=%2B628110000123", 1, "1 of 200 modems."),
        ("state=attention", 8, "8 of 200 modems."),
        ("state=attention&q=modem032", 1, "1 of 200 modems."),
        ("pool=elsewhere", 0, "No modem is like that."),
        ("state=disabled", 0, "No modem is like that."),
    ] {
        browser.open(&format!("/modems?{search}")).await.shows(words);
        let found = browser.page.matches("class=\"card modem ").count();
        assert_eq!(found, cards, "{search}");
        // What comes later may be something else, and is not added to what was found.
        browser.hides("data-list=\"modems\"");
    }
    for search in ["state=sleepy", "pool=NO%20POOL"] {
        browser.open(&format!("/modems?{search}")).await;
        assert_eq!(browser.status, 400, "{search}");
    }
}

#[tokio::test]
async fn more_than_a_page_holds_are_counted() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let key = gateway.user("root", true).await;
    for number in 0..222 {
        gateway.modem(&format!("m{number:03}"), &format!("+62811{number:07}")).await;
    }
    known(&gateway, &key, 222, 0).await;
    browser.open("/modems").await.shows("2 more modems are not shown.");
    assert_eq!(browser.page.matches("<li id=\"r-mdm_").count(), 220);
}

#[tokio::test]
async fn who_may_not_operate_modems_sees_no_tools() {
    let gateway = Gateway::start().await;
    let mut ani = newcomer(&gateway, "en").await;
    let key = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let abroad = gateway.modem("modem2", "+62811000002").await;
    let settings = gateway.bus.kv::<Sim>(bus::Bucket::Config).await.expect("the bucket");
    let sim = abroad.sim.as_ref().expect("a SIM").id;
    let setting = Sim::unset(OrgId::derived("abroad"));
    settings.put(&format!("sim.{sim}"), &setting).await.expect("a setting");
    known(&gateway, &key, 1, 0).await;
    block(&gateway, modem.clone()).await;
    known(&gateway, &key, 1, 1).await;
    let mut budi = Browser::new(&gateway, "en");
    budi.open("/login").await;
    budi.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    let page = format!("/modems/{}", modem.id);
    let of_wall = ["href=\"/modems/add\"", "/pin\"", "#tools\"", "id=\"gateway\""];
    let of_page = ["id=\"tools\"", "/pin\"", "123456789012345", "8962100000", "/dev/modem1"];
    for (path, of_operators) in [("/modems", &of_wall[..]), (page.as_str(), &of_page[..])] {
        ani.open(path).await.shows("TELKOMSEL");
        budi.open(path).await.shows("TELKOMSEL");
        for words in of_operators {
            ani.shows(words);
            budi.hides(words);
        }
    }
    for path in ["/modems/add".to_owned(), format!("{page}/lines")] {
        budi.open(&path).await;
        assert_eq!(budi.status, 403, "{path}");
    }
    for call in ["at", "trace", "ussd", "restart", "forget"] {
        budi.send(&format!("{page}/{call}"), &[("command", "AT"), ("seconds", "5")]).await;
        assert_eq!(budi.status, 403, "{call}");
    }
    // One of another organisation is as one that there is not.
    for id in [abroad.id.to_string(), ModemId::derived("absent").to_string(), "x".to_owned()] {
        ani.open(&format!("/modems/{id}")).await;
        assert_eq!(ani.status, 404, "{id}");
        ani.open(&format!("/modems/{id}/lines")).await;
        assert_eq!(ani.status, 404, "lines of {id}");
        for (call, fields) in [("at", ("command", "AT")), ("trace", ("seconds", "5"))] {
            ani.send(&format!("/modems/{id}/{call}"), &[fields]).await;
            assert_eq!(ani.status, 404, "{call} of {id}");
        }
    }
}

#[tokio::test]
async fn a_modem_is_asked_on_its_page() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    known(&gateway, &key, 1, 0).await;
    let page = format!("/modems/{}", modem.id);
    let path = |call: &str| format!("{page}/{call}");

    let lines = json!({ "lines": ["+CSQ: <15>,99\u{202e}", "OK"] });
    driver(&gateway, modem.id, Call::At, vec![lines]).await;
    browser.open(&page).await;
    browser
        .send(&path("at"), &[("command", "AT+CSQ")])
        .await
        .shows("› AT+CSQ\n+CSQ: &#60;15&#62;,99<span class=\"mark\">U+202E</span>\nOK</pre>");
    browser.send(&path("at"), &[("command", " ")]).await.shows("role=\"alert\"");
    browser.send(&path("at"), &[("command", "AT\u{7}")]).await.shows("role=\"alert\"");
    let long = "A".repeat(513);
    browser.send(&path("at"), &[("command", &long)]).await;
    assert_eq!(browser.status, 400);

    // A menu of the network is answered where it is shown.
    let menu = json!({ "text": "1. Pulsa <b>", "answer_wanted": true });
    let end = json!({ "text": "Rp 5.000", "answer_wanted": false });
    driver(&gateway, modem.id, Call::Ussd, vec![menu, end]).await;
    browser.send(&path("ussd"), &[("code", "*888#")]).await.shows("1. Pulsa &#60;b&#62;");
    assert_eq!(browser.at, format!("{page}?ussd=answer#ussd"));
    browser.shows("Your answer to the network");
    browser.send(&path("ussd"), &[("code", "1")]).await.shows("Rp 5.000");
    assert_eq!(browser.at, format!("{page}#ussd"));
    browser.hides("Your answer to the network");

    let long = json!({ "transcript": "<".repeat(100_000) });
    let short = json!({ "transcript": "> AT\n< OK" });
    driver(&gateway, modem.id, Call::Trace, vec![short.clone(), short, long]).await;
    browser.send(&path("trace"), &[("seconds", "5")]).await.shows("&#62; AT\n&#60; OK</pre>");
    browser.hides("Only the beginning is shown.");
    browser.send(&path("trace"), &[("seconds", "5"), ("as", "file")]).await;
    assert_eq!(browser.page, "> AT\n< OK");
    browser.send(&path("trace"), &[("seconds", "60")]).await.shows("Only the beginning is shown.");
    for seconds in ["61", "0", "", "-5", "5.5"] {
        browser.send(&path("trace"), &[("seconds", seconds)]).await;
        assert_eq!(browser.status, 400, "{seconds}");
    }

    browser.send(&path("name"), &[("name", "Attic"), ("place", "page")]).await;
    assert_eq!(browser.at, page);
    browser.shows("The name is kept.");
    // A message through its SIM, which leads to its way.
    browser.open(&page).await.shows("id=\"test\"");
    let sim = modem.sim.expect("a SIM").id.to_string();
    let fields = [("sim", sim.as_str()), ("to", "+62812345678"), ("text", "Test")];
    browser.send("/send", &fields).await;
    assert!(browser.at.starts_with("/messages/msg_"), "{}", browser.at);
}

#[tokio::test]
async fn the_last_lines_are_shown_and_a_page_that_is_left_open_ends() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    known(&gateway, &key, 1, 0).await;
    let path = format!("/modems/{}/lines", modem.id);
    browser.open(&path).await.shows("no driver answers for this modem");

    let now = Timestamp::now();
    let line = |written: bool, text: &str| json!({ "at": now, "written": written, "text": text });
    let long = "x".repeat(1_000);
    let lines = [line(true, "AT+CSQ"), line(false, "+CSQ: <15>,99"), line(false, &long)];
    driver(&gateway, modem.id, Call::Lines, vec![json!({ "lines": lines }); 4]).await;
    browser.open(&path).await.shows("+CSQ: &#60;15&#62;,99</code>");
    let place = |words: &str| browser.page.find(words).expect("a line");
    assert!(place("+CSQ: ") < place("AT+CSQ"), "the newest is first");
    browser.hides(&"x".repeat(161));
    for (query, next) in [
        ("", None),
        ("?live=60", Some(format!("2; url={path}?live=59"))),
        ("?live=1", Some(format!("2; url={path}"))),
    ] {
        let request = gateway.http.get(format!("{}{path}{query}", gateway.url));
        let answer = request.header("cookie", browser.cookie()).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let refresh = answer.headers().get("refresh").and_then(|value| value.to_str().ok());
        assert_eq!(refresh, next.as_deref(), "{query}");
    }
}

#[tokio::test]
async fn what_was_found_is_listed_with_the_next_step() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/modems/add").await.shows("No port of a modem yet.");
    browser.shows("id=\"found\" data-fresh data-renew");
    browser.hides("<ul class=\"keys\">");
    let key = gateway.user("root", true).await;
    let ready = gateway.modem("modem1", "+62811000001").await;
    let waiting = gateway.modem("modem2", "+62811000002").await;
    block(&gateway, waiting.clone()).await;
    let silent = gateway.modem("modem3", "+62811000003").await;
    let nobody = ModemState {
        manufacturer: String::new(),
        model: String::new(),
        imei: None,
        sim: None,
        status: ModemStatus::Offline,
        ..silent.clone()
    };
    let modems = gateway.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
    modems.put(&nobody.id.to_string(), &nobody).await.expect("a state");
    wait_for("the silent port", || async {
        let modems = gateway.modems(&key).await;
        modems.iter().any(|one| one.state.id == silent.id && one.state.imei.is_none()).then_some(())
    })
    .await;
    known(&gateway, &key, 3, 1).await;
    browser.open("/modems/add").await.shows("/dev/modem3 on test");
    browser.shows("No modem answered.");
    browser.shows("<bdi>Quectel EC25</bdi>");
    browser.shows(&format!("href=\"/modems/{}#test\"", ready.id));
    browser.hides(&format!("href=\"/modems/{}#test\"", waiting.id));
    browser.shows(&format!("action=\"/modems/{}/pin\"", waiting.id));
    assert!(browser.page.len() < 100_000, "{}", browser.page.len());
}

#[tokio::test]
async fn a_card_shows_how_much_of_the_limits_is_used_and_a_line_is_live() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/modems").await.shows("data-list=\"modems\"");
    let mut events = Events::open(&gateway, &browser, &position(&browser)).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let row = events.patch(&format!("r-{}", modem.id)).await;
    assert_eq!((&row["op"], &row["list"]), (&json!("swap"), &json!("modem-rows")), "{row}");

    let sim = modem.sim.expect("a SIM").id;
    let settings = gateway.bus.kv::<Sim>(bus::Bucket::Config).await.expect("the bucket");
    let limits = Limits { per_hour: NonZeroU32::new(100), ..Limits::default() };
    let setting = Sim { limits, ..Sim::unset(OrgId::default_org()) };
    settings.put(&format!("sim.{sim}"), &setting).await.expect("a setting");
    let until = Timestamp::now().plus(Duration::from_secs(3_600));
    let per_hour = Counted { used: 45, until, ..Counted::default() };
    let used = gateway.bus.kv::<Usage>(bus::Bucket::Usage).await.expect("the bucket");
    let counted = Usage { per_hour, ..Usage::default() };
    used.put(&sim.to_string(), &counted).await.expect("a count");
    let cookie = browser.cookie();
    wait_for("the bar", || async {
        let request = gateway.http.get(format!("{}/modems", gateway.url));
        let request = request.header("cookie", cookie.as_str()).header("accept-language", "en");
        let page = request.send().await.expect("an answer").text().await.expect("a page");
        page.contains("45 of 100 this hour").then_some(())
    })
    .await;
}

/// The number of a SIM that does not know it is asked for on its card.
#[tokio::test]
async fn a_number_that_is_not_known_is_asked_for() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "id").await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let id = modem.id;
    let sim = modem.sim.clone().map(|sim| contracts::modem::SimState { number: None, ..sim });
    let state = ModemState { sim, operator: Some("<i>TEL\u{202e}".to_owned()), ..modem };
    let modems = gateway.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
    modems.put(&id.to_string(), &state).await.expect("a state");
    let key = gateway.user("root", true).await;
    wait_for("the state", || async {
        let modems = gateway.modems(&key).await;
        let sim = modems.first()?.state.sim.as_ref()?;
        sim.number.is_none().then_some(())
    })
    .await;
    driver(&gateway, id, Call::Number, vec![Value::Null]).await;
    browser.open("/modems").await.shows("Kartu SIM ini tidak tahu nomornya sendiri.");
    browser.shows("&#60;i&#62;TEL<span class=\"mark\">U+202E</span>");
    browser.send(&format!("/modems/{id}/number"), &[("number", "+62811000001")]).await;
    assert_eq!(browser.at, format!("/modems#modem-{id}"));
    browser.shows("Nomor disimpan untuk kartu SIM ini.");
}
