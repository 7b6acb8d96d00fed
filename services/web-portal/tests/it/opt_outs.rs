//! Who is sent nothing, on the page and by the API.

use serde_json::json;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused};

#[tokio::test]
async fn numbers_are_put_out_and_in_again_on_the_page() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    browser.open("/optouts").await.shows("Everybody is sent messages.");
    browser.send("/optouts", &[("numbers", "+62811\n+62 812, nobody")]).await;
    assert_eq!(browser.status, 422);
    browser.shows("These are no numbers: nobody");
    browser.shows("+62 812, nobody");
    browser.send("/optouts", &[("numbers", "+62811\n+62 812; 888\n")]).await;
    assert_eq!(browser.at, "/optouts");
    browser.shows("New in the list: 3");
    browser.shows("+62812");
    browser.shows("Put here by hand");
    let many = (0..900).map(|n| format!("+62 855-{n:06}")).collect::<Vec<_>>().join("\n");
    browser.send("/optouts", &[("numbers", &many)]).await.shows("New in the list: 900");
    browser.send("/optouts/remove", &[("number", "+62811")]).await;
    browser.shows("is sent messages again");
    browser.hides("<strong>+62811</strong>");

    let (_, all) = answer(gateway.get(&budi, "/optouts?limit=1")).await;
    assert_eq!((&all["optouts"][0]["number"], &all["next"]), (&json!("+62812"), &json!("+62812")));
    let (_, rest) = answer(gateway.get(&budi, "/optouts?after=%2B62855000899")).await;
    assert_eq!((&rest["optouts"][0]["number"], &rest["next"]), (&json!("888"), &json!(null)));
    let (_, unescaped) = answer(gateway.get(&budi, "/optouts?after=+62855000899")).await;
    assert_eq!(unescaped, rest);
    let (_, history) = answer(gateway.get(&budi, "/optouts/%2B62811")).await;
    assert_eq!(history["out"], false);
    assert_eq!(history["changes"].as_array().expect("changes").len(), 2);
    assert_eq!(refused(gateway.get(&budi, "/optouts/%2B62899")).await.0, 404);
    // Who may only look is shown no form, and is refused.
    browser.open("/").await;
    let mut other = Browser::new(&gateway, "id");
    other.open("/login").await;
    other.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    other.open("/optouts?after=%2B62855000899").await.shows("888");
    other.hides("Jangan kirimi pesan lagi");
    other.send("/optouts", &[("numbers", "+62899")]).await;
    assert_eq!(other.status, 403);
}

#[tokio::test]
async fn as_many_numbers_as_are_said_and_no_more() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let numbers = |count: usize| (0..count).map(|n| format!("+62811{n:06}")).collect::<Vec<_>>();
    let post =
        |numbers: Vec<String>| gateway.post(&root, "/optouts", &json!({ "numbers": numbers }));
    let (status, done) = answer(post(numbers(1_000))).await;
    assert_eq!((status.as_u16(), &done["changed"]), (200, &json!(1_000)), "{done}");
    assert_eq!(refused(post(numbers(1_001))).await.0, 400);
    assert_eq!(refused(post(Vec::new())).await.0, 400);
    let wrong = (0..100).map(|n| format!("nobody {n}")).collect();
    let (_, problem) = answer(post(wrong)).await;
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.contains("nobody 9") && !detail.contains("nobody 10"), "{detail}");
}
