//! How people come in, and what their roles may: invitations, links for a new password, codes of a phone, sessions.

use std::time::Duration;

use contracts::Timestamp;
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use platform::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use sha1::Sha1;
use testkit::wait_for;
use web_portal::{declared, declared_pages};

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer, refused, told};
use crate::powers::{SPECIAL, request};
use crate::socket;

const PASSWORD: &str = "correct horse";

/// An account of a role, and a key of it.
async fn account(gateway: &Gateway, name: &str, role: &str) -> String {
    let new = json!({ "name": name, "password": PASSWORD, "role": role });
    let (status, made) = socket::call(gateway, "POST", "/api/v1/users", &new).await;
    assert_eq!((status, &made["role"]), (201, &json!(role)), "{made}");
    let (_, key) = socket::call(gateway, "POST", "/api/v1/keys", &json!({ "user": name })).await;
    key["key"].as_str().expect("a key").to_owned()
}

/// A browser at the page after the name and the password.
async fn password<'a>(gateway: &'a Gateway, url: &str, name: &str, secret: &str) -> Browser<'a> {
    let mut browser = Browser::at(gateway, url, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", secret), ("next", "/sent")]).await;
    browser
}

/// What stands in the element of this id.
fn within(browser: &Browser<'_>, id: &str) -> String {
    let rest = browser.page.split_once(&format!("id=\"{id}\">"));
    let rest = rest.unwrap_or_else(|| panic!("no {id} at {} in:\n{}", browser.at, browser.page)).1;
    rest.split('<').next().unwrap_or_default().to_owned()
}

/// The code of a secret `steps` time steps from now, as a phone makes it.
fn code(secret: &str, now: Timestamp, steps: i64) -> String {
    let secret = BASE32_NOPAD.decode(secret.replace(' ', "").as_bytes()).expect("base32");
    let step = now.as_micros() / 30_000_000 + steps;
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).expect("a key");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let first = usize::from(digest[19] & 15);
    let word = [digest[first], digest[first + 1], digest[first + 2], digest[first + 3]];
    format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

/// Whether a role may do what needs a power, said in another way than the gateway does.
fn may(role: &str, power: &str) -> bool {
    let is_usual = !SPECIAL.contains(&power);
    match role {
        "read-only" => is_usual && power.ends_with(":read"),
        "operator" => is_usual || ["modems:operate", "gateway:operate"].contains(&power),
        "manager" => is_usual || power == "optouts:manage",
        _ => is_usual,
    }
}

#[tokio::test]
async fn each_role_may_what_it_is_for_and_no_more() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    for role in ["operator", "manager", "user", "read-only"] {
        let key = account(&gateway, role, role).await;
        for call in declared() {
            let Some(power) = call.power else { continue };
            let shown = format!("{} {} by {role}", call.method, call.path);
            let (status, problem) = answer(request(&gateway, &call, "x").bearer_auth(&key)).await;
            let is_refused = problem["code"] == "admins-only";
            assert_eq!(is_refused, !may(role, power), "{shown}: {status} {problem}");
            assert_ne!(status, 500, "{shown}: {problem}");
        }
        let mut browser = password(&gateway, &gateway.url, role, PASSWORD).await;
        for page in declared_pages() {
            let Some(power) = page.power else { continue };
            let shown = format!("{} {} by {role}", page.method, page.path);
            let path = page.path.replace("{id}", "x").replace("{call}", "restart");
            match page.method {
                "GET" => browser.open(&path).await,
                _ => browser.send(&path, &[("name", " no name ")]).await,
            };
            assert_eq!(browser.status == 403, !may(role, power), "{shown}: {}", browser.status);
            assert_ne!(browser.status, 500, "{shown}");
        }
    }
}

#[tokio::test]
async fn who_is_read_only_sees_no_form_to_write_with() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    account(&gateway, "siti", "read-only").await;
    let mut browser = password(&gateway, &gateway.url, "siti", PASSWORD).await;
    for (path, form) in [
        ("/", "method=\"post\" action=\"/send\""),
        ("/contacts", "method=\"post\" action=\"/contacts\""),
        ("/templates", "method=\"post\" action=\"/templates\""),
        ("/schedules", "method=\"post\" action=\"/schedules\""),
        ("/webhooks", "method=\"post\" action=\"/webhooks\""),
        ("/services", "method=\"post\" action=\"/services\""),
        ("/account", "method=\"post\" action=\"/account/keys\""),
        ("/conversations/+62812345678", "method=\"post\" action=\"/send\""),
    ] {
        browser.open(path).await.hides(form);
        assert_eq!(browser.status, 200, "{path}");
    }
    browser.open("/account").await.shows("read-only");
}

