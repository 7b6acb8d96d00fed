//! What a form removed is brought back by the page after it.

use serde_json::json;

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer};

/// Where the form goes that the page offers.
#[track_caller]
fn undo(browser: &Browser<'_>) -> String {
    let rest = browser.page.split_once("class=\"undo\" method=\"post\" action=\"");
    let rest = rest.unwrap_or_else(|| panic!("nothing to undo in:\n{}", browser.page)).1;
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_was_removed_is_brought_back() {
    let gateway = Gateway::start().await;
    let mut ani = newcomer(&gateway, "en").await;
    for (list, fields, back) in [
        ("/groups", &[("name", "Toko")][..], "The group is back."),
        ("/contacts", &[("name", "Siti"), ("number", "+628123456789")][..], "The contact is back."),
        ("/templates", &[("name", "Salam"), ("text", "Halo")][..], "The template is back."),
    ] {
        ani.open(list).await.send(list, fields).await.shows(fields[0].1);
        let id = ani.page.split(&format!("href=\"{list}/")).nth(1).expect("a link");
        let path = format!("{list}/{}", id.split('"').next().unwrap_or_default());
        ani.open(&path).await.send(&format!("{path}/remove"), &[]).await;
        assert_eq!(ani.at, list);
        let form = undo(&ani);
        assert_eq!(form, format!("{path}/restore"));
        // A page later the offer is gone, and the thing is, too.
        ani.open(&path).await;
        assert_eq!(ani.status.as_u16(), 404, "{path}");
        ani.open(list).await.hides("class=\"undo\"");
        ani.send(&form, &[]).await.shows(back);
        assert_eq!(ani.at, path);
        ani.send(&form, &[]).await.shows("It cannot be brought back any more.");
        assert_eq!(ani.at, list);
    }
    ani.open("/audit").await.shows("brought back the contact");

    // Whose name is taken meanwhile is told so.
    let id = ani.open("/templates").await.page.split("href=\"/templates/").nth(1).expect("a link");
    let path = format!("/templates/{}", id.split('"').next().unwrap_or_default());
    ani.send(&format!("{path}/remove"), &[]).await;
    let form = undo(&ani);
    ani.send("/templates", &[("name", "salam"), ("text", "Hai")]).await;
    ani.send(&form, &[]).await.shows("It cannot be brought back: “Salam” is taken");
}

#[tokio::test]
async fn nobody_brings_back_what_is_another_one_s() {
    let gateway = Gateway::start().await;
    let mut ani = newcomer(&gateway, "id").await;
    let budi = gateway.user("budi", false).await;
    let new = json!({ "name": "Siti", "number": "+628123456789" });
    let (status, made) = answer(gateway.post(&budi, "/contacts", &new)).await;
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().expect("an id");
    let url = format!("{}/api/v1/contacts/{id}", gateway.url);
    let (status, _) = answer(gateway.http.delete(url).bearer_auth(&budi)).await;
    assert_eq!(status, 204);
    gateway.user("citra", false).await;
    let mut citra = Browser::new(&gateway, "en");
    citra.open("/login").await;
    citra.send("/login", &[("name", "citra"), ("password", "correct horse")]).await;
    let form = format!("/contacts/{id}/restore");
    citra.open("/contacts").await.send(&form, &[]).await;
    citra.shows("It cannot be brought back any more.");
    // An administrator who could have removed it brings it back.
    ani.open("/contacts").await.send(&form, &[]).await.shows("Kontak dikembalikan.");
    assert_eq!(answer(gateway.get(&budi, &format!("/contacts/{id}"))).await.0, 200);
}
