//! Contacts, groups and templates, by the API and on their pages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer};

async fn patch(gateway: &Gateway, key: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", gateway.url);
    let request = gateway.http.patch(url).bearer_auth(key).json(body);
    let (status, said) = answer(request).await;
    (status.as_u16(), said)
}

async fn made(gateway: &Gateway, key: &str, path: &str, body: &Value) -> Value {
    let (status, made) = answer(gateway.post(key, path, body)).await;
    assert_eq!(status, 201, "{path} {body}: {made}");
    made
}

#[tokio::test]
async fn contacts_are_kept_found_and_changed() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let group = made(&gateway, &budi, "/groups", &json!({ "name": "Toko", "code": "TOKO" })).await;
    let new = json!({
        "name": "Siti",
        "number": "0812 345-678",
        "email": "siti@a.example",
        "note": "Kue",
        "tags": ["vip"],
        "groups": [group["id"]],
    });
    let siti = made(&gateway, &budi, "/contacts", &new).await;
    assert_eq!((&siti["number"], &siti["groups"]), (&json!("0812345678"), &json!([group["id"]])));
    let path = format!("/contacts/{}", siti["id"].as_str().expect("an id"));
    for key in [&budi, &root] {
        assert_eq!(answer(gateway.get(key, &path)).await.1, siti);
        for query in
            ["", "?q=SIT", "?q=vip", &format!("?group={}", group["id"].as_str().expect("an id"))]
        {
            let (_, found) = answer(gateway.get(key, &format!("/contacts{query}"))).await;
            assert_eq!(found, json!({ "contacts": [siti], "next": null }), "{query}");
        }
    }
    let (status, changed) =
        patch(&gateway, &budi, &path, &json!({ "name": "Siti N.", "email": "" })).await;
    assert_eq!(
        (status, &changed["name"], &changed["email"]),
        (200, &json!("Siti N."), &Value::Null)
    );
    assert_eq!(changed["note"], "Kue");

    // One for another account, and one that everybody reads: for administrators.
    for more in [json!({ "user": "root" }), json!({ "shared": true })] {
        let mut new = json!({ "name": "Polisi", "number": "110" });
        new.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        let (status, problem) = answer(gateway.post(&budi, "/contacts", &new)).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("admins-only")), "{problem}");
    }
    let new = json!({ "name": "Polisi", "number": "110", "shared": true });
    let shared = made(&gateway, &root, "/contacts", &new).await;
    assert_eq!(shared["owner"], Value::Null);
    let polisi = format!("/contacts/{}", shared["id"].as_str().expect("an id"));
    assert_eq!(answer(gateway.get(&budi, &polisi)).await.0, 200);
    assert_eq!(patch(&gateway, &budi, &polisi, &json!({ "name": "x" })).await.0, 404);
    let new = json!({ "name": "Dewi", "number": "0813", "user": "Budi" });
    assert_eq!(made(&gateway, &root, "/contacts", &new).await["owner"], siti["owner"]);
    let new = json!({ "name": "Dewi", "number": "0813", "user": "nobody" });
    let (status, problem) = answer(gateway.post(&root, "/contacts", &new)).await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("no-such-user")));

    let (_, first) = answer(gateway.get(&budi, "/contacts?limit=2")).await;
    let next = first["next"].as_str().expect("a place");
    let url = format!("{}/api/v1/contacts", gateway.url);
    let request =
        gateway.http.get(url).bearer_auth(&budi).query(&[("limit", "2"), ("after", next)]);
    let (_, second) = answer(request).await;
    let names = |page: &Value| -> Vec<String> {
        let contacts = page["contacts"].as_array().expect("contacts");
        contacts.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!([names(&first), names(&second)].concat(), ["Dewi", "Polisi", "Siti N."]);
    assert_eq!(second["next"], Value::Null);

    let delete = gateway.http.delete(format!("{}/api/v1{path}", gateway.url)).bearer_auth(&budi);
    assert_eq!(delete.send().await.expect("an answer").status(), 204);
    assert_eq!(answer(gateway.get(&budi, &path)).await.0, 404);
}

