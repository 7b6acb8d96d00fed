//! The zone of the times on the pages: the account's, else the browser's.

use contracts::Timestamp;
use jiff::tz::TimeZone;
use reqwest::StatusCode;

use crate::browser::{Browser, newcomer};
use crate::gateway::Gateway;

/// The times of a page, each with what is written for it.
fn times(page: &str) -> Vec<(Timestamp, String)> {
    let times = page.split("<time datetime=\"").skip(1).map(|rest| {
        let (at, rest) = rest.split_once("\">").expect("an element");
        let text = rest.split('<').next().unwrap_or_default().to_owned();
        (at.parse().expect("a time"), text)
    });
    times.collect()
}

#[track_caller]
fn are_in(page: &str, zone: &str) {
    let found = times(page);
    assert!(!found.is_empty(), "no times in:\n{page}");
    let zone = TimeZone::get(zone).expect("a zone");
    for (at, text) in found {
        let local = at.to_jiff().to_zoned_datetime(zone.clone());
        assert_eq!(text, local.strftime("%Y-%m-%d %H:%M:%S").to_string(), "{at}");
    }
}

#[tokio::test]
async fn a_page_is_in_the_zone_that_its_reader_chose() {
    let gateway = Gateway::start().await;
    let mut ani = newcomer(&gateway, "en").await;
    ani.open("/account").await.shows("<option value=\"Asia/Jakarta\">");
    ani.send("/account/zone", &[("zone", "asia/kolkata")])
        .await
        .shows("Times are shown in your zone.");
    ani.shows("value=\"Asia/Kolkata\"");
    ani.open("/audit").await.shows(">Asia/Kolkata</a>");
    are_in(&ani.page, "Asia/Kolkata");
    // What is written by the clock is written by this one unless somebody says otherwise.
    for page in ["/", "/schedules", "/broadcasts"] {
        ani.open(page).await.shows("name=\"zone\" value=\"Asia/Kolkata\"");
    }
    ani.open("/reports").await.shows("<bdi>Asia/Kolkata</bdi>");
    // Files have the same times whoever reads them.
    ani.open("/audit.csv").await.shows("Z");
    ani.hides("+05:30");

    ani.open("/account").await.send("/account/zone", &[("zone", "Jakrta")]).await;
    assert_eq!(ani.status, StatusCode::UNPROCESSABLE_ENTITY);
    ani.shows("Did you mean Asia/Jakarta?");
    ani.send("/account/zone", &[("zone", &"x".repeat(300))]).await;
    assert_eq!(ani.status, StatusCode::BAD_REQUEST);
    ani.open("/audit").await.shows(">Asia/Kolkata</a>");
}

#[tokio::test]
async fn who_chose_none_reads_the_clock_of_the_browser() {
    let gateway = Gateway::start().await;
    let mut ani = newcomer(&gateway, "en").await;
    let cookie = ani.cookie();
    for (said, zone) in
        [("merpati_zone=Asia/Makassar", Some("Asia/Makassar")), ("merpati_zone=Mars/Olympus", None)]
    {
        let mut there = Browser::new(&gateway, "en").header("cookie", &format!("{cookie}; {said}"));
        there.open("/audit").await;
        match zone {
            Some(zone) => {
                are_in(&there.page, zone);
                there.shows(&format!(">{zone}</a>"));
            }
            None => there.hides("Mars"),
        }
    }
    // The choice of the account goes before it.
    ani.open("/account").await.send("/account/zone", &[("zone", "Asia/Tokyo")]).await;
    let cookie = format!("{}; merpati_zone=Asia/Makassar", ani.cookie());
    let mut there = Browser::new(&gateway, "en").header("cookie", &cookie);
    there.open("/audit").await;
    are_in(&there.page, "Asia/Tokyo");
    // And is taken back.
    ani.open("/account").await.send("/account/zone", &[("zone", "")]).await;
    there.open("/audit").await;
    are_in(&there.page, "Asia/Makassar");
}
