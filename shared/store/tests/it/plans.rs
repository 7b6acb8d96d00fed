//! No statement walks a table that grows.
//!
//! What a statement costs may grow with what it returns, and with the logarithm of what there is, but not with what there
//! is. So every statement that the stories run on SQLite is shown to the planner afterwards, which says what it would read.
//! A table that is walked from end to end fails the story, as does one that is walked along an index without a
//! limit, and an index that the planner would have to make for the statement.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, PoisonError};

use contracts::{Address, BatchId, MtState, PhoneNumber, SimId, UserId};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
use store::{Cursor, InboxFilter, MessageFilter, Page, Reach, Search, Store};
use tracing::field::{Field, Visit};
use tracing::span::Id;
use tracing::{Event, Instrument as _, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::sample::{at, org};

/// The tables that grow with what is sent and received, and with those who look.
const GROW: [&str; 42] = [
    "messages",
    "message_parts",
    "timeline",
    "inbox",
    "dlrs",
    "modem_events",
    "callbacks",
    "callback_attempts",
    "outbox",
    "send_attempts",
    "sessions",
    "webhook_deliveries",
    "webhook_attempts",
    "service_calls",
    "opt_outs",
    "opt_out_changes",
    "webhook_replies",
    "batches",
    "schedules",
    "broadcasts",
    "broadcast_numbers",
    "broadcast_recipients",
    "broadcast_zones",
    "broadcast_batches",
    "threads",
    "thread_reads",
    "thread_marks",
    "thread_mutes",
    "thread_notes",
    "audit",
    "credit_ledger",
    "credit_blocks",
    "service_entries",
    "service_sessions",
    "bulks",
    "bulk_rows",
    "contact_imports",
    "contact_import_rows",
    "contact_import_changes",
    "tallies",
    "tally_times",
    "tally_received",
];

/// What was run within each story.
static RUN: LazyLock<Mutex<HashMap<Id, BTreeSet<String>>>> = LazyLock::new(|| {
    let targets = Targets::new()
        .with_target("sqlx::query", tracing::Level::DEBUG)
        .with_target("plans", tracing::Level::DEBUG);
    let seen = tracing_subscriber::registry().with(Statements.with_filter(targets));
    // Another subscriber would hear nothing for this one: no test of this crate has one.
    tracing::subscriber::set_global_default(seen).expect("the only subscriber");
    Mutex::default()
});

/// Notes each statement at the span of its story. The driver runs statements within the span of whoever asks for them.
struct Statements;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut scope = context.event_scope(event).into_iter().flatten();
        let Some(story) = scope.find(|span| span.metadata().target() == "plans") else { return };
        let mut statement = Statement::default();
        event.record(&mut statement);
        let mut run = RUN.lock().unwrap_or_else(PoisonError::into_inner);
        run.entry(story.id()).or_default().insert(statement.text());
    }
}

/// The fields of the driver that hold a statement: a short one is in its summary.
#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Statement {
    fn text(self) -> String {
        let Self { summary, whole } = self;
        let text = if whole.trim().is_empty() { summary } else { whole };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.whole),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Runs a story, then asserts that no statement of it walks a table that grows.
pub(crate) async fn watched(url: &str, story: impl Future<Output = ()>) {
    LazyLock::force(&RUN);
    let span = tracing::debug_span!(target: "plans", "story");
    let id = span.id().expect("a span that is listened to");
    story.instrument(span.clone()).await;
    let run = RUN.lock().unwrap_or_else(PoisonError::into_inner).remove(&id).unwrap_or_default();
    drop(span);
    let mut database = SqliteConnection::connect(url).await.expect("the database");
    let mut walks = Vec::new();
    for statement in run {
        walks.extend(
            walk(&mut database, &statement).await.map(|walk| format!("{walk}: {statement}")),
        );
    }
    database.close().await.expect("the database closes");
    assert!(walks.is_empty(), "these grow with what there is:\n{}", walks.join("\n"));
}

/// Returns what a statement walks, if it walks something.
async fn walk(database: &mut SqliteConnection, statement: &str) -> Option<String> {
    let verb = statement.split(' ').next()?;
    if !["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&verb) {
        return None;
    }
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let plan = sqlx::query(explain).fetch_all(database).await.expect("a plan");
    let steps = plan.iter().map(|step| step.get::<String, _>("detail"));
    let is_limited = statement.contains(" LIMIT ");
    steps.into_iter().find(|step| {
        let is_made_up = step.contains("AUTOMATIC");
        let Some(walked) = step.strip_prefix("SCAN ") else { return is_made_up };
        let (name, how) = walked.split_once(' ').unwrap_or((walked, ""));
        let is_in_order = how.starts_with("USING") && is_limited;
        is_made_up || grows(name, statement) && !is_in_order
    })
}

/// Whether a table grows; a plan names it as the statement does.
fn grows(name: &str, statement: &str) -> bool {
    GROW.iter().any(|table| {
        *table == name
            || [format!(" {table} {name} "), format!(" {table} AS {name} ")]
                .iter()
                .any(|named| statement.contains(named.as_str()))
    })
}

/// Each filter of each list, and each two of them together, by everybody who may ask.
pub(crate) async fn lists_by_their_filters(store: Store) {
    let id = "msg_ffffffffffffffffffffffffffffffff".parse().unwrap();
    let pages = [None, Some(Cursor { at: at(3), id })].map(|before| Page { before, limit: 50 });
    let account = UserId::derived("ani");
    let reaches = [
        Reach::everything(org()),
        Reach::own(org(), account),
        Reach::program(org(), account),
        Reach::manager(org(), account),
    ];
    let sent: [fn(&mut MessageFilter); 9] = [
        |filter| filter.states = vec![MtState::Failed, MtState::Rejected],
        |filter| filter.to = PhoneNumber::parse("+62811").ok(),
        |filter| filter.sim = Some(SimId::derived("s")),
        |filter| filter.owner = Some(UserId::derived("budi")),
        |filter| filter.batch = Some(BatchId::derived("b")),
        |filter| filter.since = Some(at(1)),
        |filter| filter.until = Some(at(9)),
        |filter| filter.numbers = Some(1..=9),
        |filter| filter.search = Search::parse("jam 0812").unwrap(),
    ];
    let received: [fn(&mut InboxFilter); 7] = [
        |filter| filter.sim = Some(SimId::derived("s")),
        |filter| filter.owner = Some(UserId::derived("budi")),
        |filter| filter.from = Some(Address::from_text("+62811")),
        |filter| filter.since = Some(at(1)),
        |filter| filter.until = Some(at(9)),
        |filter| filter.numbers = Some(1..=9),
        |filter| filter.search = Search::parse("jam 0812").unwrap(),
    ];
    for reach in reaches {
        for page in pages {
            for filter in in_twos(&sent) {
                assert!(store.messages(reach, &filter, page).await.unwrap().messages.is_empty());
            }
            for filter in in_twos(&received) {
                assert!(store.inbox(reach, &filter, page).await.unwrap().messages.is_empty());
            }
        }
    }
}

/// Returns no filter, each alone, and each two together.
fn in_twos<T: Default>(filters: &[fn(&mut T)]) -> Vec<T> {
    let mut all = vec![T::default()];
    for one in filters {
        for other in filters {
            let mut filter = T::default();
            one(&mut filter);
            other(&mut filter);
            all.push(filter);
        }
    }
    all
}
