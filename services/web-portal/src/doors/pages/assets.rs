//! Files for browsers, in the program itself. Their URLs hold a hash of their content, so that they are
//! kept for ever and a new version is another URL.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use serde_json::{Value, json};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

static URLS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            let hash = data_encoding::HEXLOWER.encode(&file.metadata.sha256_hash()[..8]);
            Some((name.to_string(), format!("/static/{hash}/{name}")))
        })
        .collect()
});

/// The URL of a file.
pub(crate) fn url(name: &str) -> String {
    URLS.get(name).cloned().unwrap_or_default()
}

fn icon(name: &str, purpose: &str) -> Value {
    json!({ "src": url(name), "sizes": "any", "type": "image/svg+xml", "purpose": purpose })
}

/// `GET /manifest.webmanifest`: what a browser asks for before it installs the pages as an application.
pub(crate) async fn manifest() -> Response {
    let manifest = json!({
        "id": "/",
        "name": "Merpati",
        "short_name": "Merpati",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf5ec",
        "theme_color": "#faf5ec",
        "icons": [icon("merpati.svg", "any"), icon("merpati-maskable.svg", "maskable")],
    });
    let headers = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ];
    (headers, manifest.to_string()).into_response()
}

/// `GET /static/{hash}/{name}`. A hash of another version finds the present file too, but is not kept.
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let Some(file) = Files::get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let present = url(&name).contains(&format!("/{hash}/"));
    let kept = if present { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, kept),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // An SVG that is opened by itself is a document; it has no scripts, and may not have any.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; connect-src 'self'"),
    ];
    (headers, file.data).into_response()
}
