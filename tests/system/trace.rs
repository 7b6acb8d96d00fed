//! One trace from the HTTP request through the broker to the modem.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use modem_sim::Make;
use tokio::sync::mpsc;

use crate::gateway::PATIENCE;
use crate::rig::Rig;

/// The fields of a protobuf message: number and, for those with a length, their bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        match key & 7 {
            0 => {
                varint(&mut bytes);
            }
            1 => bytes = &bytes[8..],
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                let (value, rest) = bytes.split_at(length);
                all.push((key >> 3, value));
                bytes = rest;
            }
            5 => bytes = &bytes[4..],
            other => panic!("wire type {other}"),
        }
    }
    all
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    value
}

struct Span {
    trace: Vec<u8>,
    id: Vec<u8>,
    parent: Vec<u8>,
    name: String,
}

/// The spans of an `ExportTraceServiceRequest` (opentelemetry-proto: resource_spans 1, scope_spans 2, spans 2).
fn spans(request: &[u8]) -> Vec<Span> {
    let of = |bytes, number| {
        fields(bytes).into_iter().filter(move |(n, _)| *n == number).map(|(_, v)| v)
    };
    let mut all = Vec::new();
    for resource in of(request, 1) {
        for scope in of(resource, 2) {
            for span in of(scope, 2) {
                let one = |number| of(span, number).next().unwrap_or_default().to_vec();
                all.push(Span {
                    trace: one(1),
                    id: one(2),
                    parent: one(4),
                    name: String::from_utf8(one(5)).unwrap(),
                });
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_request_to_the_modem() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new()
        .route(
            "/v1/traces",
            post(
                |State(tell): State<Arc<mpsc::UnboundedSender<Vec<u8>>>>, body: Bytes| async move {
                    tell.send(body.to_vec()).unwrap();
                    ""
                },
            ),
        )
        .with_state(Arc::new(tell));
    tokio::spawn(async move { axum::serve(listener, app).await });

    let environment = [("MERPATI__TELEMETRY__OTLP_ENDPOINT", endpoint.as_str())];
    let mut rig = Rig::start_with(&[Make::Wavecom], &environment).await;
    let id = rig.gateway.send("+6281234567890", "jejak").await;
    rig.gateway.until(&id, &["sent", "delivered"]).await;
    // Stopping sends what is still in hand.
    rig.gateway.stop().await;

    let mut all: HashMap<Vec<u8>, Span> = HashMap::new();
    let path = tokio::time::timeout(PATIENCE, async {
        loop {
            let Some(request) = told.recv().await else { return Vec::new() };
            for span in spans(&request) {
                all.insert(span.id.clone(), span);
            }
            let modem = all.values().find(|span| span.name.contains("CMGS"));
            let Some(mut span) = modem else { continue };
            let mut path = vec![span.name.clone()];
            let mut seen = HashSet::new();
            while let Some(parent) = all.get(&span.parent) {
                assert!(seen.insert(span.id.clone()), "a circle");
                assert_eq!(parent.trace, span.trace);
                path.push(parent.name.clone());
                span = parent;
            }
            if span.parent.is_empty() {
                return path;
            }
        }
    })
    .await;
    let names: Vec<&String> = all.values().map(|span| &span.name).collect();
    let path = path.unwrap_or_else(|_| panic!("not one trace: {names:?}"));
    let first = path.last().unwrap();
    assert!(first.contains("POST") && first.contains("/api/v1/messages"), "{path:?}");
    assert!(path.len() >= 3, "through the services: {path:?}");
}
