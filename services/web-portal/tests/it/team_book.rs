//! Contacts, groups and templates of teams, by the API and on pages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused, told};

async fn made(gateway: &Gateway, key: &str, path: &str, body: &Value) -> Value {
    let (status, made) = answer(gateway.post(key, path, body)).await;
    assert_eq!(status, 201, "{path} {body}: {made}");
    made
}

async fn call(gateway: &Gateway, key: &str, method: Method, path: &str) -> u16 {
    let url = format!("{}/api/v1{path}", gateway.url);
    let request = gateway.http.request(method, url).bearer_auth(key).json(&json!({ "name": "x" }));
    answer(request).await.0.as_u16()
}

fn path(of: &str, made: &Value) -> String {
    format!("{of}/{}", made["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn what_a_team_has_is_for_its_users() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let (budi, ani) = (gateway.user("budi", false).await, gateway.user("ani", false).await);
    let citra = gateway.user("citra", false).await;
    let new = json!({ "name": "Sales", "users": ["budi", "ani"] });
    let sales: api::Team = told(gateway.post(&root, "/teams", &new)).await;
    told::<api::Team>(gateway.post(&root, "/teams", &json!({ "name": "B", "users": ["citra"] })))
        .await;

    // By its name, letter case aside, or its id.
    let group = json!({ "name": "Toko", "team": "sales" });
    let group = made(&gateway, &budi, "/groups", &group).await;
    assert_eq!((&group["team"], &group["owner"]), (&json!(sales.id), &Value::Null));
    let contact = json!({
        "name": "Siti", "number": "+628123456789", "team": sales.id, "groups": [group["id"]],
    });
    let contact = made(&gateway, &budi, "/contacts", &contact).await;
    assert_eq!((&contact["team"], &contact["owner"]), (&json!(sales.id), &Value::Null));
    let template = json!({ "name": "Salam", "text": "Halo {name}", "team": "Sales" });
    let template = made(&gateway, &budi, "/templates", &template).await;
    assert_eq!(template["team"], json!(sales.id));
    let many = json!({
        "team": "Sales",
        "contacts": [{ "source": "7", "name": "Budi", "number": "+628123456780" }],
    });
    for state in ["made", "there"] {
        let (status, said) = answer(gateway.post(&ani, "/contacts/bulk", &many)).await;
        assert_eq!((status.as_u16(), &said["contacts"][0]["state"]), (200, &json!(state)));
    }
    // A key that writes and does not read names the team, too.
    let writes = made(&gateway, &budi, "/keys", &json!({ "scopes": ["contacts:write"] })).await;
    let writes = writes["key"].as_str().expect("a key");
    let (status, said) = answer(gateway.post(writes, "/contacts/bulk", &many)).await;
    assert_eq!((status.as_u16(), &said["contacts"][0]["state"]), (200, &json!("there")), "{said}");
    // One's own is no team's.
    let own = made(&gateway, &budi, "/groups", &json!({ "name": "Toko" })).await;
    assert_eq!(own.get("team"), None);

    let all = [path("/contacts", &contact), path("/groups", &group), path("/templates", &template)];
    for one in &all {
        for key in [&ani, &budi, &root] {
            assert_eq!(answer(gateway.get(key, one)).await.0, 200, "{one}");
            assert_eq!(call(&gateway, key, Method::PATCH, one).await, 200, "{one}");
        }
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            assert_eq!(call(&gateway, &citra, method, one).await, 404, "{one}");
        }
    }
    let (_, found) = answer(gateway.get(&citra, "/contacts")).await;
    assert_eq!(found["contacts"], json!([]));

    // Of no other team, and of one owner alone.
    for (key, more, expected) in [
        (&citra, json!({ "team": "Sales" }), (422, "no-such-team")),
        (&citra, json!({ "team": sales.id }), (422, "no-such-team")),
        (&root, json!({ "team": "nowhere" }), (422, "no-such-team")),
        (&budi, json!({ "team": "Sales", "shared": true }), (400, "malformed")),
        (&budi, json!({ "team": "Sales", "user": "budi" }), (400, "malformed")),
        (&budi, json!({ "team": "x".repeat(65) }), (400, "malformed")),
    ] {
        let mut new = json!({ "name": "Lain", "text": "x" });
        new.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        let (status, code) = refused(gateway.post(key, "/templates", &new)).await;
        assert_eq!((status, code.as_str()), expected, "{new}");
    }

    // A team that has something stays.
    let team = format!("/teams/{}", sales.id);
    let url = format!("{}/api/v1{team}", gateway.url);
    let remove = || gateway.http.request(Method::DELETE, &url).bearer_auth(&root);
    assert_eq!(refused(remove()).await, (409, "team-has-contacts".to_owned()));
    let (_, found) = answer(gateway.get(&root, "/contacts")).await;
    let contacts = found["contacts"].as_array().expect("contacts").clone();
    assert_eq!(contacts.len(), 2);
    for contact in &contacts {
        assert_eq!(call(&gateway, &ani, Method::DELETE, &path("/contacts", contact)).await, 204);
    }
    for one in &all[1..] {
        assert_eq!(call(&gateway, &ani, Method::DELETE, one).await, 204);
    }
    assert_eq!(answer(remove()).await.0, 204);
}

#[tokio::test]
async fn a_page_offers_the_teams_of_who_looks() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let new = json!({ "name": "Sales <b>", "users": ["budi"] });
    let sales: api::Team = told(gateway.post(&root, "/teams", &new)).await;
    let other: api::Team = told(gateway.post(&root, "/teams", &json!({ "name": "Other" }))).await;
    let (team, stranger) = (sales.id.to_string(), other.id.to_string());
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    for page in ["/contacts", "/groups", "/templates", "/contact-imports"] {
        browser.open(page).await.shows("Sales &#60;b&#62;</option>");
        browser.hides("Sales <b>");
        browser.hides(&stranger);
        browser.hides("<option value=\"yes\"");
    }
    let fields = [("name", "Siti"), ("number", "+628123456789"), ("shared", team.as_str())];
    browser.send("/contacts", &fields).await;
    browser.open("/contacts").await.shows(" · <bdi>Sales &#60;b&#62;</bdi>");
    browser.send("/groups", &[("name", "Toko"), ("shared", &team)]).await;
    browser.send("/groups", &[("name", "toko"), ("shared", &team)]).await;
    browser.shows(&format!("<option value=\"{team}\" selected>"));
    browser.open("/groups").await.shows(" · <bdi>Sales &#60;b&#62;</bdi>");
    browser.send("/templates", &[("name", "Salam"), ("text", "x"), ("shared", &team)]).await;
    browser.open("/templates").await.shows(" · <bdi>Sales &#60;b&#62;</bdi>");
    // Of a team that is not one's own any more: that is said, and what was written stays.
    for page in ["/contacts", "/groups", "/templates"] {
        let (number, text, shared) = ("+628123456780", "x", stranger.as_str());
        let fields = [("name", "Lain"), ("number", number), ("text", text), ("shared", shared)];
        browser.send(page, &fields).await;
        browser.shows("You are not in this team any more, or the team was removed.");
        browser.shows("value=\"Lain\"");
    }
    let found: api::Contacts = told(gateway.get(&root, "/contacts")).await;
    assert_eq!((found.contacts[0].team, found.contacts[0].owner), (Some(sales.id), None));
    // A broadcast and a schedule may be for the group, and doubles are looked for in the team's.
    for page in ["/broadcasts", "/schedules"] {
        browser.open(page).await.shows("Toko");
    }
    browser
        .open(&format!("/contact-doubles?shared={team}"))
        .await
        .shows("There are no duplicate contacts");
    // It is told why the team is not removed.
    browser.send("/logout", &[]).await;
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    browser.open(&format!("/teams/{team}")).await;
    browser.send(&format!("/teams/{team}/remove"), &[]).await;
    browser.shows("The team still has contacts, groups or templates.");
}

