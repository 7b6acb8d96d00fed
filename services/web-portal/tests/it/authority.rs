//! Who may do what, and that it ends when it is taken away.

use std::time::Duration;

use contracts::config_kv::Sim;
use contracts::{OrgId, Timestamp, UserId};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer};
use crate::live::{Events, position};
use crate::socket;

/// What is taken away from Budi, who watches and waits meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Account,
    Session,
    Password,
    Key,
    Role,
}

impl Taken {
    /// Whether his pages end, and whether what waits by his key does.
    fn ends(self) -> (bool, bool) {
        match self {
            Self::Account | Self::Role => (true, true),
            Self::Session | Self::Password => (true, false),
            Self::Key => (false, true),
        }
    }
}

async fn log_in<'a>(gateway: &'a Gateway, name: &str, password: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", password)]).await;
    browser
}

/// Two copies of the portal; on each Budi's page is open and a request of his waits for 20 seconds.
async fn revoke(taken: Taken) {
    let gateway = Gateway::start().await;
    let other = gateway.copy().await;
    let root = gateway.user("root", true).await;
    let key = gateway.user("budi", true).await;
    let budi = gateway.id_of("budi").await;
    let mut browser = log_in(&gateway, "budi", "correct horse").await;
    let bystander = log_in(&gateway, "root", "correct horse").await;

    let body = json!({ "to": "+62812345678", "text": "Halo" });
    let (_, sent) = answer(gateway.post(&key, "/messages", &body)).await;
    let id = sent["messages"][0]["id"].as_str().expect("an id").to_owned();
    let (_, message) = answer(gateway.get(&key, &format!("/messages/{id}"))).await;
    let path = format!("/api/v1/messages/{id}?after={}", message["version"]);
    let mut streams = Vec::new();
    let mut waits = Vec::new();
    let mut others = Vec::new();
    for url in [&gateway.url, &other] {
        let mut events = Events::at(&gateway, url, &browser, "").await;
        assert_eq!(events.next().await.expect("an event").0, "begin");
        streams.push(events);
        let mut events = Events::at(&gateway, url, &bystander, "").await;
        assert_eq!(events.next().await.expect("an event").0, "begin");
        others.push(events);
        let request = gateway.http.get(format!("{url}{path}")).bearer_auth(&key);
        waits.push(tokio::spawn(answer(request)));
    }
    let status = match taken {
        Taken::Account => {
            answer(gateway.post(&root, &format!("/users/{budi}/disable"), &json!({}))).await.0
        }
        Taken::Session => browser.send("/logout", &[]).await.status,
        Taken::Password => {
            let new = json!({ "password": "another horse" });
            answer(gateway.post(&root, &format!("/users/{budi}/password"), &new)).await.0
        }
        Taken::Key => {
            let (_, keys) = answer(gateway.get(&key, "/keys")).await;
            let keys = keys["keys"].as_array().expect("keys").clone();
            let own = keys.iter().find(|found| found["owner"] == budi.to_string());
            let id = own.expect("his key")["id"].as_str().expect("an id").to_owned();
            let url = format!("{}/api/v1/keys/{id}", gateway.url);
            answer(gateway.http.delete(url).bearer_auth(&root)).await.0
        }
        Taken::Role => {
            let new = json!({ "role": "user" });
            answer(gateway.post(&root, &format!("/users/{budi}/role"), &new)).await.0
        }
    };
    assert!(status.is_success(), "{taken:?}: {status}");
    let at = tokio::time::Instant::now();
    let (pages, requests) = taken.ends();
    if pages {
        for events in &mut streams {
            // Nothing else happens in this gateway: what comes is the end.
            assert_eq!(events.next().await, None, "{taken:?}");
        }
    }
    if requests {
        for wait in &mut waits {
            let (status, problem) = wait.await.expect("an answer");
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{taken:?}: {problem}");
        }
    }
    // Promised within a second; a machine that builds beside the tests may need longer. What nobody takes away lasts for 20
    // seconds and an hour.
    assert!(at.elapsed().as_secs() < 10, "{taken:?}: {:?}", at.elapsed());
    // What was not taken goes on, Budi's and others'.
    let modem = gateway.modem("modem1", "+62811000001").await;
    let card = format!("modem-{}", modem.id);
    for events in others.iter_mut().chain((!pages).then_some(&mut streams).into_iter().flatten()) {
        events.patch(&card).await;
    }
    if !requests {
        assert!(waits.iter().all(|wait| !wait.is_finished()), "{taken:?}");
    }
}