#[tokio::test]
async fn a_manager_changes_what_is_shared_and_an_operator_looks_after_the_gateway() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let manager = account(&gateway, "mira", "manager").await;
    let operator = account(&gateway, "oki", "operator").await;
    let user = account(&gateway, "budi", "user").await;
    let shared = json!({ "name": "Salam", "text": "Halo", "shared": true });
    for key in [&operator, &user] {
        let said = refused(gateway.post(key, "/templates", &shared)).await;
        assert_eq!(said, (403, "admins-only".to_owned()));
    }
    let (status, made) = answer(gateway.post(&manager, "/templates", &shared)).await;
    assert_eq!(status, 201, "{made}");
    let (_, seen) = answer(gateway.get(&user, "/templates")).await;
    assert!(seen.to_string().contains("Salam"), "{seen}");
    // One that an administrator shares, too, and none of a colleague's own.
    let theirs = json!({ "name": "Milik", "text": "Halo" });
    let (_, of_root) = answer(gateway.post(
        &root,
        "/templates",
        &json!({ "name": "Dari", "text": "x", "shared": true }),
    ))
    .await;
    let (_, of_user) = answer(gateway.post(&user, "/templates", &theirs)).await;
    for (made, status) in [(&of_root, 200), (&of_user, 404)] {
        let path =
            format!("{}/api/v1/templates/{}", gateway.url, made["id"].as_str().expect("an id"));
        let change = gateway.http.patch(path).bearer_auth(&manager).json(&json!({ "text": "Hai" }));
        assert_eq!(answer(change).await.0, status, "{made}");
    }
    let out = json!({ "numbers": ["+62811000777"] });
    assert_eq!(answer(gateway.post(&manager, "/optouts", &out)).await.0, 200);
    // A key whose scopes leave it out changes one's own alone.
    let scopes = json!({ "scopes": ["templates:write", "keys:manage"] });
    let (_, narrow) = answer(gateway.post(&manager, "/keys", &scopes)).await;
    let narrow = narrow["key"].as_str().expect("a key").to_owned();
    let said = refused(gateway.post(&narrow, "/templates", &shared)).await;
    assert_eq!(said.0, 403, "{said:?}");
    // The gateway.
    for path in ["/gateway", "/alerts"] {
        assert_eq!(answer(gateway.get(&operator, path)).await.0, 200, "{path}");
        assert_eq!(refused(gateway.get(&manager, path)).await.0, 403, "{path}");
    }
    let isolated = answer(gateway.post(&operator, "/gateway/isolate", &json!({}))).await;
    assert!(isolated.0.is_success(), "{isolated:?}");
    let mut browser = password(&gateway, &gateway.url, "oki", PASSWORD).await;
    browser.open("/status").await;
    assert_eq!(browser.status, 200);
    browser.open("/").await.shows("href=\"/status\"");
    browser.hides("href=\"/users\"");
    // No role but an administrator's gives others one.
    let path = format!("/users/{}/role", gateway.id_of("budi").await);
    for key in [&manager, &operator] {
        let said = refused(gateway.post(key, &path, &json!({ "role": "manager" }))).await;
        assert_eq!(said, (403, "admins-only".to_owned()));
    }
}

#[tokio::test]
async fn what_a_role_may_is_gone_with_it() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let key = account(&gateway, "siti", "manager").await;
    let mut browser = password(&gateway, &gateway.url, "siti", PASSWORD).await;
    let message = json!({ "to": "+62812345678", "text": "Halo" });
    assert_eq!(answer(gateway.post(&key, "/messages", &message)).await.0, 202);
    let path = format!("/users/{}/role", gateway.id_of("siti").await);
    let set = answer(gateway.post(&root, &path, &json!({ "role": "read-only" }))).await;
    assert_eq!(set.0, 204, "{}", set.1);
    wait_for("the key to send no more", || async {
        let (status, _) = answer(gateway.post(&key, "/messages", &message)).await;
        (status == 403).then_some(())
    })
    .await;
    browser.open("/sent").await;
    assert_eq!(browser.at, "/login?next=%2Fsent", "the session is over");
}

