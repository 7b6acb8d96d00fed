//! Pages, as a browser without JavaScript sees them.

use contracts::OrgId;
use testkit::wait_for;

use crate::browser::{Browser, newcomer};
use crate::gateway::Gateway;

#[tokio::test]
async fn the_first_minute_in_both_languages() {
    for (language, welcome, write, not_private) in [
        (
            "en-GB,en;q=0.9",
            "Welcome to Merpati",
            "Write a message",
            "This connection is not private",
        ),
        (
            "id-ID,id;q=0.9",
            "Selamat datang di Merpati",
            "Tulis pesan",
            "Sambungan ini tidak pribadi",
        ),
    ] {
        let gateway = Gateway::start().await;
        gateway.modem("modem1", "+62811000001").await;
        gateway.modem("modem2", "+62811000002").await;
        let link = gateway.setup_link.clone().expect("a link");
        // From elsewhere, by a proxy without https.
        let mut other = Browser::new(&gateway, language).header("x-forwarded-for", "10.1.2.3");
        other.open(&link).await.shows(not_private);
        let mut browser = Browser::new(&gateway, language);
        browser.open("/").await;
        assert_eq!(browser.at, "/login");
        browser.shows("merpati setup-link");
        browser.open(&link).await.shows(welcome);
        // On the machine itself nobody can read along.
        browser.hides(not_private);
        let token = link.split_once("token=").expect("a token").1.to_owned();
        let with = |password| [("token", token.as_str()), ("name", "Ani"), ("password", password)];
        browser.send("/setup", &with("short")).await;
        assert_eq!(browser.status, 422);
        browser.shows("value=\"Ani\"");
        browser.send("/setup", &with("merpati putih")).await;
        assert_eq!((browser.status.as_u16(), browser.at.as_str()), (200, "/"));
        browser.shows(write);
        browser.shows("+62811000001");
        browser.shows("+62811000002");
        // The link is spent, for everybody.
        browser.open(&link).await;
        assert_eq!(browser.status, 410);
        browser.open("/").await;
        browser.send("/send", &[("to", "+62811000002"), ("text", "Halo")]).await;
        assert!(browser.at.starts_with("/messages/msg_"), "{}", browser.at);
        browser.shows("data-state=\"accepted\"");
        browser.open("/sent").await.shows("Halo");
        browser.open("/received").await;
        browser.open("/modems").await.shows("TELKOMSEL");
        browser.shows("-71 dBm");
        browser.open("/account").await.shows("Ani");
        browser.open("/users").await.shows("Ani");
    }
}

#[tokio::test]
async fn the_language_is_switched_and_kept() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.shows("Write a message");
    browser.send("/language", &[("language", "id"), ("back", "/sent")]).await;
    assert_eq!(browser.at, "/sent");
    browser.shows("<html lang=\"id\">");
    browser.shows("Belum ada yang dikirim.");
    // With the account: another browser in English shows Indonesian after logging in.
    let mut other = Browser::new(&gateway, "en");
    other.open("/login").await.shows("Log in");
    other.send("/login", &[("name", "ani"), ("password", "merpati putih")]).await;
    other.shows("Tulis pesan");
    other.send("/language", &[("language", "en"), ("back", "//evil.example/")]).await;
    assert_eq!(other.at, "/");
}

#[tokio::test]
async fn sessions_are_kept_in_cookies_nobody_can_read() {
    let gateway = Gateway::start().await;
    let browser = newcomer(&gateway, "en").await;
    let session =
        browser.set_cookies.iter().find(|set| set.starts_with("merpati=")).expect("a session");
    assert!(session.contains("HttpOnly") && session.contains("SameSite=Lax"), "{session}");
    assert!(!session.contains("Secure"), "{session}");

    // Behind a proxy that speaks https and is believed.
    let gateway = Gateway::start_with(&[
        ("http.public_url", "https://sms.example.org"),
        ("http.trusted_proxies", "127.0.0.1"),
    ])
    .await;
    let link = gateway.setup_link.clone().expect("a link");
    let link = link.strip_prefix("https://sms.example.org").expect("the public URL").to_owned();
    let mut browser = Browser::new(&gateway, "en")
        .header("x-forwarded-proto", "https")
        .header("origin", "https://sms.example.org");
    browser.open(&link).await.hides("not private");
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let fields = [("token", token.as_str()), ("name", "Ani"), ("password", "merpati putih")];
    browser.send("/setup", &fields).await.shows("Write a message");
    let session = browser.set_cookies.iter().find(|set| set.starts_with("__Host-merpati="));
    let session = session.expect("a session");
    for word in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(session.contains(word), "{session}");
    }
}

