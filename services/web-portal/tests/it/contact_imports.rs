//! Contacts from files, merged contacts, tags, fields, rules of groups and opt-outs, by the API and on their pages.

use contracts::{ContactImportId, OrgId, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::Reach;

use crate::bounds::flood;
use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer};

/// As much as a call may take of a file that is too large: the bound, and what both sides' sockets hold.
const TAKEN: usize = 40 * 1024 * 1024;

async fn upload(gateway: &Gateway, key: &str, file: impl Into<reqwest::Body>) -> (u16, Value) {
    let url = format!("{}/api/v1/contact-imports?name=kontak", gateway.url);
    let (status, said) = answer(gateway.http.post(url).bearer_auth(key).body(file)).await;
    (status.as_u16(), said)
}

async fn patch(gateway: &Gateway, key: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", gateway.url);
    let (status, said) = answer(gateway.http.patch(url).bearer_auth(key).json(body)).await;
    (status.as_u16(), said)
}

async fn post(gateway: &Gateway, key: &str, path: &str, body: &Value) -> (u16, Value) {
    let (status, said) = answer(gateway.post(key, path, body)).await;
    (status.as_u16(), said)
}

/// Uploads a file, says what its columns seem to be, and confirms it. Returns its path and what came of it.
async fn import(gateway: &Gateway, key: &str, file: &str) -> (String, Value) {
    let (status, made) = upload(gateway, key, file.to_owned()).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/contact-imports/{}", made["id"].as_str().expect("an id"));
    let (status, planned) = patch(gateway, key, &path, &json!({})).await;
    assert_eq!(status, 200, "{planned}");
    let confirm = json!({ "revision": planned["revision"] });
    let (status, done) = post(gateway, key, &format!("{path}/confirm"), &confirm).await;
    assert_eq!(status, 200, "{done}");
    (path, done)
}

async fn contacts(gateway: &Gateway, key: &str, query: &str) -> Vec<Value> {
    let (_, found) = answer(gateway.get(key, &format!("/contacts{query}"))).await;
    found["contacts"].as_array().expect("contacts").clone()
}