#[tokio::test]
async fn somebody_is_invited_once() {
    let gateway = Gateway::start().await;
    let mut boss = newcomer(&gateway, "en").await;
    let new = [("label", "Siti <b>"), ("role", "manager")];
    boss.open("/users").await.send("/users/invitations", &new).await;
    let link = within(&boss, "invitation-link");
    assert!(link.starts_with(&gateway.url) && link.contains("/invitation?token="), "{link}");
    boss.shows("Siti &#60;b&#62;");
    boss.open("/users").await.hides(&link);
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let mut siti = Browser::new(&gateway, "en");
    siti.open(&link).await.shows("You are invited as manager: what everybody shares");
    let take = |name: &'static str, password: &'static str| {
        [("token", token.clone()), ("name", name.to_owned()), ("password", password.to_owned())]
    };
    for (name, password, wrong) in [
        ("siti", "short", "A password needs at least 8 characters."),
        ("", PASSWORD, "A name has 1 to 64 characters"),
        ("ANI", PASSWORD, "This name is already taken."),
    ] {
        let fields = take(name, password);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        siti.send("/invitation", &fields).await.shows(wrong);
        assert_eq!(siti.status, 422, "{name}");
    }
    let fields = take("siti", PASSWORD);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    siti.send("/invitation", &fields).await;
    assert_eq!((siti.status.as_u16(), siti.at.as_str()), (200, "/"));
    siti.open("/account").await.shows("manager: what everybody shares");
    // It does once, whoever tries.
    let mut other = Browser::new(&gateway, "en");
    other.open(&link).await.shows("This link does not work any more");
    assert_eq!(other.status, 410);
    let again = [("token", token.as_str()), ("name", "sari"), ("password", PASSWORD)];
    other.send("/invitation", &again).await;
    assert_eq!(other.status, 410);
    // One that is revoked does not, nor one that nobody made.
    boss.open("/users").await.send("/users/invitations", &[("role", "admin")]).await;
    let revoked = within(&boss, "invitation-link");
    let id = boss.page.split("/users/invitations/").find_map(|rest| rest.split_once("/revoke\""));
    let path = format!("/users/invitations/{}/revoke", id.expect("a form").0);
    boss.send(&path, &[]).await.shows("The invitation is revoked.");
    for link in [revoked.as_str(), "/invitation?token=x", "/invitation", "/password?token=x"] {
        assert_eq!(other.open(link).await.status, 410, "{link}");
    }
    boss.send(&path, &[]).await;
    assert_eq!(boss.status, 404);
    boss.open("/audit").await.shows("made an invitation for Siti &#60;b&#62;");
    boss.shows("made the account siti by an invitation");
    // One that is a week old does not, by the clock of the portal.
    boss.open("/users").await.send("/users/invitations", &[("role", "user")]).await;
    let old = within(&boss, "invitation-link").replace(&gateway.url, "");
    assert_eq!(other.open(&old).await.status, 200);
    let later = Clock::following(Timestamp::now().plus(Duration::from_hours(7 * 24 + 1)));
    let copy = gateway.copy_by(later).await;
    assert_eq!(Browser::at(&gateway, &copy, "id").open(&old).await.status, 410);
}

