//! Codes of a phone, which are set up in a browser and asked for at the next log-in.

use serde_json::{Value, json};

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

/// Makes the code of a secret as a phone does (RFC 6238), so many time steps from now.
const CODE: &str = "
    const [secret, steps] = arguments;
    const done = arguments[arguments.length - 1];
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...secret.replace(/ /g, '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
    const key = new Uint8Array(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
    const step = new DataView(new ArrayBuffer(8));
    step.setUint32(4, Math.floor(Date.now() / 30000) + steps);
    crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
      .then((key) => crypto.subtle.sign('HMAC', key, step.buffer))
      .then((digest) => {
        const octets = new DataView(digest);
        const number = octets.getUint32(octets.getUint8(19) & 15) & 0x7fffffff;
        done(String(number % 1000000).padStart(6, '0'));
      });";

async fn code(browser: &Browser, secret: &str, steps: i64) -> String {
    let made = browser.client.execute_async(CODE, vec![json!(secret), json!(steps)]).await;
    made.unwrap().as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_set_up_and_asked_for() {
    for (language, screen) in [("en", Screen::Desktop), ("id", Screen::Phone)] {
        let folder = tempfile::tempdir().unwrap();
        let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "1"]).await;
        let browser = Browser::start(language, screen).await;
        browser.open(gateway.setup_link.as_ref().expect("there is no administrator yet")).await;
        browser.fill("#name", "Putri").await;
        browser.fill("#password", "empat ekor merpati").await;
        browser.click("button.primary").await;
        browser
            .until("location.pathname === '/' && document.querySelector('nav.pages') !== null")
            .await;

        // The code can be seen and scanned, and its secret be typed.
        browser.open(&format!("{}/account/totp", gateway.url)).await;
        browser.fits().await;
        let width = "return document.querySelector('svg.qr').getBoundingClientRect().width";
        let width = browser.script(width).await.as_f64().unwrap_or_default();
        assert!(width >= 200.0, "{language}: {width}");
        let secret = browser.text("#totp-secret").await;
        let first = code(&browser, &secret, 0).await;
        browser.fill("#code", &first).await;
        browser.click("form[action='/account/totp/confirm'] button.primary").await;
        let codes = browser.text("#recovery-codes").await;
        assert_eq!(codes.lines().count(), 10, "{language}: {codes}");
        browser.fits().await;
        for path in ["/account", "/account/totp", "/users"] {
            browser.open(&format!("{}{path}", gateway.url)).await;
            browser.find("nav.pages").await;
            browser.fits().await;
        }

        // The password alone is not enough from now on.
        browser.client.delete_all_cookies().await.unwrap();
        browser.open(&format!("{}/login", gateway.url)).await;
        browser.fill("#name", "Putri").await;
        browser.fill("#password", "empat ekor merpati").await;
        browser.click("button.primary").await;
        browser.until("location.pathname === '/login/code'").await;
        browser.fits().await;
        assert_eq!(browser.script("return document.querySelector('nav.pages')").await, Value::Null);
        let next = code(&browser, &secret, 1).await;
        browser.fill("#code", &next).await;
        browser.click("button.primary").await;
        browser
            .until("location.pathname === '/' && document.querySelector('nav.pages') !== null")
            .await;
    }
}