#[tokio::test]
async fn forms_of_others_are_refused() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let token = browser.csrf.clone();
    let fields = [("to", "+62811000002"), ("text", "Halo")];
    browser.send_with("/send", "", &fields).await;
    assert_eq!(browser.status, 403);
    browser.shows("This form has expired");
    browser.send_with("/send", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &fields).await;
    assert_eq!(browser.status, 403);
    browser.headers.push(("origin", "https://evil.example".to_owned()));
    browser.send_with("/send", &token, &fields).await;
    assert_eq!(browser.status, 403);
    browser.headers.clear();
    // The token of somebody else's visit is of no use either.
    let mut other = Browser::new(&gateway, "en");
    other.open("/login").await;
    let foreign = other.csrf.clone();
    browser.send_with("/send", &foreign, &fields).await;
    assert_eq!(browser.status, 403);
    browser.send_with("/send", &token, &fields).await;
    assert_eq!(browser.status, 200);
}

#[tokio::test]
async fn a_form_sent_twice_is_one_message() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let attempt = browser.page.split("name=\"attempt\" value=\"").nth(1).expect("an attempt");
    let attempt = attempt.split('"').next().unwrap_or_default().to_owned();
    let fields = [("to", "+62811000002"), ("text", "Halo"), ("attempt", attempt.as_str())];
    browser.send("/send", &fields).await;
    let first = browser.at.clone();
    browser.send("/send", &fields).await;
    assert_eq!(browser.at, first);
    let other = [("to", "+62811000002"), ("text", "Hi"), ("attempt", attempt.as_str())];
    browser.send("/send", &other).await.shows("This form was already sent");
    browser.shows("Hi</textarea>");
}

#[tokio::test]
async fn long_lists_have_pages() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "id").await;
    let to: Vec<String> = (0..41).map(|n| format!("08110000{n:02}")).collect();
    browser.send("/send", &[("to", &to.join(",")), ("text", "Halo semua")]).await;
    browser.shows("41 pesan sedang dikirim.");
    let reach = store::Reach::everything(OrgId::default_org());
    wait_for("all rows", || async {
        let page = store::Page { before: None, limit: 100 };
        let all = gateway.store.messages(reach, &store::MessageFilter::default(), page).await;
        (all.expect("a database").messages.len() == 41).then_some(())
    })
    .await;
    browser.open("/sent").await.shows("Lebih lama");
    assert_eq!(browser.page.matches("<article").count(), 40);
    let older = browser.page.split("href=\"/sent?before=").nth(1).expect("a link");
    let older = format!("/sent?before={}", older.split('"').next().unwrap_or_default());
    browser.open(&older).await.shows("Terbaru");
    assert_eq!(browser.page.matches("<article").count(), 1);
}

#[tokio::test]
async fn with_a_certificate_it_is_private() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/tls");
    let (cert, key) = (format!("{dir}/cert.pem"), format!("{dir}/key.pem"));
    let flags = [("http.tls.cert", cert.as_str()), ("http.tls.key", key.as_str())];
    let gateway = Gateway::start_with(&flags).await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.shows("Write a message");
    browser.hides("not private");
    let session = browser.set_cookies.iter().find(|set| set.starts_with("__Host-merpati="));
    assert!(session.expect("a session").contains("Secure"));
    browser.send("/account/keys", &[("label", "x")]).await.shows("curl https://");
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let gateway = Gateway::start().await;
    newcomer(&gateway, "en").await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    for _ in 0..5 {
        browser.send("/login", &[("name", "Ani"), ("password", "wrong")]).await;
        assert_eq!(browser.status, 401);
        browser.shows("Wrong name or password.");
    }
    browser.send("/login", &[("name", "ani"), ("password", "merpati putih")]).await;
    assert_eq!(browser.status, 429, "even the right one waits");
    browser.shows("Too many tries. Wait");
}