#[tokio::test]
async fn an_invitation_gives_no_more_than_its_maker_has() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let boss = account(&gateway, "boss", "admin").await;
    let narrow = json!({ "scopes": ["users:manage", "keys:manage", "messages:send"] });
    let (_, made) = answer(gateway.post(&root, "/keys", &narrow)).await;
    let narrow = made["key"].as_str().expect("a key").to_owned();
    for role in ["admin", "operator", "user", "read-only"] {
        let said = refused(gateway.post(&narrow, "/invitations", &json!({ "role": role }))).await;
        assert_eq!(said, (403, "scope-beyond".to_owned()), "{role}");
    }
    let ends = Timestamp::now().plus(Duration::from_hours(1));
    let (_, made) = answer(gateway.post(&root, "/keys", &json!({ "expires_at": ends }))).await;
    let short = made["key"].as_str().expect("a key").to_owned();
    let said = refused(gateway.post(&short, "/invitations", &json!({ "role": "user" }))).await;
    assert_eq!(said, (403, "key-expires".to_owned()));
    for role in ["service", "king"] {
        let said = refused(gateway.post(&root, "/invitations", &json!({ "role": role }))).await;
        assert_eq!(said.0, 400, "{role}: {said:?}");
    }
    // It ends with what its maker might do.
    let new = json!({ "role": "admin", "label": "spare" });
    let (status, made) = answer(gateway.post(&boss, "/invitations", &new)).await;
    assert_eq!(status, 201, "{made}");
    let link = made["url"].as_str().expect("a link").to_owned();
    let open: api::Invitations = told(gateway.get(&root, "/invitations")).await;
    assert_eq!(open.invitations.len(), 1);
    assert!(open.invitations[0].url.is_none() && open.invitations[0].label == "spare");
    let path = format!("/users/{}/role", gateway.id_of("boss").await);
    assert_eq!(answer(gateway.post(&root, &path, &json!({ "role": "user" }))).await.0, 204);
    assert_eq!(Browser::new(&gateway, "en").open(&link).await.status, 410);
}

#[tokio::test]
async fn a_lost_password_is_set_by_a_link() {
    let gateway = Gateway::start().await;
    let mut boss = newcomer(&gateway, "en").await;
    account(&gateway, "budi", "user").await;
    let mut before = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    assert_eq!(before.at, "/sent");
    let page = format!("/users/{}", gateway.id_of("budi").await);
    boss.open(&page).await.send(&format!("{page}/password-link"), &[]).await;
    let first = within(&boss, "password-link");
    boss.send(&format!("{page}/password-link"), &[]).await;
    let link = within(&boss, "password-link");
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let mut budi = Browser::new(&gateway, "en");
    budi.open(&first).await.shows("This link does not work any more");
    budi.open(&link).await.shows("For budi");
    // The password of before does until then.
    before.open("/sent").await;
    assert_eq!(before.at, "/sent");
    budi.send("/password", &[("token", &token), ("password", "short")]).await;
    assert_eq!(budi.status, 422);
    let new = "nasi uduk pagi";
    budi.send("/password", &[("token", &token), ("password", new)]).await;
    budi.shows("The password is set. Log in with it.");
    budi.send("/password", &[("token", &token), ("password", "another one")]).await;
    assert_eq!(budi.status, 410, "it does once");
    before.open("/sent").await;
    assert_eq!(before.at, "/login?next=%2Fsent", "sessions of before are over");
    let old = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    assert_eq!(old.status, 401);
    assert_eq!(password(&gateway, &gateway.url, "budi", new).await.at, "/sent");
    // A program has none.
    account(&gateway, "shop", "service").await;
    let path = format!("/users/{}/password-link", gateway.id_of("shop").await);
    boss.send(&path, &[]).await;
    assert_eq!(boss.status, 404);
}

/// Sets a phone up on the page of the account: its secret, and the recovery codes.
async fn enrol(browser: &mut Browser<'_>) -> (String, Vec<String>) {
    browser.open("/account/totp").await.shows("<svg class=\"qr\"");
    let secret = within(browser, "totp-secret");
    browser.shows("otpauth://totp/Merpati%20");
    browser.open("/account/totp").await.shows(&secret);
    browser.send("/account/totp/confirm", &[("code", "000000x")]).await.shows("This code is wrong");
    assert_eq!(browser.status, 401);
    let right = code(&secret, Timestamp::now(), 0);
    browser.send("/account/totp/confirm", &[("code", &right)]).await.shows("Your recovery codes");
    let codes = within(browser, "recovery-codes");
    let codes: Vec<String> = codes.lines().map(str::to_owned).filter(|l| !l.is_empty()).collect();
    assert_eq!(codes.len(), 10, "{codes:?}");
    browser.open("/account/totp").await.hides(&codes[0]);
    browser.hides(&secret);
    browser.shows("10 recovery codes are left.");
    (secret, codes)
}

