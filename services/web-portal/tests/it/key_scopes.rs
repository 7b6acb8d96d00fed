//! The scopes of keys, on the page of one's own account.

use crate::browser::newcomer;
use crate::gateway::Gateway;

/// What a key may do is chosen where it is made, and said beside it in both languages.
#[tokio::test]
async fn a_key_is_limited_where_it_is_made() {
    for (language, everything, some, none) in [
        (
            "en",
            "Everything that the account may",
            "Send messages; Read received messages",
            "Choose at least one thing that the key may do.",
        ),
        (
            "id",
            "Semua yang boleh dilakukan akun ini",
            "Mengirim pesan; Membaca pesan masuk",
            "Pilih paling sedikit satu hal yang boleh dilakukan kunci ini.",
        ),
    ] {
        let gateway = Gateway::start().await;
        let mut browser = newcomer(&gateway, language).await;
        let nothing = [("label", "nothing"), ("may", "some")];
        browser.send("/account/keys", &nothing).await.shows(none);
        assert_eq!(browser.status, 422);
        let unknown = [("label", "odd"), ("may", "some"), ("scope", "fly:high")];
        assert_eq!(browser.send("/account/keys", &unknown).await.status, 400);
        browser.open("/account").await.hides("mrp_");
        // What is ticked counts only where it was said that it should.
        let all = [("label", "all"), ("may", "all"), ("scope", "inbox:read")];
        browser.send("/account/keys", &all).await.shows(everything);
        let limited = [
            ("label", "otp"),
            ("may", "some"),
            ("scope", "messages:send"),
            ("scope", "inbox:read"),
        ];
        browser.send("/account/keys", &limited).await.shows(some);
        let key = browser.page.split("id=\"new-key\">").nth(1).expect("a key");
        let key = key.split('<').next().unwrap_or_default().to_owned();
        assert_eq!(gateway.get(&key, "/inbox").send().await.expect("an answer").status(), 200);
        assert_eq!(gateway.get(&key, "/messages").send().await.expect("an answer").status(), 403);
    }
}
