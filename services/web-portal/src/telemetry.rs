//! A span and a few figures for each request. Neither has a query, for Kannel's clients write key and text
//! into it, nor anything else that a stranger makes up: a label is kept for ever.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;

/// Wraps a request.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "(none)".to_owned());
    let span = tracing::info_span!(
        "http",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    let parent = request.headers().get(bus::trace::TRACEPARENT).and_then(|v| v.to_str().ok());
    if let Some(parent) = parent {
        bus::trace::follow(&span, parent);
    }
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_string())];
    metrics::histogram!("merpati_http_request_seconds", &labels)
        .record(begun.elapsed().as_secs_f64());
    response
}

/// The method, where it is one of those that HTTP has; strangers may write any other word.
pub(crate) fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        // As OpenTelemetry's conventions name it.
        _ => "_OTHER",
    }
}