#[tokio::test]
async fn a_phone_stands_beside_the_password() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let key = account(&gateway, "budi", "user").await;
    let mut browser = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    let (secret, recovery) = enrol(&mut browser).await;
    // Keys go on as before, and so does what is open.
    assert_eq!(answer(gateway.get(&key, "/me")).await.0, 200);
    browser.open("/sent").await;
    assert_eq!(browser.at, "/sent");
    // The password alone opens nothing.
    let mut next = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    assert_eq!(next.at, "/login/code?next=%2Fsent");
    next.shows("Code that your phone shows");
    next.hides(&secret);
    assert!(!next.cookie().contains("merpati="), "{}", next.cookie());
    next.open("/sent").await;
    assert_eq!(next.at, "/login?next=%2Fsent");
    let give = async |browser: &mut Browser<'_>, code: &str| {
        browser.open("/login/code").await;
        browser.send("/login/code", &[("code", code), ("next", "/sent")]).await;
        browser.status.as_u16()
    };
    assert_eq!(give(&mut next, "123").await, 401);
    // The code that confirmed the phone was used, and the next one does once.
    let code_now = code(&secret, Timestamp::now(), 1);
    assert_eq!(give(&mut next, &code_now).await, 200);
    assert_eq!(next.at, "/sent");
    let mut replay = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    assert_eq!(give(&mut replay, &code_now).await, 401, "it was used");
    // A recovery code in its place, once, however it is typed.
    let typed = recovery[0].to_lowercase().replace('-', " ");
    assert_eq!(give(&mut replay, &typed).await, 200);
    let mut third = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    assert_eq!(give(&mut third, &recovery[0]).await, 401, "it was used");
    assert_eq!(give(&mut third, &recovery[1]).await, 200);
    // What began a log-in ends with it.
    let cookies = third.cookie();
    assert!(!cookies.contains("merpati_login="), "{cookies}");
    let told_of = answer(gateway.get(&root, "/audit?action=user.recovery.used")).await.1;
    assert_eq!(told_of["entries"].as_array().map(Vec::len), Some(2), "{told_of}");
    let all = answer(gateway.get(&root, "/audit?limit=500")).await.1.to_string();
    assert!(!all.contains(&secret.replace(' ', "")) && !all.contains(&recovery[2]), "{all}");
    // Without the password it stays; with it, it goes.
    browser.open("/account/totp").await;
    browser.send("/account/totp/off", &[("password", "a guess")]).await;
    browser.shows("The current password is wrong.");
    browser.send("/account/totp/codes", &[("password", PASSWORD)]).await;
    let renewed = within(&browser, "recovery-codes");
    assert!(!renewed.contains(&recovery[2]), "other ones");
    let mut old = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    assert_eq!(give(&mut old, &recovery[2]).await, 401, "the old ones are gone");
    browser.open("/account/totp").await;
    browser.send("/account/totp/off", &[("password", PASSWORD)]).await;
    browser.shows("You log in by your password alone now.");
    assert_eq!(password(&gateway, &gateway.url, "budi", PASSWORD).await.at, "/sent");
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_and_a_log_in_is_waited_for_ten_minutes() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    account(&gateway, "budi", "user").await;
    let mut browser = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    let (secret, recovery) = enrol(&mut browser).await;
    for _ in 0..5 {
        let mut guess = password(&gateway, &gateway.url, "budi", PASSWORD).await;
        guess.send("/login/code", &[("code", "000000x")]).await;
        assert_eq!(guess.status, 401);
    }
    // The right password gives no tries back.
    let mut guess = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    let right = code(&secret, Timestamp::now(), 1);
    for code in [right.as_str(), recovery[0].as_str()] {
        guess.send("/login/code", &[("code", code)]).await.shows("Too many tries. Wait");
        assert_eq!(guess.status, 429, "even the right one waits");
    }
    let failed = answer(gateway.get(&root, "/audit?action=login.failed")).await.1;
    assert!(failed["entries"].as_array().is_some_and(|all| all.len() >= 5), "{failed}");
    // Eleven minutes later the log-in has ended, by the clock of another copy.
    let later = Clock::following(Timestamp::now().plus(Duration::from_secs(11 * 60)));
    let copy = gateway.copy_by(later).await;
    let page = gateway.http.get(format!("{copy}/login/code")).header("cookie", guess.cookie());
    let page = page.send().await.expect("an answer");
    let leads_to = page.headers()["location"].to_str().expect("a place").to_owned();
    assert_eq!((page.status().as_u16(), leads_to.as_str()), (303, "/login"));
    // There, the code of that time does, and one that is two steps old does not.
    let then = Timestamp::now().plus(Duration::from_secs(11 * 60));
    let mut there = password(&gateway, &copy, "budi", PASSWORD).await;
    there.send("/login/code", &[("code", &code(&secret, then, -3))]).await;
    assert_eq!(there.status, 401);
    there.send("/login/code", &[("code", &code(&secret, then, 0)), ("next", "/sent")]).await;
    assert_eq!(there.at, "/sent");
    // Nobody without a password is asked for a code.
    let mut stranger = Browser::new(&gateway, "en");
    stranger.open("/login").await;
    stranger.send("/login/code", &[("code", &code(&secret, then, 1))]).await;
    assert_eq!(stranger.at, "/login");
}

