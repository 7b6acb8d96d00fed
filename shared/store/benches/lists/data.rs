//! What the database holds.
//!
//! A message a second, of twenty accounts: half of them are the first one's, and the last has one in a thousand. Every
//! second block of ten thousand is a batch. Nine in ten messages were delivered, one in two hundred was refused, one in
//! two hundred is held, and the last hundred wait for a modem. Numbers come up five times each, but for one that has a hundredth
//! of all. For ten messages two were received, from one number in ten more often than from others, to ten SIMs.

use std::fmt::Debug;
use std::str::FromStr;

use contracts::mt::MtRequest;
use contracts::{BatchId, MessageId, OrgId, PhoneNumber, SimId, Timestamp, UserId};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::writing::{released, sent};

/// When the first message was accepted.
const BEGUN: i64 = 1_780_000_000_000_000;

/// How much there is.
#[derive(Clone, Copy)]
pub(crate) struct Data {
    pub(crate) messages: i64,
}

enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Database {
    async fn run(&self, sql: String) {
        match self {
            Self::Sqlite(pool) => {
                sqlx::query(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Self::Postgres(pool) => {
                sqlx::query(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
        }
    }

    /// A number as the 32 hexadecimal digits of an id.
    fn hex(&self, number: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("printf('%032x', {number})"),
            Self::Postgres(_) => format!("lpad(to_hex({number}), 32, '0')"),
        }
    }
}

/// The id with this number.
fn id<T: FromStr<Err: Debug>>(prefix: &str, number: u128) -> T {
    format!("{prefix}_{number:032x}").parse().unwrap()
}

impl Data {
    /// The account with this number, of twenty.
    pub(crate) fn account(number: u128) -> UserId {
        id("usr", number)
    }

    /// Whoever has half of all messages.
    pub(crate) fn largest_account() -> UserId {
        Self::account(0)
    }

    /// Whoever has one in a thousand.
    pub(crate) fn smallest_account() -> UserId {
        Self::account(19)
    }

    /// One of the batches of ten thousand.
    pub(crate) fn batch() -> BatchId {
        id("bat", 2)
    }

    /// When a message was accepted.
    pub(crate) fn at(number: i64) -> Timestamp {
        Timestamp::from_micros(BEGUN + number * 1_000_000)
    }

    pub(crate) fn message(number: i64) -> MessageId {
        id("msg", number.unsigned_abs().into())
    }

    pub(crate) fn number(number: u32) -> PhoneNumber {
        PhoneNumber::parse(&format!("+62812{:07}", 1_000_000 + number)).unwrap()
    }

    /// One of the ten SIMs.
    pub(crate) fn sim(number: u128) -> SimId {
        id("sim", number)
    }

    /// Fills the database.
    pub(crate) async fn fill(self, url: &str) {
        let database = if url.starts_with("sqlite") {
            Database::Sqlite(SqlitePool::connect(url).await.unwrap())
        } else {
            Database::Postgres(PgPool::connect(url).await.unwrap())
        };
        let begun = std::time::Instant::now();
        if let Database::Sqlite(_) = database {
            database.run("PRAGMA synchronous = off".to_owned()).await;
        }
        let org = OrgId::default_org();
        let named = format!(
            "INSERT INTO orgs (id, name, created_at) VALUES ('{org}', 'default', 0) \
             ON CONFLICT (id) DO NOTHING"
        );
        database.run(named).await;
        for number in 0..20 {
            let id = Self::account(number);
            database
                .run(format!(
                    "INSERT INTO users (id, org, name, name_key, role, enabled, created_at) \
                     VALUES ('{id}', '{org}', 'u{number}', 'u{number}', 'user', true, 0)"
                ))
                .await;
        }
        // In pieces, as a recursion over all is kept in memory.
        let piece = 100_000;
        for from in (0..self.messages).step_by(100_000) {
            let upto = (from + piece).min(self.messages);
            self.messages(&database, from, upto).await;
        }
        if let Database::Postgres(_) = database {
            database.run("VACUUM ANALYZE".to_owned()).await;
        }
        eprintln!("filled in {} s", begun.elapsed().as_secs());
    }

    async fn messages(self, database: &Database, from: i64, upto: i64) {
        let org = OrgId::default_org();
        let id = format!("'msg_' || {}", database.hex("i"));
        let owner = format!(
            "'usr_' || {}",
            database.hex(
                "CASE WHEN i * 7919 % 1000 < 500 THEN 0 WHEN i * 7919 % 1000 = 999 THEN 19 \
                 ELSE 1 + i * 7919 % 18 END"
            )
        );
        let sim = format!("'sim_' || {}", database.hex("i % 10"));
        let batch = format!("'bat_' || {}", database.hex("i / 10000"));
        let last = self.messages;
        let kind = "(i * 104729 % 10000)";
        let state = format!(
            "CASE WHEN i >= {last} - 100 THEN 'released' WHEN {kind} < 9000 THEN 'delivered' \
             WHEN {kind} < 9500 THEN 'sent' WHEN {kind} < 9800 THEN 'undelivered' \
             WHEN {kind} < 9900 THEN 'failed' WHEN {kind} < 9950 THEN 'rejected' ELSE 'held' END"
        );
        let recipient = format!(
            "'+62812' || CASE WHEN i % 100 = 7 THEN 1000000 ELSE 1000001 + i * 31 % ({last} / 5) END"
        );
        let at = format!("{BEGUN} + i * 1000000");
        let rows = format!(
            "WITH RECURSIVE n(i) AS (SELECT CAST({from} AS BIGINT) UNION ALL \
             SELECT i + 1 FROM n WHERE i + 1 < {upto}), \
             m AS (SELECT i, {id} AS id, {owner} AS owner, {sim} AS sim, {state} AS state, \
             {recipient} AS recipient, {at} AS at FROM n)"
        );
        let request = MtRequest {
            id: Some(MessageId::new()),
            owner: Self::account(1),
            created_at: Some(Self::at(0)),
            ..MtRequest::text(Self::number(1), "Halo, pesanan Anda sedang diantar.")
        };
        let json = serde_json::to_string(&request).unwrap();
        // As `store` cuts them. One message has a word that no other has.
        let threes: Vec<String> =
            (2..=11).map(|at| format!("' n' || substr(recipient, {at}, 3)")).collect();
        let words = format!(
            "'halo pesanan anda sedang diantar' || CASE WHEN i = 777 THEN ' jarang' ELSE '' END || {}",
            threes.join(" || ")
        );
        let waits = "state IN ('released', 'held')";
        let run = async |sql: String| database.run(sql).await;
        run(format!(
            "INSERT INTO messages (id, number, org, owner, recipient, body, encoding, priority, \
             request, batch, state, phase, round, state_seq, parts, modem, sim, requested_round, \
             tries, ends_at, due_at, due_round, created_at, updated_at, words) {rows} \
             SELECT id, -1 - i, '{org}', owner, recipient, 'Halo, pesanan Anda sedang diantar.', \
             'auto', 'normal', '{json}', CASE WHEN i / 10000 % 2 = 0 THEN {batch} END, state, \
             CASE WHEN {waits} THEN 1 WHEN state = 'sent' THEN 3 ELSE 4 END, 0, i, 1, NULL, sim, 0, 0, \
             CASE WHEN {waits} THEN {BEGUN} * 2 + i END, CASE WHEN state = 'held' THEN {BEGUN} * 2 + i END, \
             CASE WHEN state = 'held' THEN 1 END, at, at + 5000000, {words} FROM m"
        ))
        .await;
        for (line, change, seconds) in [("released", released(), 1), ("sent", sent(), 4)] {
            let change = serde_json::to_string(&change).unwrap();
            run(format!(
                "INSERT INTO timeline (message, event_key, org, owner, round, stream_seq, at, \
                 change_json) {rows} SELECT id, id || ':{line}:0:', '{org}', owner, 0, i, \
                 at + {seconds}000000, '{change}' FROM m"
            ))
            .await;
        }
        run(format!(
            "INSERT INTO message_parts (message, part, reference, sim, sent_at, report_status, \
             report_outcome, report_rank) {rows} SELECT id, 1, i % 256, sim, at, 0, 'delivered', 3 \
             FROM m"
        ))
        .await;
        let report = format!("'evt_' || {}", database.hex("i"));
        run(format!(
            "INSERT INTO dlrs (id, org, owner, message, part, modem, sim, reference, status, outcome, \
             status_text, discharged_at, received_at, pdu) {rows} SELECT {report}, '{org}', owner, id, \
             1, 'mdm_00000000000000000000000000000001', sim, i % 256, 0, 'delivered', \
             'received by the recipient', at, at + 5000000, '0006D60B911326880736F4' FROM m"
        ))
        .await;
        // Every fifth has an answer.
        run(format!(
            "INSERT INTO inbox (id, number, org, owner, sender, body, parts, missing_count, missing, \
             sim, modem, received_at, pdus) {rows} SELECT id, i + 1, '{org}', \
             CASE WHEN i % 10 = 0 THEN owner END, recipient, 'Terima kasih', 1, 0, '[]', sim, \
             'mdm_00000000000000000000000000000001', at, '[]' FROM m WHERE i % 5 = 0"
        ))
        .await;
        // One in a hundred is told to a URL, and one in a thousand still to be told.
        let callback = format!("'cbk_' || {}", database.hex("i"));
        run(format!(
            "INSERT INTO callbacks (id, org, owner, message, event_key, url, state, next_at, attempts, \
             created_at, updated_at) {rows} SELECT {callback}, '{org}', owner, id, 'sent', \
             'https://example.org/', CASE WHEN i % 1000 = 0 THEN 'pending' ELSE 'done' END, \
             CASE WHEN i % 1000 = 0 THEN {BEGUN} * 2 END, 1, at, at FROM m WHERE i % 100 = 0"
        ))
        .await;
    }
}