#[tokio::test]
async fn many_contacts_are_made_once() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let contacts: Vec<Value> = (0..500)
        .map(|n| json!({ "source": format!("x/{n}"), "name": format!("N{n}"), "number": format!("0812{n:04}") }))
        .collect();
    let mut new = json!({ "user": "budi", "contacts": contacts });
    new["contacts"][3]["number"] = json!("three");
    let states = async |expected: &str| {
        let (status, said) = answer(gateway.post(&root, "/contacts/bulk", &new)).await;
        assert_eq!(status, 200, "{said}");
        let all = said["contacts"].as_array().expect("contacts").clone();
        assert_eq!(all.len(), 500);
        assert_eq!(all[3]["state"], "refused");
        let error = all[3]["error"].as_str().expect("words");
        assert!(error.starts_with("The number cannot be dialled"), "{error}");
        assert_eq!(all.iter().filter(|one| one["state"] == expected).count(), 499);
        all[0]["id"].clone()
    };
    let first = states("made").await;
    assert_eq!(states("there").await, first);
    new["contacts"]
        .as_array_mut()
        .expect("contacts")
        .push(json!({ "name": "x", "number": "0811" }));
    let (status, problem) = answer(gateway.post(&root, "/contacts/bulk", &new)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("contacts")), "{problem}");
    let long = json!({ "contacts": [{ "name": "x".repeat(101), "number": "0811" }] });
    let (status, problem) = answer(gateway.post(&root, "/contacts/bulk", &long)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("contacts.name")), "{problem}");
}

#[tokio::test]
async fn groups_and_templates_are_kept_and_changed() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let siti =
        made(&gateway, &budi, "/contacts", &json!({ "name": "Siti", "number": "0812" })).await;
    let group = made(&gateway, &budi, "/groups", &json!({ "name": "Toko" })).await;
    let path = format!("/groups/{}", group["id"].as_str().expect("an id"));
    let change = json!({ "add": [siti["id"]], "code": "TOKO" });
    let (_, changed) = patch(&gateway, &budi, &path, &change).await;
    assert_eq!((&changed["members"], &changed["code"]), (&json!(1), &json!("TOKO")));
    let absent = json!({ "add": [format!("con_{}", "0".repeat(32))] });
    assert_eq!(patch(&gateway, &budi, &path, &absent).await.0, 404);
    let (_, found) = answer(gateway.get(&budi, "/groups?q=toko")).await;
    assert_eq!(found["groups"], json!([changed]));
    let (status, problem) =
        answer(gateway.post(&budi, "/groups", &json!({ "name": "TOKO" }))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("name-taken")));
    let two_words = json!({ "name": "x", "code": "a b" });
    let (status, problem) = answer(gateway.post(&budi, "/groups", &two_words)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("code")));

    let new = json!({ "name": "Salam", "text": "Selamat pagi" });
    let template = made(&gateway, &budi, "/templates", &new).await;
    let own = format!("/templates/{}", template["id"].as_str().expect("an id"));
    let (_, changed) = patch(&gateway, &budi, &own, &json!({ "text": "Selamat siang" })).await;
    assert_eq!((&changed["name"], &changed["text"]), (&json!("Salam"), &json!("Selamat siang")));
    let (_, found) = answer(gateway.get(&budi, "/templates?q=siang")).await;
    assert_eq!(found["templates"], json!([changed]));
    let blank = json!({ "name": "x", "text": " " });
    let (status, problem) = answer(gateway.post(&budi, "/templates", &blank)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("text")));
    for path in [path, own] {
        let url = format!("{}/api/v1{path}", gateway.url);
        for status in [204, 404] {
            let request = gateway.http.request(Method::DELETE, &url).bearer_auth(&budi);
            assert_eq!(request.send().await.expect("an answer").status(), status);
        }
    }
}