#[tokio::test]
async fn a_role_may_have_to_have_a_phone() {
    let gateway = Gateway::start_with(&[("doors.playsms", "true")]).await;
    let root = gateway.user("root", true).await;
    account(&gateway, "oki", "operator").await;
    account(&gateway, "budi", "user").await;
    let before = password(&gateway, &gateway.url, "oki", PASSWORD).await;
    let put = |body: &Value| {
        let url = format!("{}/api/v1/sign-in", gateway.url);
        gateway.http.request(Method::PUT, url).bearer_auth(&root).json(body)
    };
    let (status, set) = answer(put(&json!({ "totp": ["operator", "admin"] }))).await;
    assert_eq!((status.as_u16(), &set), (200, &json!({ "totp": ["admin", "operator"] })));
    assert_eq!(answer(put(&json!({ "totp": ["king"] }))).await.0, 400);
    // From the next log-in on, and not for other roles.
    let seen = gateway.http.get(format!("{}/sent", gateway.url)).header("cookie", before.cookie());
    assert_eq!(seen.send().await.expect("an answer").status(), 200);
    assert_eq!(password(&gateway, &gateway.url, "budi", PASSWORD).await.at, "/sent");
    let mut oki = password(&gateway, &gateway.url, "oki", PASSWORD).await;
    assert_eq!(oki.at, "/login/code?next=%2Fsent");
    oki.shows("Your role logs in with a code of a phone.");
    oki.open("/sent").await;
    assert_eq!(oki.at, "/login?next=%2Fsent", "nothing else before that");
    oki.open("/login/code?next=/sent").await;
    let secret = within(&oki, "totp-secret");
    let first = code(&secret, Timestamp::now(), 0);
    oki.send("/login/code", &[("code", &first), ("next", "/sent")]).await;
    oki.shows("Your recovery codes");
    oki.open("/sent").await;
    assert_eq!(oki.at, "/sent");
    oki.open("/account/totp").await.shows("Your role has to have codes of a phone.");
    oki.send("/account/totp/off", &[("password", PASSWORD)]).await;
    assert_eq!(oki.status, 403);
    // playSMS's clients get no key for a password around it.
    let ask = |name: &'static str| {
        let query = [("app", "ws"), ("op", "get_token"), ("u", name), ("p", PASSWORD)];
        gateway.http.get(format!("{}/index.php", gateway.url)).query(&query)
    };
    for (name, gets) in [("oki", false), ("budi", true)] {
        let said = ask(name).send().await.expect("an answer").text().await.expect("text");
        assert_eq!(said.contains("mrp_"), gets, "{name}: {said}");
    }
    // For a lost phone, by the command line on the gateway's machine; the role asks for a new one.
    let path = format!("/api/v1/users/{}/totp", gateway.id_of("oki").await);
    let (status, _) = socket::call(&gateway, "DELETE", &path, &json!({})).await;
    assert_eq!(status, 204);
    let again = password(&gateway, &gateway.url, "oki", PASSWORD).await;
    assert_ne!(within(&again, "totp-secret"), secret);
    // Who is invited sets one up, too.
    let (_, made) =
        answer(gateway.post(&root, "/invitations", &json!({ "role": "operator" }))).await;
    let link = made["url"].as_str().expect("a link").to_owned();
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let mut siti = Browser::new(&gateway, "id");
    siti.open(&link).await;
    let fields = [("token", token.as_str()), ("name", "siti"), ("password", PASSWORD)];
    siti.send("/invitation", &fields).await;
    siti.shows("Peran Anda masuk dengan kode dari ponsel.");
    assert_eq!(answer(put(&json!({ "totp": [] }))).await.1, json!({ "totp": [] }));
    assert_eq!(password(&gateway, &gateway.url, "siti", PASSWORD).await.at, "/sent");
}

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let gateway = Gateway::start().await;
    let mut boss = newcomer(&gateway, "en").await;
    account(&gateway, "budi", "user").await;
    let mut phone = Browser::new(&gateway, "en").header(
        "user-agent",
        "Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0 Mobile Safari/537.36",
    );
    phone.open("/login").await;
    phone.send("/login", &[("name", "budi"), ("password", PASSWORD)]).await;
    let mut desk = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    let mut hostile =
        Browser::new(&gateway, "en").header("user-agent", "<script>alert(1)</script>");
    hostile.open("/login").await;
    hostile.send("/login", &[("name", "budi"), ("password", PASSWORD)]).await;
    desk.open("/account").await.shows("Chrome on Android");
    desk.shows("this one");
    desk.shows("127.0.0.1");
    desk.hides("<script>alert");
    // One of them, and one that is somebody else's.
    let ids: Vec<String> = desk
        .page
        .split("name=\"session\" value=\"ses_")
        .skip(1)
        .map(|rest| format!("ses_{}", rest.split('"').next().unwrap_or_default()))
        .collect();
    assert_eq!(ids.len(), 2, "not the present one: {ids:?}");
    boss.open("/account").await.send("/account/sessions", &[("session", &ids[0])]).await;
    assert_eq!(boss.status, 404);
    desk.send("/account/sessions", &[("session", &ids[0])]).await.shows("One session has ended.");
    desk.send("/account/sessions", &[("session", &ids[0])]).await;
    assert_eq!(desk.status, 404);
    desk.open("/account").await.send("/account/sessions", &[("session", "others")]).await;
    desk.shows("One session has ended.");
    for browser in [&mut phone, &mut hostile] {
        browser.open("/sent").await;
        assert_eq!(browser.at, "/login?next=%2Fsent");
    }
    // An administrator sees who is where, and ends it.
    let page = format!("/users/{}", gateway.id_of("budi").await);
    boss.open("/users").await.shows(&format!("href=\"{page}\""));
    boss.shows("last seen");
    boss.open(&page).await.shows("127.0.0.1");
    boss.send(&format!("{page}/sessions"), &[]).await.shows("Done.");
    boss.shows("Nobody is logged in.");
    desk.open("/sent").await;
    assert_eq!(desk.at, "/login?next=%2Fsent");
}