#[tokio::test]
async fn a_disabled_account_watches_no_longer() {
    revoke(Taken::Account).await;
}

#[tokio::test]
async fn an_ended_session_watches_no_longer() {
    revoke(Taken::Session).await;
}

#[tokio::test]
async fn who_has_another_password_watches_no_longer() {
    revoke(Taken::Password).await;
}

#[tokio::test]
async fn a_revoked_key_waits_no_longer() {
    revoke(Taken::Key).await;
}

#[tokio::test]
async fn who_has_another_role_watches_no_longer() {
    revoke(Taken::Role).await;
}

#[tokio::test]
async fn a_program_cannot_log_in() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let new = json!({ "name": "shop", "password": "correct horse", "service": true });
    let made = socket::call(&gateway, "POST", "/api/v1/users", &new).await;
    assert_eq!(made.0, 201, "{}", made.1);
    let mut browser = log_in(&gateway, "shop", "correct horse").await;
    assert_eq!(browser.status, 403);
    browser.shows("This account is for programs");
    assert!(!browser.cookie().contains("merpati="), "{}", browser.cookie());
    browser.open("/sent").await;
    assert_eq!(browser.at, "/login?next=%2Fsent");
    // Who does not know the password is not told what the account is for.
    let stranger = log_in(&gateway, "shop", "wrong horse").await;
    stranger.shows("Wrong name or password.");
    // Somebody who becomes a program is one at once.
    gateway.user("budi", false).await;
    let mut budi = log_in(&gateway, "budi", "correct horse").await;
    let path = format!("/api/v1/users/{}/role", gateway.id_of("budi").await);
    let done = socket::call(&gateway, "POST", &path, &json!({ "role": "service" })).await;
    assert_eq!(done.0, 204, "{}", done.1);
    budi.open("/sent").await;
    assert_eq!(budi.at, "/login?next=%2Fsent");
}

#[tokio::test]
async fn the_last_administrator_is_told_to_stay() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let path = format!("/users/{}/role", gateway.id_of("root").await);
    let (status, problem) = answer(gateway.post(&root, &path, &json!({ "role": "user" }))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("last-admin")));
    let (status, problem) = answer(gateway.post(&root, &path, &json!({ "rolle": "user" }))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("malformed")));
    let (status, _) = answer(gateway.post(&root, &path, &json!({ "role": "king" }))).await;
    assert_eq!(status, 400);
    let key = gateway.user("budi", false).await;
    let path = format!("/users/{}/role", gateway.id_of("budi").await);
    let (status, _) = answer(gateway.post(&key, &path, &json!({ "role": "admin" }))).await;
    assert_eq!(status, 403);
}

