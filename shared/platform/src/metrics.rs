//! `/metrics` for Prometheus, on a listener of its own: never on the port the world can reach.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use crate::{Shutdown, config};

/// Bounds of the buckets of all metrics whose name ends in `_seconds`.
const SECONDS: [f64; 14] =
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

/// One recorder for the process: what is counted is counted there from then on.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Why nothing is counted.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up metrics: {0}")]
pub struct MetricsError(#[from] BuildError);

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    address: Option<SocketAddr>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Metrics({:?})", self.address)
    }
}

impl Metrics {
    /// Begins to count and serves the counts until the soft shutdown. When the address cannot be had,
    /// that is logged and nothing is served: the gateway is worth more than its metrics.
    ///
    /// # Errors
    /// When another recorder is in place already.
    pub async fn start(
        config: &config::Metrics,
        shutdown: &Shutdown,
    ) -> Result<Self, MetricsError> {
        let handle = recorder()?;
        let mut address = None;
        if let Some(listen) = config.listen {
            match TcpListener::bind(listen).await {
                Ok(listener) => {
                    address = listener.local_addr().ok();
                    shutdown.spawn(serve(listener, handle.clone(), shutdown.clone()));
                }
                Err(error) => tracing::warn!(
                    %listen,
                    "no metrics: cannot listen on {listen} ({error}); set metrics.listen to another \
                     address, or to nothing"
                ),
            }
        }
        Ok(Self { handle, address })
    }

    /// Where they are served, with the port that was taken.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// All counts in Prometheus' text format.
    pub fn render(&self) -> String {
        self.handle.render()
    }
}

fn recorder() -> Result<PrometheusHandle, BuildError> {
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let built = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder();
    match built {
        Ok(handle) => Ok(RECORDER.get_or_init(|| handle).clone()),
        // Another thread was quicker.
        Err(error) => RECORDER.get().cloned().ok_or(error),
    }
}

async fn serve(listener: TcpListener, handle: PrometheusHandle, shutdown: Shutdown) {
    let upkeep = handle.clone();
    let text = move || async move {
        handle.run_upkeep();
        ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
            .into_response()
    };
    let app = Router::new().route("/metrics", get(text));
    let stop = shutdown.clone();
    let serving = axum::serve(listener, app)
        .with_graceful_shutdown(async move { stop.requested().await })
        .into_future();
    let keep = async {
        loop {
            tokio::time::sleep(Duration::from_secs(30)).await;
            upkeep.run_upkeep();
        }
    };
    tokio::select! {
        result = serving => {
            if let Err(error) = result {
                tracing::warn!("metrics are no longer served: {error}");
            }
        }
        () = shutdown.hard.cancelled() => {}
        () = keep => {}
    }
}