fn names(contacts: &[Value]) -> Vec<&str> {
    contacts.iter().map(|one| one["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn a_file_is_looked_through_imported_and_taken_back_on_its_pages() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/contact-imports").await.shows("There is nothing yet.");
    let token = browser.csrf.clone();
    let file = "Nama;No. HP;Kota;Grup;Tag\r\n<script>alert(1)</script>;+62811111111;Garut;Toko;vip\r\n\
                Budi;+62811111111;;;\r\nCici;6.28E+11;;;\r\n=cmd();0812345678;;;\r\n;;Garut;;\r\n";
    browser.upload("/contact-imports", &token, "a<b>.csv", file.as_bytes()).await;
    assert!(browser.at.starts_with("/contact-imports/cim_"), "{}", browser.at);
    browser.shows("a&#60;b&#62;.csv");
    browser.shows("<option value=\"field:Kota\" selected>");
    let path = browser.at.clone();

    // Two columns of one field are none; nothing is imported before somebody says so.
    let wrong = [("names", "1"), ("role", "number"), ("role", "number")];
    browser.send(&format!("{path}/plan"), &wrong).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.shows("One column has to be the number");
    let keep = "name=\"keep\" value=\"1\"";
    browser.shows(&format!("{keep}> <span>"));
    let kept = [("names", "1"), ("keep", "1"), ("role", "number"), ("role", "number")];
    browser.send(&format!("{path}/plan"), &kept).await.shows(&format!("{keep} checked>"));
    let right = [
        ("names", "1"),
        ("role", "name"),
        ("role", "number"),
        ("role", "field:Kota"),
        ("role", "groups"),
        ("role", "tags"),
    ];
    browser.send(&format!("{path}/plan"), &right).await.shows("Nothing is imported yet.");
    assert_eq!(browser.at, path);
    // What a plan would do is not shown beside another one that was refused.
    browser.send(&format!("{path}/plan"), &kept).await.hides("These groups are made:");
    browser.hides(&format!("{path}/confirm"));
    browser.open(&path).await.shows("These groups are made:");
    browser.shows("&#60;script&#62;alert(1)");
    browser.hides("<script>alert(1)");
    browser.shows("An earlier row has the number: 1");
    browser.shows("There is no number: 1");
    browser.open(&format!("{path}/skipped.csv")).await;
    browser.shows("\"3\",\"Budi\",\"'+62811111111\",\"An earlier row has the number\"");
    browser.open("/contacts").await.shows("There are no contacts yet.");

    browser.open(&path).await;
    browser.send(&format!("{path}/confirm"), &[("revision", "1")]).await;
    browser.shows("The contacts are imported.");
    browser.shows("Undo the import");
    browser.shows("After that it can no longer be undone.");
    // Of what was looked through only the rows that were skipped are left.
    browser.shows("An earlier row has the number: 1");
    browser.hides("These groups are made:");
    browser.hides("Look through");
    browser.open("/contacts?tag=VIP").await.shows("&#60;script&#62;alert(1)");
    browser.shows("Kota: Garut");
    browser.hides("=cmd()");
    browser.open("/groups").await.shows("Toko");

    browser.open(&path).await;
    browser.send(&format!("{path}/undo"), &[]).await.shows("The import is undone.");
    browser.hides("New contacts are removed, and changed ones become as they were.");
    browser.open("/contacts").await.shows("There are no contacts yet.");
    browser.open("/groups").await.shows("There are no groups yet.");
    browser.send(&format!("{path}/remove"), &[]).await.shows("It is forgotten");
    browser.open(&path).await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_book_makes_contacts_and_changes_those_that_are_there() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let card = |name: &str, number: &str, more: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:{number}\r\n{more}END:VCARD\r\n")
    };
    let both = card("Siti", "+62 811-1111-1111", "") + &card("Ani", "satu", "CATEGORIES:lama\r\n");
    let (first, done) = import(&gateway, &budi, &both).await;
    assert_eq!(
        (&done["made"], &done["changed"], &done["skipped"]),
        (&json!(1), &json!(0), &json!(1))
    );
    let (_, rows) = answer(gateway.get(&budi, &format!("{first}/rows?show=skipped"))).await;
    assert_eq!(rows["rows"][0]["skipped"], "not-a-number", "{rows}");
    assert_eq!((&rows["rows"][0]["name"], &rows["next"]), (&json!("Ani"), &Value::Null));

    let again = card("Siti Rahma", "0811 1111 1111", "ORG:Toko\r\nNOTE:Kue\r\n");
    let (second, done) = import(&gateway, &budi, &again).await;
    assert_eq!((&done["made"], &done["changed"]), (&json!(0), &json!(1)), "{done}");
    let found = contacts(&gateway, &budi, "").await;
    assert_eq!(names(&found), ["Siti Rahma"]);
    assert_eq!((&found[0]["note"], &found[0]["number"]), (&json!("Kue"), &json!("+6281111111111")));
    assert_eq!(found[0]["fields"], json!({ "Organization": "Toko" }));

    // To confirm again does nothing again, and neither does a colleague, nor even an administrator.
    let (status, same) =
        post(&gateway, &budi, &format!("{second}/confirm"), &json!({ "revision": 1 })).await;
    assert_eq!((status, &same["changed"]), (200, &json!(1)));
    let (status, refused) = patch(&gateway, &budi, &second, &json!({})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("import-state")));
    assert_eq!(post(&gateway, &root, &format!("{second}/undo"), &json!({})).await.0, 404);

    // The first is left where the second changed something; then the second is taken back.
    let (_, undone) = post(&gateway, &budi, &format!("{first}/undo"), &json!({})).await;
    assert_eq!((&undone["undone"], &undone["left"]), (&json!(0), &json!(1)), "{undone}");
    let (_, shown) = answer(gateway.get(&budi, &first)).await;
    assert_eq!(shown["left_contacts"][0]["why"], "changed", "{shown}");
    let (_, undone) = post(&gateway, &budi, &format!("{second}/undo"), &json!({})).await;
    assert_eq!((&undone["undone"], &undone["left"]), (&json!(1), &json!(0)), "{undone}");
    let found = contacts(&gateway, &budi, "").await;
    assert_eq!(names(&found), ["Siti"]);
    assert_eq!((&found[0]["note"], &found[0]["fields"]), (&Value::Null, &json!({})));
    let (_, audit) = answer(gateway.get(&root, "/audit?action=contact.import.undone")).await;
    assert_eq!(audit["entries"].as_array().map(Vec::len), Some(2), "{audit}");
    let delete = gateway.http.request(Method::DELETE, format!("{}/api/v1{first}", gateway.url));
    assert_eq!(delete.bearer_auth(&budi).send().await.expect("an answer").status(), 204);
}