/// A one-time code comes in: by no door does a user read it whom the SIM's settings do not let.
#[tokio::test]
async fn what_a_sim_receives_is_read_by_whom_it_says() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let (budi, siti) = (gateway.user("budi", false).await, gateway.user("siti", false).await);
    let modem = gateway.modem("modem1", "+62811000001").await;
    let sim = modem.sim.as_ref().expect("a SIM").id;
    let mut page = log_in(&gateway, "budi", "correct horse").await;
    let mut watching = Events::at(&gateway, &gateway.url, &page, &position(&page)).await;
    let id = gateway.receive(&modem, "BANK", "Code 135790").await;
    for path in ["/received", "/"] {
        page.open(path).await.hides("135790");
    }
    for key in [&budi, &siti] {
        let (_, inbox) = answer(gateway.get(key, "/inbox")).await;
        assert_eq!(inbox["messages"], json!([]));
        let (_, inbox) = answer(gateway.get(key, &format!("/inbox?sim={sim}"))).await;
        assert_eq!(inbox["messages"], json!([]));
        assert_eq!(answer(gateway.get(key, &format!("/inbox/{id}"))).await.0, 404);
    }
    assert_eq!(answer(gateway.get(&root, &format!("/inbox/{id}"))).await.0, 200);
    let (_, sims) = answer(gateway.get(&budi, "/sims")).await;
    let sims = &sims["sims"][0];
    assert_eq!((&sims["may_send"], &sims["may_read"]), (&json!(true), &json!(false)), "{sims}");
    assert!(sims.get("readers").is_none() && sims.get("iccid").is_none(), "{sims}");

    let patch = |key: &str, body: &Value| {
        gateway.http.patch(format!("{}/api/v1/sims/{sim}", gateway.url)).bearer_auth(key).json(body)
    };
    let readers = json!({ "readers": ["Budi"] });
    assert_eq!(answer(patch(&budi, &readers)).await.0, 403, "for administrators");
    let (status, problem) = answer(patch(&root, &json!({ "readers": ["nobody"] }))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("no-such-user")));
    assert_eq!(answer(patch(&root, &json!({ "raeders": [] }))).await.0, 400);
    assert_eq!(answer(patch(&root, &json!({}))).await.0, 400);
    let (status, set) = answer(patch(&root, &readers)).await;
    assert_eq!((status.as_u16(), &set["readers"]), (200, &json!(["budi"])), "{set}");
    assert_eq!(set["senders"], "everybody");
    assert_eq!(answer(gateway.get(&budi, &format!("/inbox/{id}"))).await.0, 200);
    assert_eq!(answer(gateway.get(&siti, &format!("/inbox/{id}"))).await.0, 404);
    page.open("/received").await.shows("135790");
    wait_for("the portal to know who reads", || async {
        let kv = gateway.bus.kv::<Sim>(bus::Bucket::Config).await.expect("the bucket");
        let entry = kv.get(&format!("sim.{sim}")).await.expect("an entry")?;
        (!entry.value.readers.is_nobody()).then_some(())
    })
    .await;
    // The stream that was open all the while did not tell the first, and tells the next.
    let first = format!("m-{id}");
    loop {
        gateway.receive(&modem, "BANK", "Code 246801").await;
        // What came before the portal heard of the setting is not told: then the next is.
        let told = tokio::time::timeout(Duration::from_secs(1), watching.next()).await;
        let Ok(told) = told else { continue };
        let (event, data) = told.expect("the connection stays");
        assert!(event != "patches" || !data.contains(&first), "{data}");
        if data.contains("246801") {
            break;
        }
    }
    assert_eq!(answer(patch(&root, &json!({ "readers": [] }))).await.0, 200);
    page.open("/received").await.hides("135790");
}

