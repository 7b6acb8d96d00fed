//! Files and forms that are made to cost much, or to be taken for something else. What a workbook unpacks to, and what a table in it
//! says of itself, is tried where workbooks are read, in `shared/sheet`.

use serde_json::json;

use super::logged_in;
use crate::browser::{BOUNDARY, uploaded};
use crate::gateway::{Gateway, answer};

/// A part of a form.
fn part(head: &str, body: &str) -> String {
    format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
}

#[tokio::test]
async fn a_form_that_is_none_of_ours_uploads_nothing() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let mut browser = logged_in(&gateway, "root").await;
    browser.open("/bulk").await;
    let (token, cookies) = (browser.csrf.clone(), browser.cookie());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let csrf = part("name=\"csrf\"", &token);
    let file = part("name=\"file\"; filename=\"a.csv\"", "+62812345678");
    let end = format!("--{BOUNDARY}--\r\n");
    // As much as sockets hold, for the gateway answers before it has taken all of it.
    let giant = "x".repeat(40 * 1024);
    for (what, kind, body) in [
        ("no boundary", "multipart/form-data", format!("{csrf}{file}{end}")),
        ("another boundary", "multipart/form-data; boundary=x", format!("{csrf}{file}{end}")),
        ("a form of another kind", "application/x-www-form-urlencoded", format!("csrf={token}")),
        ("JSON", "application/json", json!({ "csrf": token, "file": "x" }).to_string()),
        ("no kind", "", format!("{csrf}{file}{end}")),
        ("the file before the token", kind.as_str(), format!("{file}{csrf}{end}")),
        ("no token", kind.as_str(), format!("{file}{end}")),
        ("a token and no file", kind.as_str(), format!("{csrf}{end}")),
        (
            "a token in a field of another name",
            kind.as_str(),
            format!("{}{file}{end}", part("name=\"csrf[]\"", &token)),
        ),
        (
            "a token at the beginning of a giant one",
            kind.as_str(),
            format!("{}{file}{end}", part("name=\"csrf\"", &format!("{token}{giant}"))),
        ),
        (
            "many fields",
            kind.as_str(),
            format!("{}{csrf}{file}{end}", part("name=\"x\"", "y").repeat(200)),
        ),
        (
            "a field with a giant name",
            kind.as_str(),
            format!("{}{end}", part(&format!("name=\"{giant}\""), "y")),
        ),
        (
            "no end",
            kind.as_str(),
            format!("{csrf}--{BOUNDARY}\r\ncontent-disposition: form-data; name="),
        ),
        ("nothing", kind.as_str(), String::new()),
    ] {
        let request = gateway.http.post(format!("{}/bulk", gateway.url));
        let request = request.header("cookie", &cookies).header("content-type", kind).body(body);
        let status = request.send().await.expect("an answer").status().as_u16();
        assert!([400, 403, 413, 422].contains(&status), "{what}: {status}");
    }
    let (_, files) = answer(gateway.get(&key, "/bulk")).await;
    assert_eq!(files, json!({ "files": [] }), "nothing was uploaded");
}

/// What a file is, its bytes say, and not its name; its name is shown and leads nowhere.
#[tokio::test]
async fn a_file_is_what_its_bytes_are() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let mut browser = logged_in(&gateway, "root").await;
    for (name, bytes) in [
        ("a.csv", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..]),
        ("a.xlsx", b"PK\x03\x04\x14\0\0\0\0\0"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0"),
        ("a.csv", b""),
    ] {
        browser.open("/bulk").await;
        let token = browser.csrf.clone();
        browser.upload("/bulk", &token, name, bytes).await;
        assert_eq!(browser.status, 422, "{bytes:?}");
    }
    for name in ["../../../etc/passwd", "..\\..\\a.csv", "/etc/passwd", "x.php", "a\u{202e}vsc.csv"]
    {
        browser.open("/bulk").await;
        let token = browser.csrf.clone();
        browser.upload("/bulk", &token, name, b"nomor,nama\n+62812345678,Siti\n").await;
        assert!(browser.at.starts_with("/bulk/blk_"), "{name}: {}", browser.at);
        browser.hides("\u{202e}");
    }
    let (_, files) = answer(gateway.get(&key, "/bulk")).await;
    assert_eq!(files["files"].as_array().map(Vec::len), Some(5), "{files}");
    // By the API a file has no name of its own, and the one that it is given is one, too.
    let url = format!("{}/api/v1/bulk?name=..%2F..%2Fx.csv", gateway.url);
    let request = gateway.http.post(url).bearer_auth(&key).body("+62812345678");
    let (status, made) = answer(request).await;
    assert_eq!((status.as_u16(), &made["rows"]), (201, &json!(1)), "{made}");
}

/// A form with a file is looked at for who sends it, before anything of the file is taken.
#[tokio::test]
async fn a_form_with_a_file_is_for_who_may_send() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let new = json!({ "name": "siti", "password": super::PASSWORD, "role": "read-only" });
    assert_eq!(answer(gateway.post(&root, "/users", &new)).await.0, 201);
    let mut siti = logged_in(&gateway, "siti").await;
    siti.open("/sent").await;
    let (token, cookies) = (siti.csrf.clone(), siti.cookie());
    let body = uploaded(&token, "a.csv", b"+62812345678");
    for cookies in [cookies.as_str(), ""] {
        let request = gateway.http.post(format!("{}/bulk", gateway.url));
        let request = request
            .header("cookie", cookies)
            .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(body.clone());
        let status = request.send().await.expect("an answer").status().as_u16();
        assert!(status == 403 || status == 303, "{status}");
    }
    let (_, files) = answer(gateway.get(&root, "/bulk")).await;
    assert_eq!(files, json!({ "files": [] }));
}