#[tokio::test]
async fn logging_out_ends_the_session() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let cookie = browser.cookie();
    browser.send("/logout", &[]).await.shows("You are logged out.");
    let old = gateway.http.get(format!("{}/sent", gateway.url)).header("cookie", cookie);
    assert_eq!(old.send().await.expect("an answer").status(), 303);
    browser.open("/sent").await;
    assert_eq!(browser.at, "/login?next=%2Fsent");
    let fields = [("name", "Ani"), ("password", "merpati putih"), ("next", "/sent")];
    browser.send("/login", &fields).await;
    assert_eq!(browser.at, "/sent");
}

#[tokio::test]
async fn what_was_typed_wrong_is_said_and_not_lost() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.send("/send", &[("to", "bob, +62811000002"), ("text", "My <b>text</b>")]).await;
    assert_eq!(browser.status, 422);
    browser.shows("“bob” is neither a phone number nor the name of a contact or group.");
    browser.shows("My &#60;b&#62;text&#60;/b&#62;</textarea>");
    browser.send("/send", &[("to", ""), ("text", "x")]).await.shows("Say whom it goes to.");
    let long = "x".repeat(10_000);
    browser.send("/send", &[("to", "0811"), ("text", &long)]).await;
    browser.shows("it would be 66 parts, and 10 are allowed");
    // Counting without JavaScript keeps the form, too.
    browser.send("/send/count", &[("to", "0811"), ("text", "Halo 😀")]).await;
    assert_eq!(browser.status, 200);
    browser.shows("😀 makes the message Unicode");
    browser.shows("Halo 😀</textarea>");
}

#[tokio::test]
async fn parts_can_be_saved_and_it_is_said_how() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/").await.shows("Use fewer parts");
    browser.hides("<details class=\"more\" open>");
    let turkish = "İyi günler! ".repeat(12);
    let fields = [("to", "0811"), ("text", turkish.as_str())];
    browser.send("/send/count", &fields).await.shows("3 parts");
    browser.shows("Letters of its language make it one part: see “Use fewer parts”.");
    let fields = [("to", "0811"), ("text", turkish.as_str()), ("tables", "1")];
    browser.send("/send/count", &fields).await.shows("letters of Türkçe (GSM)");
    browser.shows("It would be 3 parts without “Use fewer parts”.");
    browser.shows("<details class=\"more\" open>");
    browser.send("/send", &fields).await.shows("letters of Türkçe (GSM)");

    let quoted = "“Halo” ".repeat(12);
    let fields = [("to", "0811"), ("text", quoted.as_str())];
    browser.send("/send/count", &fields).await.shows("Similar characters make it one part");
    let fields = [("to", "0811"), ("text", quoted.as_str()), ("alike", "1")];
    browser.send("/send/count", &fields).await.shows("Replaced: “ → &#34;  ” → &#34;");
    browser.send("/send", &fields).await.shows("<dt>Replaced</dt>");
    // What saves nothing is not spoken of.
    browser.send("/send/count", &[("to", "0811"), ("text", "“Halo”")]).await;
    browser.hides("see “Use fewer parts”");
}

#[tokio::test]
async fn configured_languages_are_chosen_from_the_start() {
    let gateway = Gateway::start_with(&[("http.languages", "tr")]).await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/").await.shows("name=\"tables\" value=\"1\" checked");
    browser.hides("<details class=\"more\" open>");
    let turkish = "İyi günler! ".repeat(12);
    let fields = [("to", "0811"), ("text", turkish.as_str())];
    browser.send("/send/count", &fields).await.shows("3 parts");
    browser.shows("<details class=\"more\" open>");
    let fields = [("to", "0811"), ("text", turkish.as_str()), ("tables", "1")];
    browser.send("/send/count", &fields).await.shows("letters of Türkçe (GSM)");
}