#[tokio::test]
async fn what_columns_are_is_said_and_bounded() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let (_, made) = upload(&gateway, &budi, "a,b,c\n+62811111111,Siti,x\n").await;
    assert_eq!(made["roles"], json!(["field:a", "field:b", "field:c"]));
    let path = format!("/contact-imports/{}", made["id"].as_str().expect("an id"));
    for roles in
        [json!(["number"]), json!(["name", "", ""]), json!(["number", "field:x", "field:X"])]
    {
        let (status, said) = patch(&gateway, &budi, &path, &json!({ "roles": roles })).await;
        assert_eq!((status, &said["field"]), (400, &json!("roles")), "{roles}: {said}");
    }
    let (status, said) =
        patch(&gateway, &budi, &path, &json!({ "roles": ["phone", "", ""] })).await;
    assert_eq!((status, &said["field"]), (400, &json!("roles")), "{said}");
    let early = post(&gateway, &budi, &format!("{path}/confirm"), &json!({ "revision": 1 })).await;
    assert_eq!((early.0, &early.1["code"]), (409, &json!("import-changed")));
    let undo = post(&gateway, &budi, &format!("{path}/undo"), &json!({})).await;
    assert_eq!((undo.0, &undo.1["code"]), (409, &json!("import-state")));
    let roles = json!({ "roles": ["number", "name", ""] });
    assert_eq!(patch(&gateway, &budi, &path, &roles).await.0, 200);
    let (_, planned) = patch(&gateway, &budi, &path, &roles).await;
    let old = post(&gateway, &budi, &format!("{path}/confirm"), &json!({ "revision": 1 })).await;
    assert_eq!((old.0, &old.1["code"]), (409, &json!("import-changed")));
    let confirm = json!({ "revision": planned["revision"] });
    assert_eq!(post(&gateway, &budi, &format!("{path}/confirm"), &confirm).await.0, 200);
    // Who is there is left as they are, if that is asked for.
    let (_, made) = upload(&gateway, &budi, "name,phone\nSiti N.,+62811111111\n").await;
    let path = format!("/contact-imports/{}", made["id"].as_str().expect("an id"));
    let (_, planned) = patch(&gateway, &budi, &path, &json!({ "keep": true })).await;
    assert_eq!(planned["plan"]["skipped"], json!({ "there": 1 }), "{planned}");
    let confirm = json!({ "revision": planned["revision"] });
    let nothing = post(&gateway, &budi, &format!("{path}/confirm"), &confirm).await;
    assert_eq!((nothing.0, &nothing.1["code"]), (422, &json!("no-contact")));

    // What all share, and what is another's, is for who may do that.
    for query in ["shared=true", "user=root"] {
        let url = format!("{}/api/v1/contact-imports?{query}", gateway.url);
        let request = gateway.http.post(url).bearer_auth(&budi).body("0811111111");
        let (status, said) = answer(request).await;
        assert_eq!(
            (status.as_u16(), &said["code"]),
            (403, &json!("admins-only")),
            "{query}: {said}"
        );
    }
    let url = format!("{}/api/v1/contact-imports?user=budi", gateway.url);
    let (_, made) = answer(gateway.http.post(url).bearer_auth(&root).body("0811111111,Dewi")).await;
    assert_eq!(made["owner"], json!(gateway.id_of("budi").await));
    for file in ["", "PK\u{3}\u{4}", "BEGIN:VCARD\nEND:VCARD"] {
        let (status, said) = upload(&gateway, &budi, file).await;
        assert_eq!(said["code"], "unreadable-file", "{status} {said}");
    }
}

