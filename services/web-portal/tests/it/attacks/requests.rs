//! What every answer says to browsers, and requests that two programs would read as two different ones.

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use web_portal::{declared, declared_pages};

use super::{Things, filled, logged_in, noun};
use crate::gateway::Gateway;
use crate::powers::request;

/// Each answer says that nobody is to guess what it is, that nothing in it runs, and that it is not kept.
#[tokio::test]
async fn every_answer_is_guarded() {
    let gateway = Gateway::start_with(&[("doors.playsms", "true")]).await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await.id.to_string();
    let things = Things::make(&gateway, &key, "Siti", "Halo").await;
    let browser = logged_in(&gateway, "root").await;
    let mut asked = Vec::new();
    for page in declared_pages() {
        let id = things.id(noun(page.path)).unwrap_or(&modem);
        let url = format!("{}{}", gateway.url, filled(page.path, id, "remove"));
        let method = Method::from_bytes(page.method.as_bytes()).expect("a method");
        // For who is in, and for who is not.
        let own = gateway.http.request(method.clone(), &url).header("cookie", browser.cookie());
        asked.push((format!("{} {}", page.method, page.path), own));
        let strange = gateway.http.request(method, &url);
        asked.push((format!("{} {} of nobody", page.method, page.path), strange));
    }
    for call in declared().iter().filter(|call| call.method == "GET") {
        let id = things.id(noun(call.path)).unwrap_or(&modem);
        let own = request(&gateway, call, id).bearer_auth(&key);
        asked.push((format!("GET /api/v1{}", call.path), own));
        let strange = request(&gateway, call, id);
        asked.push((format!("GET /api/v1{} of nobody", call.path), strange));
    }
    for path in [
        "/nothing",
        "/api/nothing",
        "/api/v1/nothing",
        "/healthz",
        "/readyz",
        "/static/x/nothing.js",
        "/manifest.webmanifest",
        "/cgi-bin/sendsms?username=root&password=x&to=1&text=%3Cscript%3E",
        "/cgi-bin/nothing",
        "/index.php?app=ws&op=pv&u=%3Cscript%3E&h=x&format=html",
        "/2010-04-01/Accounts/x",
        "/mcp",
        "/3rdparty/v1/health",
    ] {
        asked.push((path.to_owned(), gateway.http.get(format!("{}{path}", gateway.url))));
    }
    assert!(asked.len() > 200, "{}", asked.len());
    for (shown, request) in asked {
        let answer = request.send().await.expect("an answer");
        let headers = answer.headers();
        let said = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        assert_eq!(said("x-content-type-options"), "nosniff", "{shown}");
        let policy = said("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{shown}: {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{shown}: {policy}");
        // A file that is the same for everybody, and the list of calls, may be kept; a stream may not be, and says so in its way.
        let kept = said("cache-control");
        let is_private = ["no-store", "no-cache"].iter().any(|word| kept.contains(word));
        let is_public =
            shown == "GET /api/v1/openapi.json" || shown == "GET /api/v1/openapi.json of nobody";
        assert!(is_private || is_public, "{shown}: {kept}");
        // Nothing tells whoever looks for it what it could be attacked by.
        assert_eq!((said("server"), said("x-powered-by")), (String::new(), String::new()));
        assert!(is_public || !headers.contains_key("access-control-allow-origin"), "{shown}");
    }
}

/// What comes back for what was sent by hand.
async fn said_to(gateway: &Gateway, sent: &str) -> String {
    let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
    stream.write_all(sent.as_bytes()).await.expect("sent");
    stream.shutdown().await.expect("the end of it");
    let mut said = Vec::new();
    // The gateway may hang up before all of it was read.
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

/// Where a proxy before the gateway sees one request and the gateway two, the second is one that nobody asked for. So what can be
/// read in two ways is refused, and nothing that comes after it is answered.
#[tokio::test]
async fn a_request_that_can_be_read_in_two_ways_is_refused() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let hidden = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let length = hidden.len();
    for (what, head) in [
        ("two lengths", format!("content-length: 0\r\ncontent-length: {length}\r\n")),
        ("a list of lengths", format!("content-length: 0, {length}\r\n")),
        ("a length with a sign", format!("content-length: +{length}\r\n")),
        ("a length below zero", "content-length: -1\r\n".to_owned()),
        ("a length of letters", "content-length: 0x10\r\n".to_owned()),
        ("an encoding that has no end", "transfer-encoding: gzip\r\n".to_owned()),
        ("an encoding after the chunks", "transfer-encoding: chunked, gzip\r\n".to_owned()),
        ("a space before the colon", format!("content-length : {length}\r\n")),
        ("a name with a blank in it", format!("content length: {length}\r\n")),
    ] {
        let sent = format!("POST /login HTTP/1.1\r\nhost: x\r\n{head}\r\n{hidden}");
        let said = said_to(&gateway, &sent).await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{what}: {said}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{what}: {said}");
    }
    // HTTP/1.0 has no chunks.
    let old =
        format!("POST /login HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}");
    let said = said_to(&gateway, &old).await;
    assert!(!said.contains("\r\n\r\nok"), "{said}");
    // A length beside chunks counts for nothing, and the connection ends with the request: what follows is nobody's.
    for both in [
        format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"),
        format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n"),
    ] {
        let sent = format!("POST /login HTTP/1.1\r\nhost: x\r\n{both}\r\n0\r\n\r\n{hidden}");
        let said = said_to(&gateway, &sent).await;
        assert!(!said.contains("\r\n\r\nok"), "{both}: {said}");
    }
}