#[tokio::test]
async fn the_pages_list_add_change_search_and_remove() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/contacts").await.shows("There are no contacts yet.");
    browser.send("/groups", &[("name", "Toko"), ("code", "a b")]).await;
    assert_eq!(browser.status, 422);
    browser.shows("A code is one word");
    browser.hides("value=\"yes\" selected");
    let shared = [("name", "Toko"), ("code", "a b"), ("shared", "yes")];
    browser.send("/groups", &shared).await.shows("value=\"yes\" selected");
    browser
        .send("/groups", &[("name", "Toko"), ("code", "TOKO")])
        .await
        .shows("The group Toko is made.");
    browser.open("/contacts").await.shows("Toko");
    let group = browser.page.split("name=\"group\" value=\"").nth(1).expect("a group");
    let group = group.split('"').next().expect("an id").to_owned();
    let wrong = [("name", "<b>Siti</b>"), ("number", "x"), ("tags", "vip kue")];
    browser.send("/contacts", &wrong).await;
    assert_eq!(browser.status, 422);
    browser.shows("This number cannot be dialled.");
    browser.shows("value=\"vip kue\"");
    let right =
        [("name", "<b>Siti</b>"), ("number", "0812"), ("tags", "vip kue"), ("group", &group)];
    browser.send("/contacts", &right).await.shows("is a contact now.");
    browser.shows("&#60;b&#62;Siti");
    browser.hides("<b>Siti");
    browser.open(&format!("/contacts?group={group}")).await.shows("0812");
    browser.open("/contacts?q=nobody").await.shows("Nothing was found.");
    browser.open("/contacts?q=siti").await;
    let own = browser.page.split("href=\"/contacts/").nth(1).expect("a link");
    let own = format!("/contacts/{}", own.split('"').next().expect("an id"));
    browser.open(&own).await.shows("checked");
    let change = [("name", "Siti"), ("number", "0813"), ("offered", group.as_str())];
    browser.send(&format!("{own}/change"), &change).await;
    assert_eq!(browser.at, own);
    browser.shows("The contact is saved.");
    browser.hides("checked");
    browser.send(&format!("{own}/change"), &[("name", ""), ("number", "0813")]).await;
    assert_eq!(browser.status, 422);

    browser.send("/templates", &[("name", "Salam"), ("text", "Selamat\npagi")]).await;
    browser.shows("The template Salam is made.");
    browser.open("/templates?q=PAGI").await.shows("Selamat\npagi");
    let template = browser.page.split("href=\"/templates/").nth(1).expect("a link");
    let template = format!("/templates/{}", template.split('"').next().expect("an id"));
    browser.send(&format!("{template}/change"), &[("name", "Salam"), ("text", "Siang")]).await;
    browser.shows("The template is saved.");
    let group = format!("/groups/{group}");
    browser.send(&format!("{group}/change"), &[("name", "Toko kue"), ("code", "")]).await;
    browser.shows("Toko kue");
    for path in [own, template, group] {
        browser.send(&format!("{path}/remove"), &[]).await;
        assert_eq!(browser.status, 200);
        browser.shows("is removed");
        browser.open(&path).await;
        assert_eq!(browser.status, 404);
        browser.open("/contacts").await;
    }
}

#[tokio::test]
async fn a_long_list_is_paged_and_in_both_languages() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let contacts: Vec<Value> = (0..60)
        .map(|n| json!({ "name": format!("Orang & {n:02}"), "number": format!("08120{n:02}") }))
        .collect();
    answer(gateway.post(&root, "/contacts/bulk", &json!({ "contacts": contacts }))).await;
    let mut browser = Browser::new(&gateway, "id");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    browser.open("/contacts?q=orang+%26").await.shows("Orang &#38; 49");
    browser.hides("Orang &#38; 50");
    let more = browser.page.split("class=\"pager\"><a href=\"").nth(1).expect("a link");
    let more = more.split('"').next().expect("a link").replace("&#38;", "&").replace("&amp;", "&");
    browser.open(&more).await.shows("Orang &#38; 59");
    browser.shows("Kembali ke awal");
    browser.hides("Orang &#38; 49");
    browser.open("/contacts?after=x").await;
    assert_eq!(browser.status, 400);
    for path in ["/contacts", "/groups", "/templates"] {
        for (long, status) in [(100, 200), (101, 400)] {
            browser.open(&format!("{path}?q={}", "x".repeat(long))).await;
            assert_eq!(browser.status, status, "{path} {long}");
        }
    }
}