#[tokio::test]
async fn accounts_and_keys() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.send("/account/keys", &[("label", "monitoring")]).await;
    let key = browser.page.split("id=\"new-key\">").nth(1).expect("a key");
    let key = key.split('<').next().unwrap_or_default().to_owned();
    assert!(key.starts_with("mrp_"), "{key}");
    let me = gateway.get(&key, "/me").send().await.expect("an answer");
    assert_eq!(me.status(), 200);
    browser.open("/account").await.hides(&key);
    browser.shows(&key[..12]);
    let revoke = browser.page.split("/account/keys/").nth(1).expect("a form");
    let path = format!("/account/keys/{}", revoke.split('"').next().unwrap_or_default());
    browser.send(&path, &[]).await.shows("The key is revoked.");
    assert_eq!(gateway.get(&key, "/me").send().await.expect("an answer").status(), 401);

    browser.send("/users", &[("name", "budi"), ("password", "ayam goreng enak")]).await;
    browser.shows("budi can log in now.");
    browser.send("/users", &[("name", "BUDI"), ("password", "ayam goreng enak")]).await;
    browser.shows("This name is already taken.");

    let mut budi = Browser::new(&gateway, "en");
    budi.open("/login").await;
    budi.send("/login", &[("name", "budi"), ("password", "ayam goreng enak")]).await;
    budi.open("/users").await;
    assert_eq!(budi.status, 403);
    budi.open("/").await.hides("href=\"/users\"");
    let other = budi.cookie();
    let wrong = [("old", "wrong"), ("new", "nasi uduk pagi")];
    budi.send("/account/password", &wrong).await.shows("The current password is wrong.");
    let right = [("old", "ayam goreng enak"), ("new", "nasi uduk pagi")];
    budi.send("/account/password", &right).await.shows("Your password was changed.");
    let old = gateway.http.get(format!("{}/sent", gateway.url)).header("cookie", other);
    assert_eq!(old.send().await.expect("an answer").status(), 303, "the old session is over");
}

#[tokio::test]
async fn files_are_kept_by_their_content() {
    let gateway = Gateway::start().await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    for name in ["portal.css", "merpati.svg"] {
        let end = format!("/{name}\"");
        let at = browser.page.find(&end).expect("a link");
        let start = browser.page[..at].rfind('"').expect("a quote") + 1;
        let url = &browser.page[start..at + end.len() - 1];
        let file = gateway.http.get(format!("{}{url}", gateway.url)).send().await.expect("a file");
        assert_eq!(file.status(), 200, "{url}");
        assert_eq!(file.headers()["cache-control"], "public, max-age=31536000, immutable");
    }
    browser.open("/nothing/here").await.shows("There is nothing at this address.");
    assert_eq!(browser.status, 404);
}

#[tokio::test]
async fn guesses_are_counted_whoever_logs_in_between() {
    let gateway = Gateway::start_with(&[("http.trusted_proxies", "127.0.0.0/8, ::1")]).await;
    newcomer(&gateway, "en").await;
    let try_once = async |from: &str, name: &str, password: &str| {
        let mut browser = Browser::new(&gateway, "en").header("x-forwarded-for", from);
        browser.open("/login").await;
        browser.send("/login", &[("name", name), ("password", password)]).await;
        browser.status.as_u16()
    };
    for _ in 0..5 {
        assert_eq!(try_once("203.0.113.7", "Ani", "wrong guess").await, 401);
    }
    assert_eq!(try_once("203.0.113.7", "Ani", "merpati putih").await, 429);
    // What a client writes before its proxy, also with a port, makes it nobody else.
    for forged in ["6.6.6.6, 203.0.113.7", "6.6.6.6, 203.0.113.7:4711", "::ffff:203.0.113.7"] {
        assert_eq!(try_once(forged, "Ani", "merpati putih").await, 429, "{forged}");
    }
    assert_eq!(
        try_once("203.0.113.8", "Ani", "merpati putih").await,
        200,
        "from elsewhere one may"
    );
}
