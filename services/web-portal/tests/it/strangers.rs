//! What people without a key can do: nothing that stays.

use platform::{Metrics, Shutdown};
use reqwest::Method;
use testkit::wait_for;

use crate::gateway::Gateway;

#[tokio::test]
async fn made_up_methods_and_paths_leave_nothing_behind() {
    let shutdown = Shutdown::new();
    let metrics = platform::config::Metrics { listen: None };
    let metrics = Metrics::start(&metrics, &shutdown).await.expect("metrics");
    let gateway = Gateway::start().await;
    let ask = async |method: &str, path: &str| {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = gateway.http.request(method, format!("{}{path}", gateway.url));
        request.send().await.expect("an answer").status().as_u16()
    };
    for n in 0..50 {
        let word = format!("STRANGER{n}{}", "X".repeat(1_000));
        for path in ["/", "/api/v1/messages", "/api/v1/nothing", "/cgi-bin/sendsms", "/healthz"] {
            assert!(ask(&word, path).await >= 400, "{path}");
        }
        assert_eq!(ask("GET", &format!("/{word}")).await, 404);
        assert_eq!(ask("GET", &format!("/api/v1/{word}")).await, 404);
    }
    let text = wait_for("what was counted", || async {
        let text = metrics.render();
        text.contains("_OTHER").then_some(text)
    })
    .await;
    assert!(!text.contains("STRANGER"), "a label keeps what a stranger wrote");
    // A head is not read without end.
    assert_eq!(ask(&"X".repeat(300_000), "/").await, 431);
}