/// The page offers a hundred groups; a contact is in one that is not among them.
#[tokio::test]
async fn a_group_that_a_page_does_not_offer_keeps_its_contact() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    for number in 0..101 {
        made(&gateway, &budi, "/groups", &json!({ "name": format!("g{number:03}") })).await;
    }
    let last = made(&gateway, &budi, "/groups", &json!({ "name": "last" })).await;
    let new = json!({ "name": "Ani", "number": "+628111234", "groups": [last["id"]] });
    let contact = made(&gateway, &budi, "/contacts", &new).await;
    let path = format!("/contacts/{}", contact["id"].as_str().expect("an id"));
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    browser.open(&path).await.shows("g099");
    browser.hides("<bdi>last</bdi>");
    let offered: Vec<String> = browser
        .page
        .split("name=\"offered\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().expect("an id").to_owned())
        .collect();
    assert_eq!(offered.len(), 100);
    let mut fields = vec![("name", "Ani"), ("number", "+628111234"), ("note", "new")];
    fields.extend(offered.iter().map(|id| ("offered", id.as_str())));
    fields.push(("group", &offered[0]));
    browser.send(&format!("{path}/change"), &fields).await;
    let (_, now) = answer(gateway.get(&budi, &path)).await;
    let groups = now["groups"].as_array().expect("groups");
    assert!(groups.contains(&last["id"]) && groups.contains(&json!(offered[0])), "{now}");
    assert_eq!((groups.len(), &now["note"]), (2, &json!("new")));
}

/// What an administrator changes of others, and of what all share, is for a key that has the power over accounts.
#[tokio::test]
async fn a_key_without_the_power_over_accounts_changes_its_owners_own_alone() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let narrow = json!({ "label": "book", "scopes":
        ["contacts:read", "contacts:write", "templates:read", "templates:write"] });
    let narrow =
        made(&gateway, &root, "/keys", &narrow).await["key"].as_str().expect("a key").to_owned();
    let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
    for (path, new, change) in [
        ("/contacts", json!({ "name": "Siti", "number": "0812345678" }), json!({ "name": "x" })),
        ("/groups", json!({ "name": "Toko" }), json!({ "name": "x" })),
        ("/templates", json!({ "name": "Salam", "text": "Halo" }), json!({ "text": "x" })),
    ] {
        let mut shared = new.clone();
        shared["shared"] = json!(true);
        let others =
            [made(&gateway, &root, path, &shared).await, made(&gateway, &budi, path, &new).await];
        let own = made(&gateway, &narrow, path, &new).await;
        for other in &others {
            let path = format!("{path}/{}", id(other));
            assert_eq!(answer(gateway.get(&narrow, &path)).await.0, 200, "it is read");
            assert_eq!(patch(&gateway, &narrow, &path, &change).await.0, 404, "{path}");
            let url = format!("{}/api/v1{path}", gateway.url);
            assert_eq!(
                answer(gateway.http.delete(url).bearer_auth(&narrow)).await.0,
                404,
                "{path}"
            );
            assert_eq!(patch(&gateway, &root, &path, &change).await.0, 200, "{path}");
        }
        let own = format!("{path}/{}", id(&own));
        assert_eq!(patch(&gateway, &narrow, &own, &change).await.0, 200, "{own}");
        let (status, problem) = answer(gateway.post(&narrow, path, &shared)).await;
        assert_eq!(status.as_u16(), 403, "{problem}");
    }
    // Nor is a contact put into a group of somebody else's.
    let group = made(&gateway, &root, "/groups", &json!({ "name": "Semua", "shared": true })).await;
    let new = json!({ "name": "Dewi", "number": "0813", "groups": [group["id"]] });
    assert_ne!(answer(gateway.post(&narrow, "/contacts", &new)).await.0, 201);
}