#[tokio::test]
async fn a_file_of_contacts_is_a_team_s_as_long_as_one_is_of_it() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let (budi, ani) = (gateway.user("budi", false).await, gateway.user("ani", false).await);
    let new = json!({ "name": "Sales", "users": ["budi", "ani"] });
    let sales: api::Team = told(gateway.post(&root, "/teams", &new)).await;
    let upload = async |query: &str| {
        let url = format!("{}/api/v1/contact-imports?{query}", gateway.url);
        let file = "nama,nomor,grup\nSiti,+62811111111,Toko\n";
        answer(gateway.http.post(url).bearer_auth(&budi).body(file)).await
    };
    let (status, said) = upload("team=nowhere").await;
    assert_eq!((status.as_u16(), &said["code"]), (422, &json!("no-such-team")), "{said}");
    let (status, import) = upload("team=Sales").await;
    assert_eq!((status.as_u16(), &import["team"]), (201, &json!(sales.id)), "{import}");
    let import = path("/contact-imports", &import);
    let patch = async |path: &str, key: &str, body: Value| {
        let url = format!("{}/api/v1{path}", gateway.url);
        answer(gateway.http.patch(url).bearer_auth(key).json(&body)).await.1
    };
    let planned = patch(&import, &budi, json!({})).await;
    let confirm = json!({ "revision": planned["revision"] });
    let (status, done) = answer(gateway.post(&budi, &format!("{import}/confirm"), &confirm)).await;
    assert_eq!((status.as_u16(), &done["made"]), (200, &json!(1)), "{done}");
    let (_, found) = answer(gateway.get(&ani, "/contacts")).await;
    assert_eq!(found["contacts"][0]["team"], json!(sales.id));
    let (_, found) = answer(gateway.get(&ani, "/groups")).await;
    assert_eq!(
        (&found["groups"][0]["name"], &found["groups"][0]["members"]),
        (&json!("Toko"), &json!(1))
    );

    // Who has left the team takes nothing back, and may when they are of it again.
    let team = format!("/teams/{}", sales.id);
    patch(&team, &root, json!({ "users": ["ani"] })).await;
    let undo = format!("{import}/undo");
    let said = refused(gateway.post(&budi, &undo, &json!({}))).await;
    assert_eq!(said, (422, "no-such-team".to_owned()));
    patch(&team, &root, json!({ "users": ["ani", "budi"] })).await;
    let (status, undone) = answer(gateway.post(&budi, &undo, &json!({}))).await;
    assert_eq!((status.as_u16(), &undone["undone"]), (200, &json!(1)), "{undone}");
    let (_, found) = answer(gateway.get(&ani, "/contacts")).await;
    assert_eq!(found["contacts"], json!([]));
}