#[tokio::test]
async fn a_large_file_is_imported_in_pieces_and_taken_back() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let rows: String = (0..1_001)
        .fold(String::new(), |all, n| all + &format!("Orang {n},+6281200{n:05},Grup {}\n", n % 3));
    let (path, done) = import(&gateway, &budi, &format!("nama,nomor,grup\n{rows}")).await;
    assert_eq!((&done["made"], &done["applied_at"].is_string()), (&json!(1_001), &true), "{done}");
    let (_, groups) = answer(gateway.get(&budi, "/groups")).await;
    let members = groups["groups"].as_array().expect("groups").iter();
    let members: u64 = members.map(|group| group["members"].as_u64().expect("a count")).sum();
    assert_eq!(members, 1_001);
    // Whoever says so twice at once waits for the same.
    let (call, nothing) = (format!("{path}/undo"), json!({}));
    let undo = || post(&gateway, &budi, &call, &nothing);
    let ((_, undone), (_, same)) = tokio::join!(undo(), undo());
    for undone in [undone, same] {
        assert_eq!((&undone["undone"], &undone["left"]), (&json!(1_001), &json!(0)), "{undone}");
        assert!(undone["undone_at"].is_string(), "{undone}");
    }
    assert!(contacts(&gateway, &budi, "").await.is_empty());
    let (_, groups) = answer(gateway.get(&budi, "/groups")).await;
    assert_eq!(groups["groups"], json!([]));
}

#[tokio::test]
async fn what_is_taken_back_before_it_was_over_is_not_imported_further() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let (_, made) = upload(&gateway, &budi, "nama,nomor\nAni,+62811111111\n").await;
    let id: ContactImportId = made["id"].as_str().expect("an id").parse().expect("an id");
    let path = format!("/contact-imports/{id}");
    let (_, planned) = patch(&gateway, &budi, &path, &json!({})).await;
    assert_eq!(planned["revision"], 1, "{planned}");
    // A copy of the portal began both, and ended before it did anything.
    let (reach, now) = (Reach::everything(OrgId::default_org()), Timestamp::now());
    let begun = gateway.store.begin_contact_import(reach, id, 1, now).await;
    assert!(begun.expect("a database").is_some());
    let begun = gateway.store.begin_contact_import_undo(reach, id, now).await;
    assert!(begun.expect("a database").is_some());

    let (confirm, revision) = (format!("{path}/confirm"), json!({ "revision": 1 }));
    let (status, refused) = post(&gateway, &budi, &confirm, &revision).await;
    assert_eq!((status, &refused["code"]), (409, &json!("import-state")), "{refused}");
    let (status, undone) = post(&gateway, &budi, &format!("{path}/undo"), &json!({})).await;
    assert!(status == 200 && undone["undone_at"].is_string(), "{undone}");
    let (status, refused) = post(&gateway, &budi, &confirm, &revision).await;
    assert_eq!((status, &refused["code"]), (409, &json!("import-state")), "{refused}");
    assert!(contacts(&gateway, &budi, "").await.is_empty());
}

#[tokio::test]
async fn what_is_exported_is_imported_as_it_was() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let name = "Toko, besar; \"A\"";
    let (_, own) = post(&gateway, &budi, "/groups", &json!({ "name": name })).await;
    let contact = json!({
        "name": "=Siti", "number": "+62811111111", "note": "-ya;@x", "tags": ["a,b", "c", "'d"],
        "fields": { "@Kota": "+1" }, "groups": [own["id"]],
    });
    let (status, made) = post(&gateway, &budi, "/contacts", &contact).await;
    assert_eq!(status, 201, "{made}");
    let csv = gateway.get(&budi, "/contacts").header("accept", "text/csv").send().await;
    let csv = csv.expect("an answer").text().await.expect("a text");
    let (_, file) = upload(&gateway, &budi, csv.clone()).await;
    let path = format!("/contact-imports/{}", file["id"].as_str().expect("an id"));
    let (status, planned) = patch(&gateway, &budi, &path, &json!({})).await;
    let plan = &planned["plan"];
    let counts = (&plan["made"], &plan["changed"], &plan["same"], &plan["new_groups"]);
    assert_eq!(counts, (&json!(0), &json!(0), &json!(1), &json!([])), "{status} {planned} {csv}");

    // Nor does anything change where there was nothing.
    let id = made["id"].as_str().expect("an id");
    let delete = format!("{}/api/v1/contacts/{id}", gateway.url);
    let delete = gateway.http.request(Method::DELETE, delete).bearer_auth(&budi).send().await;
    assert_eq!(delete.expect("an answer").status(), 204);
    import(&gateway, &budi, &csv).await;
    let found = contacts(&gateway, &budi, "").await;
    let of = |field: &str| (&found[0][field], &made[field]);
    for field in ["name", "number", "note", "tags", "fields"] {
        let (is, was) = of(field);
        assert_eq!(is, was, "{field}");
    }
    assert_eq!(found[0]["groups"], json!([own["id"]]));
}