#[tokio::test]
async fn an_administrator_looks_after_an_account() {
    let gateway = Gateway::start().await;
    let mut boss = newcomer(&gateway, "en").await;
    let key = account(&gateway, "budi", "user").await;
    let id = gateway.id_of("budi").await;
    let page = format!("/users/{id}");
    boss.open(&page).await.shows(&key[..12]);
    boss.hides(&key);
    boss.send(&format!("{page}/role"), &[("role", "operator")]).await;
    boss.shows("operator: modems and the gateway");
    boss.send(&format!("{page}/role"), &[("role", "king")]).await;
    assert_eq!(boss.status, 400);
    boss.open(&page).await.send(&format!("{page}/disable"), &[]).await.shows("· locked out");
    let works = async |status: u16| {
        wait_for("the key", || async {
            (answer(gateway.get(&key, "/me")).await.0 == status).then_some(())
        })
        .await;
    };
    works(401).await;
    boss.send(&format!("{page}/enable"), &[]).await.hides("· locked out");
    works(200).await;
    let revoke = boss.page.split("name=\"key\" value=\"").nth(1).expect("a form");
    let revoke = revoke.split('"').next().unwrap_or_default().to_owned();
    boss.send(&format!("{page}/key"), &[("key", &revoke)]).await.shows("There are no keys yet.");
    works(401).await;
    boss.send(&format!("{page}/moon"), &[]).await;
    assert_eq!(boss.status, 404);
    // The last administrator stays.
    let own = format!("/users/{}", gateway.id_of("Ani").await);
    boss.open(&own).await.send(&format!("{own}/role"), &[("role", "user")]).await;
    boss.shows("This is the last administrator who can log in.");
    assert_eq!(boss.status, 409);
}

