//! The audit log: that whatever is done is told of, by whom and from where, and who reads it.

use std::time::Duration;

use api::{AuditEntry, AuditLog, AuditVerdict};
use contracts::modem::ModemState;
use contracts::{SimId, Timestamp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::wait_for;
use web_portal::declared;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused, told};

/// Calls that are told of in no entry, each with why.
const UNTOLD: [(&str, &str); 19] = [
    // Messages stand in their history with who sent them and who took them back.
    ("POST", "/messages"),
    ("DELETE", "/messages/{id}"),
    ("POST", "/messages/{id}/again"),
    ("POST", "/batches"),
    ("POST", "/batches/{id}/pause"),
    ("POST", "/batches/{id}/resume"),
    ("POST", "/batches/{id}/cancel"),
    ("POST", "/broadcasts/{id}/test"),
    // What somebody has read is theirs alone.
    ("POST", "/conversations/{number}/read"),
    // A note stands in its conversation, with who wrote it.
    ("POST", "/conversations/{number}/notes"),
    // They only look.
    ("POST", "/messages/preview"),
    ("POST", "/services/test"),
    ("POST", "/routes/test"),
    ("POST", "/configuration/check"),
    // Each setting that is changed is told of by its own act.
    ("PUT", "/configuration"),
    // It needs a text that came in: see the tests of boards.
    ("PATCH", "/services/{id}/entries/{entry}"),
    // They need contacts, or an import that was confirmed: see the tests of imports.
    ("POST", "/contacts/merge"),
    ("POST", "/contact-imports/{id}/undo"),
    // Refused once there is an administrator; made before there is one, below.
    ("POST", "/setup-link"),
];

