//! Teams: by the API and on pages, what goes through their SIMs, and what their managers see.

use contracts::SimId;
use reqwest::Method;
use serde_json::{Value, json};
use store::{MOST_SIMS_OF_TEAM, MOST_TEAMS_OF_USER, MOST_USERS_OF_TEAM};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused, told};
use crate::socket;

/// A key of a new account of a role.
async fn account(gateway: &Gateway, name: &str, role: &str) -> String {
    let new = json!({ "name": name, "password": "correct horse", "role": role });
    let (status, made) = socket::call(gateway, "POST", "/api/v1/users", &new).await;
    assert_eq!(status, 201, "{made}");
    let (_, key) = socket::call(gateway, "POST", "/api/v1/keys", &json!({ "user": name })).await;
    key["key"].as_str().expect("a key").to_owned()
}

async fn patch(gateway: &Gateway, key: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", gateway.url);
    let request = gateway.http.patch(url).bearer_auth(key).json(body);
    let (status, said) = answer(request).await;
    (status.as_u16(), said)
}

/// Waits until the portal knows of which team a SIM is.
async fn of_team(gateway: &Gateway, key: &str, sim: SimId, team: &str) {
    wait_for("the portal to know whose the SIM is", || async {
        let tried = json!({ "to": "+62812345678", "sim": sim });
        let (_, said) = answer(gateway.post(key, "/routes/test", &tried)).await;
        let summary = said["summary"].as_str().unwrap_or_default();
        summary.contains(&format!("the team {team}")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_team_is_made_changed_and_removed() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    gateway.user("siti", false).await;
    let sim = gateway.modem("modem1", "+62811000001").await.sim.expect("a SIM").id;
    let none: api::Teams = told(gateway.get(&root, "/teams")).await;
    assert_eq!(none, api::Teams::default());
    let new = json!({ "name": "Sales", "users": ["Siti", "budi"], "sims": [sim] });
    let (status, made) = answer(gateway.post(&root, "/teams", &new)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["users"], json!(["budi", "siti"]), "by their names, sorted");
    assert_eq!((&made["sims"], &made["own_sims_only"]), (&json!([sim]), &json!(false)));
    let path = format!("/teams/{}", made["id"].as_str().expect("an id"));
    let (_, shown) = answer(gateway.get(&root, &path)).await;
    assert_eq!(shown, made);
    let (_, shown) = answer(gateway.get(&root, &format!("/sims/{sim}"))).await;
    assert_eq!((&shown["team"], &shown["senders"]), (&json!("Sales"), &json!(["budi", "siti"])));
    // Who uses the SIM is said by the team.
    let everybody = json!({ "senders": "everybody" });
    let (status, said) = patch(&gateway, &root, &format!("/sims/{sim}"), &everybody).await;
    assert_eq!((status, &said["code"]), (409, &json!("sim-of-team")), "{said}");
    assert!(said["detail"].as_str().is_some_and(|text| text.contains("'Sales'")), "{said}");

    let change = json!({ "name": "Support", "users": ["budi"], "own_sims_only": true });
    let (status, changed) = patch(&gateway, &root, &path, &change).await;
    assert_eq!(status, 200, "{changed}");
    let is = (&changed["name"], &changed["users"], &changed["sims"], &changed["own_sims_only"]);
    assert_eq!(is, (&json!("Support"), &json!(["budi"]), &json!([sim]), &json!(true)));

    for (body, expected) in [
        (json!({ "name": "support" }), (409, "name-taken")),
        (json!({ "name": " x " }), (400, "malformed")),
        (json!({ "name": "x", "users": ["nobody-here"] }), (422, "no-such-user")),
        (json!({ "name": "x", "sims": [sim] }), (409, "sim-of-team")),
        (json!({ "name": "x", "users": vec!["x"; MOST_USERS_OF_TEAM + 1] }), (400, "malformed")),
        (json!({ "name": "x", "sims": vec![sim; MOST_SIMS_OF_TEAM + 1] }), (400, "malformed")),
    ] {
        let (status, code) = refused(gateway.post(&root, "/teams", &body)).await;
        assert_eq!((status, code.as_str()), expected, "{body}");
    }
    for n in 1..MOST_TEAMS_OF_USER {
        let new = json!({ "name": format!("team {n}"), "users": ["budi"] });
        assert_eq!(answer(gateway.post(&root, "/teams", &new)).await.0, 201);
    }
    let new = json!({ "name": "one more", "users": ["budi"] });
    let said = refused(gateway.post(&root, "/teams", &new)).await;
    assert_eq!(said, (409, "too-many-teams".to_owned()));
    assert_eq!(answer(gateway.get(&budi, "/teams")).await.0, 403, "it is for administrators");

    // Its SIMs are nobody's only when somebody says so.
    let remove = || {
        let url = format!("{}/api/v1{path}", gateway.url);
        gateway.http.request(Method::DELETE, url).bearer_auth(&root)
    };
    assert_eq!(refused(remove()).await, (409, "team-has-sims".to_owned()));
    assert_eq!(answer(remove().query(&[("free_sims", "true")])).await.0, 204);
    assert_eq!(answer(remove()).await.0, 404);
    let (_, shown) = answer(gateway.get(&root, &format!("/sims/{sim}"))).await;
    assert_eq!((&shown["team"], &shown["senders"]), (&Value::Null, &json!("everybody")));
}

#[tokio::test]
async fn only_users_of_a_team_send_through_its_sims() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let (budi, siti) = (gateway.user("budi", false).await, gateway.user("siti", false).await);
    let sim = gateway.modem("modem1", "+62811000001").await.sim.expect("a SIM").id;
    gateway.modem("modem2", "+62811000002").await;
    let other = SimId::derived("modem2");
    let new = json!({ "name": "Sales", "users": ["budi"], "sims": [sim] });
    let made: api::Team = told(gateway.post(&root, "/teams", &new)).await;
    of_team(&gateway, &root, sim, "Sales").await;
    let named = json!({ "to": "+62812345678", "text": "Halo", "sim": sim });
    assert_eq!(answer(gateway.post(&budi, "/messages", &named)).await.0, 202);
    for stranger in [&siti, &root] {
        let said = refused(gateway.post(stranger, "/messages", &named)).await;
        assert_eq!(said, (403, "sim-not-yours".to_owned()), "an administrator is a stranger, too");
        // What is sent later is refused as soon.
        let later = json!({
            "name": "Salam", "to": ["+62812345678"], "text": "Halo", "sim": sim,
            "at": "2130-12-01 08:00", "zone": "Asia/Jakarta",
        });
        for path in ["/schedules", "/broadcasts"] {
            let said = refused(gateway.post(stranger, path, &later)).await;
            assert_eq!(said, (403, "sim-not-yours".to_owned()), "{path}");
        }
        let url = format!("{}/api/v1/bulk?name=tagihan.csv", gateway.url);
        let file = gateway.http.post(url).bearer_auth(stranger).body("nomor\n+62812345678\n");
        let (status, file) = answer(file).await;
        assert_eq!(status, 201, "{file}");
        let path = format!("/bulk/{}", file["id"].as_str().expect("an id"));
        let plan = json!({ "number": "nomor", "text": "Halo", "sim": sim });
        let (status, said) = patch(&gateway, stranger, &path, &plan).await;
        assert_eq!((status, &said["code"]), (403, &json!("sim-not-yours")), "{said}");
    }
    // What would happen, and why.
    let would = async |account: &str, more: Value| {
        let mut tried = json!({ "to": "+62812345678", "account": account });
        for (name, value) in more.as_object().expect("an object") {
            tried[name] = value.clone();
        }
        told::<api::TestedRoutes>(gateway.post(&root, "/routes/test", &tried)).await
    };
    let own = would("budi", json!({})).await;
    assert!(own.summary.contains("which belongs to the team Sales"), "{}", own.summary);
    assert_eq!(own.target.and_then(|target| target.sim), Some(sim));
    let strangers = would("siti", json!({})).await;
    assert_eq!(strangers.target.and_then(|target| target.pool), Some("default".parse().expect("")));
    assert_eq!(strangers.modems, ["modem2"], "the SIM of a team is in no pool");
    let strangers = would("siti", json!({ "sim": sim })).await;
    let why = strangers.refused.expect("a refusal");
    assert_eq!(why.code, "sim-of-team");
    assert_eq!(why.text, "Refused: the SIM belongs to the team Sales.");

    // Its users may be kept to it.
    let url = format!("/teams/{}", made.id);
    let (status, _) = patch(&gateway, &root, &url, &json!({ "own_sims_only": true })).await;
    assert_eq!(status, 200);
    let kept = wait_for("the portal to know", || async {
        let tried = would("budi", json!({ "sim": other })).await;
        tried.refused
    })
    .await;
    assert_eq!(kept.code, "team-sims-only");
    assert!(kept.text.contains("the team Sales"), "{}", kept.text);
    let by_pool = would("budi", json!({ "pool": "default" })).await.refused.expect("a refusal");
    assert_eq!(by_pool.code, "team-sims-only");
    assert_eq!(would("budi", json!({})).await.target.and_then(|target| target.sim), Some(sim));
    // The list of SIMs says the same.
    let through = async |key: &str| {
        let all: api::Sims = told(gateway.get(key, "/sims")).await;
        all.sims.iter().filter(|one| one.may_send).map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(through(&budi).await, [sim]);
    assert_eq!(through(&siti).await, [other]);
}

#[tokio::test]
async fn a_manager_sees_what_the_users_of_the_team_send_and_receive() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let (budi, siti) = (gateway.user("budi", false).await, gateway.user("siti", false).await);
    let lead = account(&gateway, "lead", "manager").await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let sim = modem.sim.as_ref().expect("a SIM").id;
    let new = json!({ "name": "Sales", "users": ["budi", "lead"], "sims": [sim] });
    let made: api::Team = told(gateway.post(&root, "/teams", &new)).await;
    let to = json!({ "to": "+62812345678", "text": "Halo" });
    let of_budi = gateway.sends(&budi, &to).await[0];
    let of_siti = gateway.sends(&siti, &json!({ "to": "+62812345679", "text": "Halo" })).await[0];
    gateway.accepted(&siti).await;
    gateway.accepted(&budi).await;
    let received = gateway.receive(&modem, "+62812345678", "Balasan").await;
    let seen = gateway.messages(&lead).await;
    assert!(seen.iter().any(|one| one.id == of_budi));
    assert!(seen.iter().all(|one| one.id != of_siti));
    assert_eq!(answer(gateway.get(&lead, &format!("/messages/{of_budi}"))).await.0, 200);
    assert_eq!(answer(gateway.get(&lead, &format!("/messages/{of_siti}"))).await.0, 404);
    for key in [&lead, &budi] {
        assert_eq!(answer(gateway.get(key, &format!("/inbox/{received}"))).await.0, 200);
    }
    assert_eq!(answer(gateway.get(&siti, &format!("/inbox/{received}"))).await.0, 404);
    let lines: api::ConversationLines =
        told(gateway.get(&lead, "/conversations/%2B62812345678")).await;
    assert_eq!(lines.lines.len(), 2);
    // A report names them, and is asked for by their names.
    let report: api::Report = told(gateway.get(&lead, "/reports?by=user")).await;
    let names: Vec<_> = report.rows.iter().filter_map(|row| row.name.as_deref()).collect();
    assert!(names.contains(&"budi") && !names.contains(&"siti"), "{names:?}");
    let all = report.total.accepted;
    let report: api::Report = told(gateway.get(&lead, "/reports?by=day&user=budi")).await;
    assert_eq!(report.total.accepted, all, "the manager sent nothing");
    // And no more than that: whoever is of no team any more is led by nobody.
    let url = format!("/teams/{}", made.id);
    assert_eq!(patch(&gateway, &root, &url, &json!({ "users": ["lead"] })).await.0, 200);
    assert!(gateway.messages(&lead).await.is_empty());
}

/// The version of the team that the page shows.
fn version_on(browser: &Browser<'_>) -> String {
    let rest = browser.page.split("name=\"version\" value=\"").nth(1).expect("a version");
    rest.split('"').next().expect("its end").to_owned()
}

#[tokio::test]
async fn a_team_is_made_on_its_pages() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let sim = gateway.modem("modem1", "+62811000001").await.sim.expect("a SIM").id.to_string();
    let budi = gateway.id_of("budi").await.to_string();
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    browser.open("/teams").await.shows("There are no teams yet.");
    browser.send("/teams", &[("name", "Sales <b>")]).await;
    browser.shows("The team Sales");
    browser.shows("Sales &#60;b&#62;");
    browser.hides("Sales <b>");
    let teams: api::Teams = told(gateway.get(&root, "/teams")).await;
    let path = format!("/teams/{}", teams.teams[0].id);
    let version = version_on(&browser);
    let change = [
        ("version", version.as_str()),
        ("name", "Sales"),
        ("user", budi.as_str()),
        ("sim", sim.as_str()),
        ("own_sims_only", "yes"),
    ];
    browser.send(&format!("{path}/change"), &change).await.shows("The team is saved.");
    // Whoever looked at it before that writes nothing over it.
    let late = [("version", version.as_str()), ("name", "Support")];
    browser.send(&format!("{path}/change"), &late).await;
    assert_eq!(browser.status, 409);
    browser.shows("Somebody changed the team meanwhile.");
    browser.shows("value=\"Sales\"");
    browser.shows(&format!("value=\"{sim}\" checked"));
    assert_ne!(version_on(&browser), version);
    browser.open("/teams").await.shows("Users: 1, SIM cards: 1 · only through its own SIM cards");
    browser.open(&format!("/users/{budi}")).await.shows("<bdi>Sales</bdi>");
    browser.open(&format!("/sims/{sim}")).await.shows("This SIM card belongs to a team.");
    // What is set besides is kept, and who uses it is not asked.
    browser.send(&format!("/sims/{sim}"), &[("pool", "vip")]).await.shows("Saved.");
    browser
        .send("/teams", &[("name", "sales")])
        .await
        .shows("There is already a team with this name.");
    // A team with SIMs goes only when it is said what they are then.
    browser.open(&path).await;
    browser.send(&format!("{path}/remove"), &[]).await.shows("The team still has SIM cards.");
    browser.send(&format!("{path}/remove"), &[("free_sims", "yes")]).await;
    browser.shows("The team is removed;");
    browser.open("/teams").await.shows("There are no teams yet.");
}
