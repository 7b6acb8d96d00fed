//! One trace from publisher to consumer.

use bus::{Durable, Wait};
use contracts::mt::MtItem;
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use testkit::NatsServer;
use tracing::Instrument as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::{PATIENCE, connect, publish_waiting};

#[tokio::test]
async fn the_consumer_continues_the_publishers_trace() {
    let provider = SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let _guard = tracing::subscriber::set_default(subscriber);

    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    // Tests beside this one have no subscriber, and may have met the spans first: they were noted as of no interest.
    tracing::callsite::rebuild_interest_cache();
    let submit = tracing::info_span!("submit");
    let trace_id = submit.context().span().span_context().trace_id();
    let known = submit.in_scope(bus::trace::current_id).expect("a trace");
    assert_eq!(known.to_string(), trace_id.to_string());
    let item = publish_waiting(&bus, "hello").instrument(submit).await;

    let durable = Durable::Wait(item.request.owner, item.priority, item.target.clone());
    let got = bus.fetch::<MtItem>(&durable, 1, Wait::UpTo(PATIENCE)).await.unwrap();
    tracing::callsite::rebuild_interest_cache();
    let handled = got[0].span("route");
    assert_eq!(handled.context().span().span_context().trace_id(), trace_id);
    let traceparent = got[0].traceparent.clone().unwrap();
    assert!(traceparent.contains(&trace_id.to_string()), "{traceparent}");
}

#[tokio::test]
async fn without_tracing_there_is_no_header() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = publish_waiting(&bus, "hello").await;
    let durable = Durable::Wait(item.request.owner, item.priority, item.target.clone());
    let got = bus.fetch::<MtItem>(&durable, 1, Wait::UpTo(PATIENCE)).await.unwrap();
    assert_eq!(got[0].traceparent, None);
    assert_eq!(bus::trace::current_id(), None);
    drop(got[0].span("route"));
}