#[tokio::test]
async fn a_sim_sends_for_whom_it_says() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let (budi, siti) = (gateway.user("budi", false).await, gateway.user("siti", false).await);
    let one = gateway.modem("modem1", "+62811000001").await.sim.expect("a SIM").id;
    gateway.modem("modem2", "+62811000002").await;
    let mut boss = log_in(&gateway, "root", "correct horse").await;
    boss.open(&format!("/sims/{one}")).await.shows("Who may use this SIM card");
    boss.shows("+62811000001");
    let budi_id = gateway.id_of("budi").await.to_string();
    boss.send(&format!("/sims/{one}"), &[("sends", &budi_id)]).await.shows("Saved.");
    let body = json!({ "to": "+62812345678", "text": "Halo", "sim": one });
    assert_eq!(answer(gateway.post(&budi, "/messages", &body)).await.0, 202);
    assert_eq!(answer(gateway.post(&root, "/messages", &body)).await.0, 202);
    let (status, problem) = answer(gateway.post(&siti, "/messages", &body)).await;
    assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("sim-not-yours")));
    let any = json!({ "to": "+62812345678", "text": "Halo" });
    assert_eq!(answer(gateway.post(&siti, "/messages", &any)).await.0, 202);
    // The form offers only what may be chosen, and a form that names another is refused.
    wait_for("the portal to know who sends", || async {
        let mut page = log_in(&gateway, "siti", "correct horse").await;
        page.open("/").await;
        (!page.page.contains(&format!("value=\"{one}\""))).then_some(())
    })
    .await;
    let mut page = log_in(&gateway, "siti", "correct horse").await;
    let form = [("to", "+62812345678"), ("text", "Halo"), ("sim", &*one.to_string())];
    page.send("/send", &form).await;
    assert_eq!(page.status, 422);
    page.shows("You may not send through this SIM card.");
    page.open(&format!("/sims/{one}")).await;
    assert_eq!(page.status, 403);
}

/// What belongs to another organisation is not there: modems, their SIMs, what was given up.
#[tokio::test]
async fn another_organisation_s_things_are_not_there() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let page = log_in(&gateway, "root", "correct horse").await;
    let own = gateway.modem("modem1", "+62811000001").await;
    let theirs = gateway.modem("modem2", "+62811000002").await;
    let sim = theirs.sim.as_ref().expect("a SIM").id;
    let abroad = OrgId::derived("abroad");
    let kv = gateway.bus.kv::<Sim>(bus::Bucket::Config).await.expect("the bucket");
    kv.put(&format!("sim.{sim}"), &Sim::unset(abroad)).await.expect("a setting");
    let modems = wait_for("only the own modem", || async {
        let (_, modems) = answer(gateway.get(&root, "/modems")).await;
        (modems["modems"].as_array().map(Vec::len) == Some(1)).then_some(modems)
    })
    .await;
    assert_eq!(modems["modems"][0]["id"], own.id.to_string());
    let path = format!("/modems/{}", theirs.id);
    assert_eq!(answer(gateway.get(&root, &path)).await.0, 404);
    let call = answer(gateway.post(&root, &format!("{path}/at"), &json!({ "command": "AT" })));
    assert_eq!(call.await.0, 404);
    let url = format!("{}/api/v1{path}", gateway.url);
    let change = gateway.http.patch(&url).bearer_auth(&root).json(&json!({ "enabled": false }));
    assert_eq!(answer(change).await.0, 404);
    assert_eq!(answer(gateway.http.delete(&url).bearer_auth(&root)).await.0, 404);
    // A page that is open is not told of it either.
    let mut events = Events::at(&gateway, &gateway.url, &page, &position(&page)).await;
    let again = gateway.modem("modem2", "+62811000003").await;
    gateway.modem("modem1", "+62811000004").await;
    loop {
        let (_, data) = events.next().await.expect("the connection stays");
        assert!(!data.contains(&again.id.to_string()) || !data.contains("+62811000003"), "{data}");
        if data.contains("+62811000004") {
            break;
        }
    }
    // What was given up.
    let letter = |text: &str| text.to_owned().into_bytes();
    for payload in [
        letter(&format!("{{\"org\":\"{abroad}\",\"text\":\"theirs\"}}")),
        letter("{\"to\":7,\"text\":\"ours\"}"),
        letter("nobody can read this"),
    ] {
        let client = gateway.bus.client();
        client.publish("sms.v1.dead.mt.request.normal", payload.into()).await.expect("published");
        client.flush().await.expect("flushed");
    }
    let dead = wait_for("the dead letters", || async {
        let (_, dead) = answer(gateway.get(&root, "/dead")).await;
        (dead["dead"].as_array().map(Vec::len) == Some(2)).then_some(dead)
    })
    .await;
    assert!(!dead.to_string().contains("theirs"), "{dead}");
    assert_ne!(UserId::internal(), gateway.id_of("root").await);
}