/// What a call takes that works, and what is told of it.
fn told_of(method: &str, path: &str, version: i64, n: usize) -> (Value, &'static str) {
    let at = "2026-11-30T00:00:00Z";
    match (method, path) {
        ("PATCH", "/modems/{id}") => (json!({ "enabled": false }), "modem.changed"),
        ("DELETE", "/modems/{id}") => (json!({}), "modem.forgotten"),
        ("PATCH", "/sims/{id}") => {
            (json!({ "limits": { "per_hour": n + 1 } }), "sim.limits.changed")
        }
        ("POST", "/users") => (json!({ "name": format!("new {n}") }), "user.created"),
        ("POST", "/users/{id}/role") => (json!({ "role": "service" }), "user.role.changed"),
        ("PUT", "/users/{id}/limits") => (json!({ "per_hour": n + 1 }), "user.limits.changed"),
        ("POST", "/users/{id}/enable") => (json!({}), "user.enabled"),
        ("POST", "/users/{id}/disable") => (json!({}), "user.disabled"),
        ("POST", "/users/{id}/password") => {
            (json!({ "password": "correct horse" }), "user.password.changed")
        }
        ("POST", "/users/{id}/password-link") => (json!({}), "user.password.link.made"),
        ("DELETE", "/users/{id}/totp") => (json!({}), "user.totp.removed"),
        ("DELETE", "/users/{id}/sessions" | "/sessions/{id}") => (json!({}), "session.ended"),
        ("POST", "/invitations") => (json!({ "role": "user", "label": "Siti" }), "invitation.made"),
        ("DELETE", "/invitations/{id}") => (json!({}), "invitation.revoked"),
        ("PUT", "/sign-in") => (json!({ "totp": ["manager"] }), "signin.changed"),
        ("POST", "/teams") => (json!({ "name": format!("team {n}") }), "team.created"),
        ("PATCH", "/teams/{id}") => (json!({ "own_sims_only": true }), "team.changed"),
        ("DELETE", "/teams/{id}") => (json!({}), "team.removed"),
        ("POST", "/keys") => (json!({ "label": "shop" }), "key.created"),
        ("DELETE", "/keys/{id}") => (json!({}), "key.revoked"),
        ("POST", "/webhooks") => {
            let new = json!({ "url": "https://a.example/hook", "events": ["sms.received"] });
            (new, "webhook.created")
        }
        ("PATCH", "/webhooks/{id}") => (json!({ "enabled": false }), "webhook.changed"),
        ("DELETE", "/webhooks/{id}") => (json!({}), "webhook.removed"),
        ("POST", "/webhooks/{id}/rotate") => (json!({}), "webhook.rotated"),
        ("POST", "/webhooks/{id}/test") => (json!({}), "webhook.tested"),
        ("POST", "/webhooks/{id}/deliveries/replay") => {
            (json!({ "since": at }), "webhook.replayed")
        }
        ("POST", "/services") => {
            let word = format!("word{n}");
            (json!({ "name": word, "keyword": word, "reply": "Halo" }), "service.created")
        }
        ("PATCH", "/services/{id}") => (json!({ "reply": "Hai" }), "service.changed"),
        ("DELETE", "/services/{id}/entries") => (json!({}), "service.cleared"),
        ("DELETE", "/services/{id}") => (json!({}), "service.removed"),
        // A file of one row, in the quotes of JSON, which are those of CSV.
        ("POST", "/bulk") => (json!("+62812345678"), "bulk.uploaded"),
        ("PATCH", "/bulk/{id}") => (json!({ "number": "A", "text": "Halo" }), "bulk.changed"),
        ("POST", "/bulk/{id}/send") => (json!({ "revision": 1 }), "bulk.sent"),
        ("DELETE", "/bulk/{id}") => (json!({}), "bulk.removed"),
        ("PATCH", "/conversations/{number}") => {
            (json!({ "archived": true }), "conversation.changed")
        }
        ("POST", "/contacts") => {
            (json!({ "name": "Siti", "number": "+62812345678" }), "contact.created")
        }
        ("POST", "/contacts/bulk") => {
            let one = json!({ "name": "Siti", "number": "+62812345678" });
            (json!({ "contacts": [one, one] }), "contact.created")
        }
        // A file of one row, likewise.
        ("POST", "/contact-imports") => (json!(format!("+62812{n:07}")), "contact.import.uploaded"),
        ("PATCH", "/contact-imports/{id}") => (json!({}), "contact.import.changed"),
        ("POST", "/contact-imports/{id}/confirm") => {
            (json!({ "revision": 1 }), "contact.import.confirmed")
        }
        ("DELETE", "/contact-imports/{id}") => (json!({}), "contact.import.removed"),
        ("PATCH", "/contacts/{id}") => (json!({ "note": "x" }), "contact.changed"),
        ("DELETE", "/contacts/{id}") => (json!({}), "contact.removed"),
        ("POST", "/groups") => (json!({ "name": format!("group {n}") }), "group.created"),
        ("PATCH", "/groups/{id}") => (json!({ "name": format!("other {n}") }), "group.changed"),
        ("DELETE", "/groups/{id}") => (json!({}), "group.removed"),
        ("POST", "/templates") => {
            (json!({ "name": format!("text {n}"), "text": "Halo" }), "template.created")
        }
        ("PATCH", "/templates/{id}") => (json!({ "text": "Hai" }), "template.changed"),
        ("DELETE", "/templates/{id}") => (json!({}), "template.removed"),
        ("POST", "/schedules") => {
            let new = json!({
                "name": format!("plan {n}"),
                "to": ["+62812345678"],
                "text": "Halo",
                "at": "2130-01-01 08:00",
                "zone": "Asia/Jakarta",
            });
            (new, "schedule.created")
        }
        ("POST", "/broadcasts") => {
            let name = format!("news {n}");
            (
                json!({ "name": name, "to": ["+62812345678"], "text": "Halo", "zone": "UTC" }),
                "broadcast.created",
            )
        }
        ("PATCH", "/broadcasts/{id}") => (json!({ "text": "Hai" }), "broadcast.changed"),
        ("DELETE", "/broadcasts/{id}") => (json!({}), "broadcast.removed"),
        ("POST", "/broadcasts/{id}/start") => (json!({}), "broadcast.started"),
        ("POST", "/broadcasts/{id}/pause") => (json!({}), "broadcast.paused"),
        ("POST", "/broadcasts/{id}/resume") => (json!({}), "broadcast.resumed"),
        ("POST", "/broadcasts/{id}/cancel") => (json!({}), "broadcast.cancelled"),
        ("PATCH", "/schedules/{id}") => (json!({ "text": "Hai" }), "schedule.changed"),
        ("DELETE", "/schedules/{id}") => (json!({}), "schedule.removed"),
        ("POST", "/schedules/{id}/pause") => (json!({}), "schedule.paused"),
        ("POST", "/schedules/{id}/resume") => (json!({}), "schedule.changed"),
        ("POST", "/schedules/{id}/run") => (json!({}), "schedule.run"),
        ("POST", "/optouts") => (json!({ "numbers": [format!("+62811{n:06}")] }), "optout.added"),
        ("DELETE", "/optouts/{number}") => (json!({}), "optout.removed"),
        ("PUT", "/routes") => (json!({ "version": version, "rules": [] }), "routes.changed"),
        ("POST", "/credits/{id}") => (json!({ "amount": "5000" }), "credit.changed"),
        ("DELETE", "/credits/{id}") => (json!({}), "credit.unlimited"),
        ("PUT", "/prices") => {
            (json!({ "version": 0, "prefixes": [], "usual": "350" }), "prices.changed")
        }
        ("POST", "/routes/restore") => (json!({}), "routes.changed"),
        ("POST", "/history") => {
            let sent = json!({
                "source": format!("{n}"), "to": "+62812345678", "text": "Halo", "state": "sent", "at": at,
            });
            (json!({ "from": "kannel", "sent": [sent] }), "history.imported")
        }
        ("POST", "/gateway/suspend") => (json!({}), "gateway.suspended"),
        ("POST", "/gateway/isolate") => (json!({}), "gateway.isolated"),
        ("POST", "/gateway/resume") => (json!({}), "gateway.resumed"),
        _ => panic!("{method} {path}: is it told of in the audit log, and by which action?"),
    }
}

