//! The examples of the documentation, each run as a reader would run it.

use std::path::Path;

use tokio::process::Command;

use crate::gateway::Gateway;
use crate::send::numbers;

const EXAMPLES: [(&[&str], &str); 5] = [
    (&["sh"], "send.sh"),
    (&["python3"], "send.py"),
    (&["php"], "send.php"),
    (&["go", "run"], "send.go"),
    (&["node"], "send.mjs"),
];

/// Whether a program is installed.
async fn is_there(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", "command -v \"$0\" >/dev/null", program]).status();
    found.await.is_ok_and(|status| status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sends_a_message_and_reads_the_inbox() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--sim", "2"]).await;
    let [_, to] = numbers(&gateway).await;
    // Administrators read what comes to every SIM.
    gateway.cli(&["user", "role", "tester", "admin"]).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    let mut received = 0;
    for (runner, file) in EXAMPLES {
        if !is_there(runner[0]).await {
            eprintln!("SKIPPED: {file} is not run, as there is no {} here", runner[0]);
            continue;
        }
        let text = format!("It's \"{file}\"");
        let output = Command::new(runner[0])
            .args(&runner[1..])
            .arg(folder.join(file))
            .args([to.as_str(), text.as_str()])
            .env("MERPATI_URL", &gateway.url)
            .env("MERPATI_KEY", gateway.key())
            .output()
            .await
            .unwrap();
        let (said, wrong) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{file}: {said}{wrong}");
        let first = said.lines().next().unwrap_or_default();
        let is_sent = first.ends_with(" sent") || first.ends_with(" delivered");
        assert!(first.starts_with("msg_") && is_sent, "{file}: {said}");
        received += 1;
        assert!(gateway.inbox(received).await.iter().any(|one| one["text"] == *text), "{file}");
    }
    // What the others received is there when one more asks.
    let output = Command::new("python3")
        .arg(folder.join("send.py"))
        .args([to.as_str(), "last"])
        .env("MERPATI_URL", &gateway.url)
        .env("MERPATI_KEY", gateway.key())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let is_read = |line: &str| line.starts_with("+62") && line.ends_with(" It's \"send.py\"");
    assert!(said.lines().any(is_read), "{said}");
    // One that is refused says why.
    let output = Command::new("python3")
        .arg(folder.join("send.py"))
        .args(["bob", "text"])
        .env("MERPATI_URL", &gateway.url)
        .env("MERPATI_KEY", gateway.key())
        .output()
        .await
        .unwrap();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && wrong.contains("invalid-recipient"), "{wrong}");
}