/// A key that ends gives nobody anything that stays when it has ended.
#[tokio::test]
async fn a_key_that_expires_gives_nobody_access_that_lasts() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let (root_id, budi) = (gateway.id_of("root").await, gateway.id_of("budi").await);
    let sim = gateway.modem("modem1", "+62811000001").await.sim.expect("a SIM").id;
    let tomorrow = Timestamp::now().plus(Duration::from_hours(24));
    let new = json!({ "label": "a day", "expires_at": tomorrow });
    let (status, made) = answer(gateway.post(&root, "/keys", &new)).await;
    assert_eq!(status, 201, "{made}");
    let key = made["key"].as_str().expect("a key").to_owned();

    let account = json!({ "name": "siti", "password": "correct horse", "admin": true });
    let own = format!("/users/{root_id}");
    for (path, body) in [
        ("/users".to_owned(), account.clone()),
        ("/users".to_owned(), json!({ "name": "shop", "service": true })),
        (format!("/users/{budi}/password"), json!({ "password": "another horse" })),
        (format!("{own}/password"), json!({ "password": "another horse" })),
        (format!("/users/{budi}/role"), json!({ "role": "admin" })),
        (format!("/users/{budi}/enable"), json!({})),
        ("/setup-link".to_owned(), json!({})),
    ] {
        let (status, problem) = answer(gateway.post(&key, &path, &body)).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("key-expires")), "{path}");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.contains("what it gives would stay"), "{detail}");
    }
    let url = format!("{}/api/v1/sims/{sim}", gateway.url);
    let change = gateway.http.patch(&url).bearer_auth(&key).json(&json!({ "readers": ["budi"] }));
    let (status, problem) = answer(change).await;
    assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("key-expires")));
    let names = answer(gateway.get(&root, "/users")).await.1;
    assert_eq!(names["users"].as_array().map(Vec::len), Some(2), "{names}");

    // What it takes away, and what lasts as long as itself, it may do; a key without an end may do all of it.
    let disable = format!("/users/{budi}/disable");
    assert_eq!(answer(gateway.post(&key, &disable, &json!({}))).await.0, 204);
    assert_eq!(answer(gateway.post(&key, "/keys", &json!({ "user": "root" }))).await.0, 201);
    assert_eq!(answer(gateway.post(&root, "/users", &account)).await.0, 201);
    let enable = format!("/users/{budi}/enable");
    assert_eq!(answer(gateway.post(&root, &enable, &json!({}))).await.0, 204);
}

/// A link lasts over a start of another copy; the one that is asked for takes the place of all.
#[tokio::test]
async fn a_start_leaves_set_up_links_as_they_are() {
    let gateway = Gateway::start().await;
    let link = gateway.setup_link.clone().expect("a link");
    gateway.copy().await;
    let open = async |link: &str| gateway.http.get(link).send().await.expect("a page").status();
    assert_eq!(open(&link).await, 200, "the second start has not voided it");
    let (_, renewed) = socket::call(&gateway, "POST", "/api/v1/setup-link", &json!({})).await;
    assert!(renewed["expires_at"].is_string(), "{renewed}");
    assert_eq!(open(&link).await, 410);
    let mut browser = newcomer_by(&gateway, renewed["url"].as_str().expect("a link")).await;
    browser.open("/users").await.shows("Ani");
}

async fn newcomer_by<'a>(gateway: &'a Gateway, link: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open(link).await;
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let fields = [("token", token.as_str()), ("name", "Ani"), ("password", "merpati putih")];
    browser.send("/setup", &fields).await;
    browser
}

/// The words of the page are true.
#[tokio::test]
async fn the_page_of_people_says_who_sees_what() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/users").await.shows("What a SIM card receives is read by administrators");
}