fn request(gateway: &Gateway, key: &str, method: &str, path: &str, body: &Value) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let request = gateway.http.request(method, format!("{}/api/v1{path}", gateway.url));
    request.bearer_auth(key).json(body)
}

/// The newest entry.
async fn newest(gateway: &Gateway, key: &str) -> AuditEntry {
    told::<AuditLog>(gateway.get(key, "/audit?limit=1")).await.entries.remove(0)
}

async fn patched(gateway: &Gateway, key: &str, path: &str, body: &Value) -> (u16, Value) {
    let (status, said) = answer(request(gateway, key, "PATCH", path, body)).await;
    (status.as_u16(), said)
}

/// The id of something that was just made, of the kind that a path is about.
async fn fresh(gateway: &Gateway, key: &str, noun: &str, n: usize) -> String {
    match noun {
        "modems" => {
            // One that has not been heard of for an hour, so that it can be forgotten.
            let state = gateway.modem(&format!("modem{n}"), "+62811000009").await;
            let seen_at = Timestamp::now().minus(Duration::from_secs(3_600));
            let state = ModemState { seen_at, ..state };
            let modems = gateway.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
            modems.put(&state.id.to_string(), &state).await.expect("a state");
            let id = state.id.to_string();
            wait_for("the modem", || async {
                let (status, _) = answer(gateway.get(key, &format!("/modems/{id}"))).await;
                status.is_success().then_some(())
            })
            .await;
            id
        }
        "sims" => SimId::derived("modem").to_string(),
        // One of the administrator's own.
        "sessions" => {
            let mut browser = Browser::new(gateway, "en");
            browser.open("/login").await;
            browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
            let root = gateway.id_of("root").await;
            let open: api::Sessions =
                told(gateway.get(key, &format!("/users/{root}/sessions"))).await;
            open.sessions[0].id.to_string()
        }
        "conversations" => {
            let modem = gateway.modem(&format!("modem{n}"), "+62811000009").await;
            let number = format!("+62814{n:06}");
            gateway.receive(&modem, &number, "Halo").await;
            number.replace('+', "%2B")
        }
        "optouts" => {
            let number = format!("+62813{n:06}");
            let new = json!({ "numbers": [number] });
            assert_eq!(answer(gateway.post(key, "/optouts", &new)).await.0, 200);
            number.replace('+', "%2B")
        }
        "credits" => {
            let (_, credit) = answer(gateway.get(key, "/credits")).await;
            credit["credits"][0]["account"].as_str().expect("an account").to_owned()
        }
        noun => {
            let path = format!("/{noun}");
            let (body, _) = told_of("POST", &path, 0, n + 100_000);
            let (status, made) = answer(gateway.post(key, &path, &body)).await;
            assert_eq!(status, 201, "{path}: {made}");
            let id = made["id"].as_str().expect("an id").to_owned();
            if ["bulk", "contact-imports"].contains(&noun) {
                let (plan, _) = told_of("PATCH", &format!("{path}/{{id}}"), 0, n);
                let (status, _) = patched(gateway, key, &format!("{path}/{id}"), &plan).await;
                assert_eq!(status, 200);
            }
            id
        }
    }
}

