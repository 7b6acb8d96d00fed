//! Trace context between services: the header `traceparent` of W3C Trace Context, in lower case, as
//! header names of NATS are compared by case.
//!
//! Written here in a few lines and not taken from the SDK, so that the bus needs only OpenTelemetry's
//! API. `tracestate` is not carried: nothing of ours sets it.

use async_nats::HeaderMap;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The name of the header.
pub const TRACEPARENT: &str = "traceparent";

/// The `traceparent` of the current span; none when nothing is traced.
pub fn current() -> Option<String> {
    of_span(&tracing::Span::current())
}

/// The `traceparent` of a span; none when it is not traced.
pub fn of_span(span: &tracing::Span) -> Option<String> {
    let context = span.context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| {
        format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8())
    })
}

/// The id of the trace that the current span belongs to; none when nothing is traced.
pub fn current_id() -> Option<contracts::TraceId> {
    let context = tracing::Span::current().context();
    let span = context.span();
    contracts::TraceId::from_bytes(span.span_context().trace_id().to_bytes())
}

/// Writes the current span's context into headers.
pub fn inject(headers: &mut HeaderMap) {
    if let Some(traceparent) = current() {
        headers.insert(TRACEPARENT, traceparent.as_str());
    }
}

/// The `traceparent` in headers.
pub fn extract(headers: &HeaderMap) -> Option<&str> {
    headers.get(TRACEPARENT).map(async_nats::HeaderValue::as_str)
}

/// Makes the span a child of the remote one. What does not parse is passed over.
pub fn follow(span: &tracing::Span, traceparent: &str) {
    if let Some(remote) = parse(traceparent) {
        let parent = opentelemetry::Context::new().with_remote_span_context(remote);
        // Fails where the span is not traced: then there is nothing to follow with.
        let _ = span.set_parent(parent);
    }
}

/// Links the span to the remote one: for what comes hours later, where one long trace would say
/// nothing.
pub fn link(span: &tracing::Span, traceparent: &str) {
    if let Some(remote) = parse(traceparent) {
        span.add_link(remote);
    }
}

/// `00-<32 hex>-<16 hex>-<2 hex>`, a later version read as far as this one goes.
fn parse(traceparent: &str) -> Option<SpanContext> {
    let mut fields = traceparent.trim().split('-');
    let version = fields.next()?;
    let (trace, span, flags) = (fields.next()?, fields.next()?, fields.next()?);
    let hex = |text: &str, length: usize| {
        text.len() == length
            && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    };
    let fits =
        hex(version, 2) && version != "ff" && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    if !fits || (version == "00" && fields.next().is_some()) {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        TraceState::default(),
    );
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_example_is_read() {
        let context = parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        assert_eq!(context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(context.span_id().to_string(), "b7ad6b7169203331");
        assert!(context.is_sampled() && context.is_remote());
    }

    #[test]
    fn nonsense_is_passed_over() {
        for bad in [
            "",
            "00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-é-b7ad6b7169203331-01",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