#[tokio::test]
async fn doubles_are_merged_and_parted_again() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let (_, toko) = post(&gateway, &budi, "/groups", &json!({ "name": "Toko" })).await;
    let one = json!({ "name": "Siti", "number": "+62811111111", "tags": ["vip"] });
    let two = json!({
        "name": "Siti R.",
        "number": "0811111111",
        "fields": { "Kota": "Garut" },
        "groups": [toko["id"]],
    });
    let (_, one) = post(&gateway, &budi, "/contacts", &one).await;
    let (_, two) = post(&gateway, &budi, "/contacts", &two).await;
    let (_, found) = answer(gateway.get(&budi, "/contacts/doubles")).await;
    assert_eq!(found["sets"].as_array().map(Vec::len), Some(1), "{found}");
    let (_, by_name) = answer(gateway.get(&budi, "/contacts/doubles?by=name")).await;
    assert_eq!(by_name["sets"], json!([]));
    let few = json!({ "keep": one["id"], "merge": [one["id"]] });
    assert_eq!(post(&gateway, &budi, "/contacts/merge", &few).await.0, 400);
    let merge = json!({ "keep": one["id"], "merge": [one["id"], two["id"]] });
    let (status, merged) = post(&gateway, &budi, "/contacts/merge", &merge).await;
    assert_eq!((status, &merged["kind"], &merged["removed"]), (200, &json!("merge"), &json!(1)));
    let found = contacts(&gateway, &budi, "").await;
    assert_eq!(names(&found), ["Siti"]);
    assert_eq!((&found[0]["tags"], &found[0]["fields"]), (&one["tags"], &two["fields"]));
    assert_eq!(
        (&found[0]["groups"], &found[0]["note"]),
        (&two["groups"], &json!("Siti R.; 0811111111"))
    );
    let path = format!("/contact-imports/{}", merged["id"].as_str().expect("an id"));
    let (_, undone) = post(&gateway, &budi, &format!("{path}/undo"), &json!({})).await;
    assert_eq!((&undone["undone"], &undone["left"]), (&json!(2), &json!(0)));
    assert_eq!(names(&contacts(&gateway, &budi, "").await), ["Siti", "Siti R."]);

    let mut browser = Browser::new(&gateway, "id");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    browser.open("/contact-doubles?by=name").await.shows("Tidak ada kontak ganda di sini.");
    browser.hides("class=\"pager\"");
    // Past the end of a list a link leads to its beginning.
    browser.open("/contact-doubles?by=name&after=siti").await.shows("Kembali ke awal");
    browser.shows("href=\"/contact-doubles?by=name\"");
    browser.open("/contact-doubles").await.shows("Siti R.");
    let (keep, other) = (one["id"].as_str().expect("an id"), two["id"].as_str().expect("an id"));
    // What was chosen stays, in the list that it was chosen from.
    browser.send("/contact-doubles", &[("keep", other)]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.shows(&format!("value=\"{other}\" aria-describedby=\"name-{other}\" checked> Simpan"));
    browser.hides("checked> Gabungkan");
    browser.send("/contact-doubles", &[("keep", keep), ("by", "name")]).await;
    browser.shows("Tidak ada kontak ganda di sini.");
    let both = [("keep", keep), ("merge", keep), ("merge", other)];
    browser.send("/contact-doubles", &both).await.shows("Kontak-kontak itu sekarang satu.");
    assert!(browser.at.starts_with("/contact-imports/"), "{}", browser.at);
    let undo = format!("{}/undo", browser.at);
    browser.send(&undo, &[]).await.shows("Penggabungan sudah diurungkan.");
    browser.shows("Lupakan penggabungan ini");
}