/// Each call that does something is made, and the newest entry tells of it.
#[tokio::test]
async fn every_call_that_does_something_is_told_of() {
    let gateway = Gateway::start().await;
    let (status, _) = crate::socket::call(&gateway, "POST", "/api/v1/setup-link", &json!({})).await;
    assert_eq!(status, 200);
    let root = gateway.user("root", true).await;
    let (_, all) = answer(gateway.get(&root, "/audit")).await;
    assert!(all.to_string().contains("setup.link.made"), "{all}");
    let mut walked = 0;
    for (n, call) in declared().iter().enumerate() {
        if call.method == "GET" || UNTOLD.contains(&(call.method, call.path)) {
            continue;
        }
        let noun = call.path.split('/').nth(1).expect("a noun");
        if call.path == "/modems/{id}/{call}" {
            let id = fresh(&gateway, &root, noun, n).await;
            for (name, body, action, after) in [
                (
                    "ussd",
                    json!({ "code": "*123*8123456789#" }),
                    "modem.ussd",
                    json!({ "code": "*123*…#" }),
                ),
                (
                    "at",
                    json!({ "command": "AT+CPIN=1234" }),
                    "modem.at",
                    json!({ "command": "AT+CPIN=…" }),
                ),
                ("restart", json!({}), "modem.restarted", json!({})),
                ("reset", json!({}), "modem.reset", json!({})),
                ("flight", json!({ "on": true }), "modem.flight", json!({ "on": true })),
                (
                    "number",
                    json!({ "number": "+628123456789" }),
                    "modem.number",
                    json!({ "number": "+628…789" }),
                ),
                ("smsc", json!({}), "modem.smsc", json!({})),
                ("pin", json!({ "pin": "1234" }), "modem.pin", json!({})),
                ("trace", json!({ "seconds": 1 }), "modem.traced", json!({ "seconds": 1 })),
            ] {
                let path = format!("/modems/{id}/{name}");
                // No driver answers, and it was asked all the same.
                let said = refused(gateway.post(&root, &path, &body)).await;
                assert_eq!(said, (503, "modem-away".to_owned()), "{name}");
                let entry = newest(&gateway, &root).await;
                let shown = (entry.action.as_str(), Value::Object(entry.after));
                assert_eq!(shown, (action, after), "{name}");
                assert_eq!(entry.subject.id, id, "{name}");
            }
            walked += 1;
            continue;
        }
        let (_, routes) = answer(gateway.get(&root, "/routes")).await;
        let version = routes["version"].as_i64().expect("a version");
        let (body, action) = told_of(call.method, call.path, version, n);
        let path = if call.path.contains('{') {
            let id = fresh(&gateway, &root, noun, n).await;
            // A broadcast is paused while it runs, and resumed when it is paused.
            let before: &[&str] = match call.path {
                "/broadcasts/{id}/pause" => &["start"],
                "/broadcasts/{id}/resume" => &["start", "pause"],
                _ => &[],
            };
            for call in before {
                let path = format!("/broadcasts/{id}/{call}");
                let (status, said) = answer(gateway.post(&root, &path, &json!({}))).await;
                assert!(status.is_success(), "{path}: {said}");
            }
            call.path.replace("{id}", &id).replace("{number}", &id)
        } else {
            call.path.to_owned()
        };
        let shown = format!("{} {}", call.method, call.path);
        let request = request(&gateway, &root, call.method, &path, &body);
        if action == "webhook.tested" {
            // Nobody sends it here, and its end is waited for.
            let asked = tokio::spawn(request.send());
            wait_for("the entry", || async {
                (newest(&gateway, &root).await.action == action).then_some(())
            })
            .await;
            asked.abort();
        } else {
            let (status, said) = answer(request).await;
            assert!(status.is_success(), "{shown}: {status} {said}");
        }
        let entry = newest(&gateway, &root).await;
        assert_eq!(entry.action, action, "{shown}");
        assert_eq!((entry.actor.kind.as_str(), entry.actor.name.as_str()), ("key", "root"));
        assert!(entry.actor.key.is_some() && entry.door == "api", "{shown}: {entry:?}");
        walked += 1;
    }
    assert!(walked > 40, "{walked}");
    // No text, no secret and no whole number is in any of it.
    let (_, all) = answer(gateway.get(&root, "/audit?limit=500")).await;
    let all = all.to_string();
    for hidden in ["Halo", "Hai", "correct horse", "+62812345678", "8123456789", "a.example/hook"] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
    let verdict: AuditVerdict = told(gateway.get(&root, "/audit/verify")).await;
    assert!(verdict.whole && verdict.next.is_none(), "{verdict:?}");
    assert!(verdict.checked > 50, "{verdict:?}");
    let from_there: AuditVerdict = told(gateway.get(&root, "/audit/verify?after=5")).await;
    assert_eq!((from_there.checked, &from_there.hash), (verdict.checked - 5, &verdict.hash));
    let (status, beyond) = answer(gateway.get(&root, "/audit/verify?after=100000")).await;
    assert_eq!((status.as_u16(), &beyond["field"]), (400, &json!("after")), "{beyond}");
    let last = beyond["last"].as_u64().expect("a number");
    assert!(last >= verdict.checked, "{beyond}");
}