#[tokio::test]
async fn an_administrator_acts_as_somebody_who_sees_that() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    account(&gateway, "budi", "user").await;
    account(&gateway, "shop", "service").await;
    let mut boss = password(&gateway, &gateway.url, "root", PASSWORD).await;
    let page = format!("/users/{}", gateway.id_of("budi").await);
    boss.open(&page).await.send(&format!("{page}/act"), &[]).await;
    assert_eq!(boss.at, "/");
    boss.shows("root acts as budi: nothing can be sent.");
    boss.hides("action=\"/send\"");
    // What they may not do is not done, and nothing of how they come in is changed.
    boss.open("/users").await;
    assert_eq!(boss.status, 403);
    boss.shows("root acts as budi");
    for (path, fields) in [
        ("/send", &[("to", "+62812345678"), ("text", "Halo")][..]),
        ("/account/keys", &[("label", "shop")]),
        ("/account/password", &[("old", PASSWORD), ("new", "another horse")]),
        ("/account/sessions", &[("session", "others")]),
        ("/account/totp/confirm", &[("code", "123456")]),
    ] {
        boss.send(path, fields).await;
        assert_eq!(boss.status, 403, "{path}");
    }
    boss.open("/account/totp").await;
    assert_eq!(boss.status, 403);
    // What they may is done in both names.
    boss.open("/contacts").await;
    boss.send("/contacts", &[("name", "Siti"), ("number", "+62812345678")]).await;
    let entry = answer(gateway.get(&root, "/audit?limit=1")).await.1["entries"][0].clone();
    assert_eq!(entry["action"], "contact.created", "{entry}");
    assert_eq!(entry["actor"]["name"], "root as budi");
    assert_eq!(entry["actor"]["id"], gateway.id_of("root").await.to_string());
    // The person sees it, and ends it.
    let mut budi = password(&gateway, &gateway.url, "budi", PASSWORD).await;
    budi.open("/contacts").await.shows("Siti");
    budi.open("/account").await.shows("When administrators acted as you");
    budi.shows("by root");
    budi.shows("an administrator who acts as this account");
    budi.send("/account/sessions", &[("session", "others")]).await.shows("One session has ended.");
    boss.open("/users").await;
    assert_eq!(boss.status, 200, "they are themselves again");
    boss.hides("acts as budi");
    // By the button, too.
    boss.open(&page).await.send(&format!("{page}/act"), &[]).await.shows("root acts as budi");
    boss.send("/logout", &[]).await.shows("You are yourself again.");
    assert_eq!((boss.at.as_str(), boss.status.as_u16()), ("/users", 200));
    boss.hides("acts as budi");
    let (_, ended) = answer(gateway.get(&root, "/audit?action=user.acting.ended")).await;
    assert_eq!(ended["entries"][0]["subject"]["name"], "budi", "{ended}");
    // Nobody acts as an administrator, as a program, or as nobody.
    account(&gateway, "siti", "admin").await;
    for name in ["siti", "shop"] {
        let path = format!("/users/{}/act", gateway.id_of(name).await);
        boss.send(&path, &[]).await;
        assert_eq!(boss.status, 404, "{name}");
    }
    // It ends with what the administrator may.
    let mut siti = password(&gateway, &gateway.url, "siti", PASSWORD).await;
    siti.open(&page).await.send(&format!("{page}/act"), &[]).await.shows("siti acts as budi");
    let path = format!("/users/{}/role", gateway.id_of("siti").await);
    assert_eq!(answer(gateway.post(&root, &path, &json!({ "role": "user" }))).await.0, 204);
    siti.open("/sent").await;
    assert_eq!(siti.at, "/login?next=%2Fsent");
}
