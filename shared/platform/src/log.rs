//! How an event is written: one line for people, or one JSON object for programs.
//!
//! Events carry what strangers wrote: a request, the words of a modem, a name in an error. So no value is longer than
//! [`LONGEST`], whatever was logged, and none can begin a line of its own or colour the terminal.

use std::fmt::{self, Write as _};

use serde::ser::{SerializeMap as _, Serializer as _};
use serde_json::{Number, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::Clock;

/// The most characters of one value; `…` stands for the rest.
pub(crate) const LONGEST: usize = 2_000;

/// One line for people: time, level, service, message, fields. No spans: their fields belong to traces.
pub(crate) struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let fields = Fields::of(event);
        write!(writer, "{:.3}", Clock::system().now().to_jiff())?;
        let level = *event.metadata().level();
        let colours = writer.has_ansi_escapes();
        if colours {
            let colour = match level {
                Level::ERROR => "31",
                Level::WARN => "33",
                Level::INFO => "32",
                _ => "34",
            };
            write!(writer, " \u{1b}[{colour}m{level:>5}\u{1b}[0m ")?;
        } else {
            write!(writer, " {level:>5} ")?;
        }
        let crate_name = fields.target(event).split("::").next().unwrap_or_default();
        write!(writer, "{}: {}", crate_name.replace('_', "-"), one_line(&fields.message))?;
        for (name, value) in &fields.others {
            let value = match value {
                // Quoted where one could not see where it ends.
                Value::String(text) if text.is_empty() || text.contains([' ', '"', '=']) => {
                    format!("{text:?}")
                }
                Value::String(text) => one_line(text),
                other => other.to_string(),
            };
            if colours {
                write!(writer, " \u{1b}[3m{name}\u{1b}[0m\u{1b}[2m=\u{1b}[0m{value}")?;
            } else {
                write!(writer, " {name}={value}")?;
            }
        }
        writeln!(writer)
    }
}

/// One JSON object on one line: `timestamp`, `level`, `target`, `message`, and the fields.
pub(crate) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let fields = Fields::of(event);
        writeln!(writer, "{}", fields.json(event).map_err(|_| fmt::Error)?)
    }
}

/// What an event says, each value bounded.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
    /// Where a library that uses `log` wrote it.
    logged_at: Option<String>,
}

impl Fields {
    fn of(event: &Event<'_>) -> Self {
        let mut fields = Self::default();
        event.record(&mut fields);
        fields
    }

    fn target<'a>(&'a self, event: &Event<'a>) -> &'a str {
        self.logged_at.as_deref().unwrap_or_else(|| event.metadata().target())
    }

    fn json(&self, event: &Event<'_>) -> serde_json::Result<String> {
        let mut text = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut text);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &Clock::system().now())?;
        map.serialize_entry("level", event.metadata().level().as_str())?;
        map.serialize_entry("message", &self.message)?;
        for (name, value) in &self.others {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("target", self.target(event))?;
        map.end()?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        // The rest of what `log` tells of its records is of no use to anybody.
        if !field.name().starts_with("log.") {
            self.others.push((field.name(), value.into()));
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut cut = Cut::default();
        // A sink that never fails; a value that does has said what it can.
        let _ = write!(cut, "{value:?}");
        match field.name() {
            "message" => self.message = cut.text,
            _ => self.put(field, cut.text),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let mut cut = Cut::default();
        let _ = cut.write_str(value);
        match field.name() {
            "message" => self.message = cut.text,
            "log.target" => self.logged_at = Some(cut.text),
            _ => self.put(field, cut.text),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Number::from_f64(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

/// Takes a text up to [`LONGEST`] characters.
#[derive(Default)]
struct Cut {
    text: String,
    characters: usize,
}

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match self.characters {
                ..LONGEST => self.text.push(c),
                LONGEST => self.text.push('…'),
                _ => break,
            }
            self.characters += 1;
        }
        Ok(())
    }
}

/// A text without anything that moves the cursor.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { line.extend(c.escape_debug()) } else { line.push(c) }
    }
    line
}