async fn entries(gateway: &Gateway, key: &str, query: &str) -> Vec<AuditEntry> {
    told::<AuditLog>(gateway.get(key, &format!("/audit?{query}"))).await.entries
}

#[tokio::test]
async fn it_says_who_it_was_and_from_where() {
    let gateway = Gateway::start_with(&[("http.trusted_proxies", "127.0.0.1")]).await;
    let root = gateway.user("root", true).await;
    // By the socket nobody has an account or an address.
    let made = entries(&gateway, &root, "action=user.created").await;
    assert_eq!((made[0].actor.kind.as_str(), made[0].door.as_str()), ("local", "socket"));
    assert_eq!((made[0].subject.name.as_str(), &made[0].address), ("root", &None));
    // By the API, through a proxy that is believed, whatever the client says before it.
    let sim = gateway.modem("modem1", "+628123456789").await.sim.expect("a SIM").id;
    wait_for("the number of the SIM", || async {
        (!gateway.modems(&root).await.is_empty()).then_some(())
    })
    .await;
    for limit in [100, 50] {
        let limits = json!({ "limits": { "per_hour": limit } });
        let change = request(&gateway, &root, "PATCH", &format!("/sims/{sim}"), &limits);
        let change = change.header("x-forwarded-for", "6.6.6.6, 203.0.113.7");
        assert_eq!(answer(change).await.0, 200);
    }
    let limited = entries(&gateway, &root, &format!("subject={sim}&limit=1")).await;
    let one = &limited[0];
    assert_eq!(
        (one.action.as_str(), one.address.as_deref()),
        ("sim.limits.changed", Some("203.0.113.7"))
    );
    assert_eq!(Value::Object(one.before.clone()), json!({ "limits.per_hour": 100 }));
    assert_eq!(Value::Object(one.after.clone()), json!({ "limits.per_hour": 50 }));
    assert_eq!(one.subject.name, "+628…789", "no whole number");
    // By a page.
    let mut browser = Browser::new(&gateway, "en").header("x-forwarded-for", "203.0.113.8");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "a guess")]).await;
    // A password that somebody wrote in the wrong field is not kept.
    browser.send("/login", &[("name", "correct horse"), ("password", "root")]).await;
    let failed = entries(&gateway, &root, "actor=stranger").await;
    let names: Vec<&str> = failed.iter().map(|entry| entry.actor.name.as_str()).collect();
    assert_eq!(names, ["…", "root"]);
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    let new = [("name", "<b>Siti</b>"), ("password", "correct horse")];
    browser.open("/users").await.send("/users", &new).await;
    let made = entries(&gateway, &root, "action=user.created&actor=root").await;
    assert_eq!((made[0].actor.kind.as_str(), made[0].door.as_str()), ("user", "page"));
    assert_eq!(made[0].address.as_deref(), Some("203.0.113.8"));
    // The page tells it in sentences, in which what others wrote is no markup.
    browser.open("/audit").await;
    browser.shows("changed how much the SIM +628…789 may send");
    browser.shows("limits per hour: 100 → 50");
    browser.shows("made the account &#60;b&#62;Siti&#60;/b&#62;");
    browser.hides("<b>Siti");
    browser.open("/audit?user=root&action=login.succeeded").await.shows("root logged in");
    browser.hides("made the account");
    browser.open("/audit?check=yes").await.shows("The log is whole");
    browser.open("/audit.csv?action=user.created").await.shows("\"user.created\"");
    browser.hides("login.succeeded");
    for (query, status) in [("action=moon.reached", 400), ("before=x", 400), ("from=tomorrow", 400)]
    {
        assert_eq!(browser.open(&format!("/audit?{query}")).await.status, status, "{query}");
    }
    let mut other = Browser::new(&gateway, "id").header("x-forwarded-for", "203.0.113.8");
    other.open("/login").await;
    other.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    other.open("/audit").await.shows("mengubah batas kirim SIM");
    other.send("/logout", &[]).await;
    let ended = entries(&gateway, &root, "action=login.ended").await;
    assert_eq!(ended.len(), 1);
}

#[tokio::test]
async fn administrators_read_it_in_pages_and_nobody_else_does() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    for path in ["/audit", "/audit/verify"] {
        assert_eq!(refused(gateway.get(&budi, path)).await, (403, "admins-only".to_owned()));
    }
    let all = entries(&gateway, &root, "limit=500").await;
    let mut seen = Vec::new();
    let mut before = String::new();
    loop {
        let page: AuditLog = told(gateway.get(&root, &format!("/audit?limit=3{before}"))).await;
        seen.extend(page.entries.into_iter().map(|entry| entry.sequence));
        let Some(next) = page.next else { break };
        before = format!("&before={next}");
    }
    assert_eq!(seen, all.iter().map(|entry| entry.sequence).collect::<Vec<_>>());
    let csv = gateway.get(&root, "/audit").header("accept", "text/csv").send().await;
    let csv = csv.expect("an answer").text().await.expect("CSV");
    assert!(csv.starts_with("\"sequence\",\"at\",\"actor_kind\""), "{csv}");
    assert_eq!(csv.lines().count(), all.len() + 1);
}
