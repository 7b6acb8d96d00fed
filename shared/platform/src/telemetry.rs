//! Logs to the standard error, traces to a collector when one is named.
//!
//! The exporter is the blocking one with its own thread: the async client panics inside tokio with the
//! SDK's default batch processor. Libraries that would log payloads and numbers at debug and trace are
//! held at warn unless they are named in `telemetry.log`.

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{Layer as _, Registry, reload};

use crate::config::{self, LogFormat};
use crate::log::{JsonLine, Line};

/// Libraries that are held at warn.
const QUIET: &str = "async_nats=warn,hyper=warn,hyper_util=warn,reqwest=warn,rmcp=warn,opentelemetry=warn,\
                     opentelemetry_sdk=warn,opentelemetry_otlp=warn,opentelemetry-otlp=warn,\
                     rustls=warn,sqlx=warn,tower=warn,tower_http=warn,h2=warn,mio=warn";

/// What changes what is logged.
static LOGGED: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Logs what these levels or directives say from now on, until the process ends. Returns false when that cannot be: they
/// are none, or logging was not set up.
pub fn set_log(log: &str) -> bool {
    let Ok(filter) = filter(log) else { return false };
    LOGGED.get().is_some_and(|change| change.reload(filter).is_ok())
}

/// Why there is no telemetry.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `telemetry.log` is no filter.
    #[error("telemetry.log '{found}' is neither a level nor a list of directives: {source}")]
    Filter {
        /// It.
        found: String,
        /// Why.
        #[source]
        source: ParseError,
    },
    /// The exporter cannot be made.
    #[error("telemetry.otlp_endpoint '{endpoint}' cannot be used: {source}")]
    Exporter {
        /// It.
        endpoint: String,
        /// Why.
        #[source]
        source: ExporterBuildError,
    },
    /// Logging was set up before.
    #[error("logging is set up already: {0}")]
    Twice(#[from] TryInitError),
}

/// Telemetry that runs. Shut it down at the end of `main`, or the last spans are lost.
#[derive(Debug)]
#[must_use = "spans are lost without shutdown"]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sets up logs and traces for the whole process. `service` is the name traces show.
    ///
    /// # Errors
    /// See [`TelemetryError`].
    pub fn start(config: &config::Telemetry, service: &str) -> Result<Self, TelemetryError> {
        let terminal = std::io::stderr().is_terminal();
        let logs = match config.format {
            LogFormat::Pretty => tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(terminal)
                .event_format(Line)
                .boxed(),
            LogFormat::Json => tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .event_format(JsonLine)
                .boxed(),
        };
        let (filter_of_logs, change) = reload::Layer::new(filter(&config.log)?);
        let logs = logs.with_filter(filter_of_logs);
        let provider = match &config.otlp_endpoint {
            Some(endpoint) => Some(provider(endpoint, service)?),
            None => None,
        };
        let traces = match &provider {
            Some(provider) => Some(
                tracing_opentelemetry::layer()
                    .with_tracer(provider.tracer("merpati"))
                    .with_filter(filter("info")?),
            ),
            None => None,
        };
        Registry::default().with(logs).with(traces).try_init()?;
        // The registry of the process is set up once, and so is this.
        let _ = LOGGED.set(change);
        Ok(Self { provider })
    }

    /// Sends the last spans, five seconds at most.
    pub async fn shutdown(self) {
        let Some(provider) = self.provider else { return };
        let sending = tokio::task::spawn_blocking(move || {
            provider.shutdown_with_timeout(Duration::from_secs(5))
        });
        match sending.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("the last traces could not be sent: {error}"),
            Err(error) => tracing::warn!("the last traces could not be sent: {error}"),
        }
    }
}

fn filter(log: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(format!("{QUIET},{log}"))
        .map_err(|source| TelemetryError::Filter { found: log.to_owned(), source })
}

fn provider(endpoint: &str, service: &str) -> Result<SdkTracerProvider, TelemetryError> {
    crate::tls::install_provider();
    let base = endpoint.trim_end_matches('/');
    let url =
        if base.ends_with("/v1/traces") { base.to_owned() } else { format!("{base}/v1/traces") };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(url)
        .with_timeout(Duration::from_secs(5))
        .build()
        .map_err(|source| TelemetryError::Exporter { endpoint: endpoint.to_owned(), source })?;
    let resource = Resource::builder_empty()
        .with_attribute(KeyValue::new("service.name", service.to_owned()))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::format::{DefaultFields, FormatEvent};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: &str, events: impl FnOnce()) -> String {
        written(log, Line, events)
    }

    fn written<F>(log: &str, format: F, events: impl FnOnce()) -> String
    where
        F: FormatEvent<Registry, DefaultFields> + Send + Sync + 'static,
    {
        let sink = Sink::default();
        let writer = sink.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .event_format(format)
            .with_filter(filter(log).unwrap());
        tracing::subscriber::with_default(Registry::default().with(layer), events);
        String::from_utf8(sink.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn what_strangers_write_is_bounded_and_stays_in_its_line() {
        let long = "é".repeat(1_000_000);
        let forged = "x\n2026-11-28T00:00:00Z  INFO portal: root logged in\u{1b}[31m";
        let events = || {
            tracing::warn!(name = long, asked = %long, seen = ?long, forged, "{long}");
            tracing::info!(ids = 3, well = true, share = 0.5, "{forged}");
        };
        let text = logged("info", events);
        assert!(text.len() < 4 * 2 * (crate::log::LONGEST + 100), "{}", text.len());
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(!text.contains('\u{1b}') && text.contains("é…"), "{text}");
        assert!(text.trim_end().ends_with(r"in\u{1b}[31m ids=3 well=true share=0.5"), "{text}");

        let text = written("info", JsonLine, events);
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        for field in ["message", "name", "asked", "seen"] {
            let value = lines[0][field].as_str().unwrap();
            assert_eq!(value.chars().count(), crate::log::LONGEST + 1, "{field}");
        }
        assert_eq!((&lines[0]["level"], &lines[0]["forged"]), (&"WARN".into(), &forged.into()));
        assert_eq!((&lines[1]["ids"], &lines[1]["well"]), (&3.into(), &true.into()));
        assert!(lines[1]["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')));
    }

    #[test]
    fn a_line_reads_alone() {
        let text = logged("info", || {
            let _span = tracing::info_span!("handle", otel.name = "route").entered();
            tracing::info!(modem.id = "mdm_1", "the modem is ready");
        });
        assert!(text.contains("  INFO platform: the modem is ready modem.id=mdm_1\n"), "{text}");
        assert!(!text.contains("handle"), "{text}");
    }

    #[test]
    fn chatty_libraries_are_quiet_also_at_trace() {
        let text = logged("trace", || {
            tracing::trace!(target: "async_nats::connector", "payload of somebody");
            tracing::trace!("ours");
        });
        assert!(text.contains("ours") && !text.contains("payload"), "{text}");
        let named = logged("info,async_nats=debug", || {
            tracing::debug!(target: "async_nats::connector", "connecting");
        });
        assert!(named.contains("connecting"), "{named}");
    }
}