#[tokio::test]
async fn groups_by_rule_fields_and_opt_outs_are_shown() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let rule = json!({ "of": "all", "tags": ["vip"], "fields": { "Kota": "Garut" } });
    let (status, group) =
        post(&gateway, &root, "/groups", &json!({ "name": "Garut", "rule": rule })).await;
    assert_eq!((status, &group["rule"], &group["members"]), (201, &rule, &json!(0)));
    let siti = json!({
        "name": "Siti",
        "number": "+62811111111",
        "tags": ["VIP"],
        "fields": { "kota": "GARUT" },
    });
    let (status, siti) = post(&gateway, &root, "/contacts", &siti).await;
    assert_eq!((status, &siti["groups"]), (201, &json!([group["id"]])), "{siti}");
    let of_group = format!("?group={}", group["id"].as_str().expect("an id"));
    assert_eq!(names(&contacts(&gateway, &root, &of_group).await), ["Siti"]);
    let path = format!("/groups/{}", group["id"].as_str().expect("an id"));
    let (status, said) = patch(&gateway, &root, &path, &json!({ "add": [siti["id"]] })).await;
    assert_eq!((status, &said["code"]), (409, &json!("group-kind")));
    let tags = vec!["x"; 11];
    let long = json!({ "rule": { "of": "any", "no_tags": tags } });
    assert_eq!(patch(&gateway, &root, &path, &long).await.0, 400);

    let numbers = json!({ "numbers": ["+62811111111"] });
    assert_eq!(post(&gateway, &root, "/optouts", &numbers).await.0, 200);
    let found = contacts(&gateway, &root, "?tag=vip").await;
    assert_eq!(found[0]["opted_out"]["source"], "account", "{found:?}");
    assert!(contacts(&gateway, &root, "?tag=vi").await.is_empty());

    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    browser.open("/contacts").await.shows("Opted out here on");
    browser.shows("/contacts?tag=VIP");
    let own = format!("/contacts/{}", siti["id"].as_str().expect("an id"));
    browser.open(&own).await.shows("Opted out here on");
    browser.shows("kota: GARUT");
    let bad = [("name", "Siti"), ("number", "+62811111111"), ("fields", "no colon")];
    browser.send(&format!("{own}/change"), &bad).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.shows("with a colon after its name");
    let good =
        [("name", "Siti"), ("number", "+62811111111"), ("fields", "Kota: Bandung\nKelas: 3")];
    browser.send(&format!("{own}/change"), &good).await.shows("Kelas: 3");
    browser.open("/groups").await.shows("by rule");
    let new = [("name", "Bandung"), ("of", "any"), ("fields", "kota: bandung")];
    browser.send("/groups", &new).await.shows("The group Bandung is made.");
    browser.open("/groups?q=bandung").await.shows("1 contacts");
    browser.open(&path).await.shows("Contacts that match the rule are in the group");
    browser.shows("Kota: Garut");
    // As a file it is one that is imported again.
    browser.open("/contacts.csv?q=siti").await;
    browser
        .shows("\"name\",\"number\",\"email\",\"note\",\"tags\",\"groups\",\"Kelas\",\"Kota\"\r\n");
    browser.shows("\"Siti\",\"'+62811111111\",\"\",\"\",\"\",\"\",\"3\",\"Bandung\"\r\n");
    let file = browser.page.clone();
    let (_, done) = import(&gateway, &root, &file.replace("\"Siti\"", "\"Siti R.\"")).await;
    assert_eq!((&done["made"], &done["changed"]), (&json!(0), &json!(1)), "{done}");
}

/// A file that is too large is refused at its bound, and nothing of it is kept.
#[tokio::test]
async fn a_file_without_an_end_is_refused() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let head = |more: &str| {
        format!(
            "POST /api/v1/contact-imports HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {budi}\r\n{more}\r\n\r\n"
        )
    };
    let line = "0811111111\n".repeat(10_000);
    let chunk = format!("{:x}\r\n{line}\r\n", line.len());
    for (name, head, piece) in [
        ("a file that says it", head("content-length: 2147483648"), line.as_bytes()),
        ("a file without an end", head("transfer-encoding: chunked"), chunk.as_bytes()),
    ] {
        let (taken, said) = flood(&gateway, &head, piece).await;
        assert!(said.starts_with("HTTP/1.1 413 "), "{name}: {said:.300}");
        assert!(taken < TAKEN, "{name}: {taken}");
    }
    let many = "0811111111\n".repeat(sheet::MOST_ROWS + 1);
    let (status, said) = upload(&gateway, &budi, many).await;
    assert_eq!(said["code"], "unreadable-file", "{status} {said}");
    let (_, all) = answer(gateway.get(&budi, "/contact-imports")).await;
    assert_eq!(all["imports"], json!([]));
}
