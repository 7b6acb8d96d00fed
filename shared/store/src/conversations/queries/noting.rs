//! Notes with messages which of them is the last of its conversation.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use contracts::mo::MoReceived;
use contracts::{Address, MessageId, OrgId, PhoneNumber, SimId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::super::reach::{scope_of_received, scope_of_sent};
use super::super::{Db, Tx, dialect};
use super::{ARCHIVED, OPEN, push_texts, push_writings};
use crate::column::storable;
use crate::conversations::LONGEST_COUNTERPART;
use crate::error::failed;
use crate::statement::{LIST, ROWS, pieces};
use crate::{StoreError, StoredRequest};

const NOTING: &str = "noting conversations";

/// Returns what all writings of a sender or a recipient have in common.
pub(in super::super) fn phone_of(text: &str) -> String {
    let phone = storable(Address::from_text(text).phone());
    phone.chars().take(LONGEST_COUNTERPART).collect()
}

/// That something was said, in one scope.
pub(in super::super) struct Said {
    org: String,
    scope: String,
    number: String,
    at: i64,
    id: String,
    /// It came in, so that a conversation that is archived is in the list again.
    came_in: bool,
}

impl Said {
    /// By a request.
    pub(in super::super) fn of_request(stored: &StoredRequest) -> [Self; 2] {
        let request = &stored.request;
        Self::sent(request.org, request.owner, &request.to, stored.created_at, stored.id)
    }

    /// By a message that was received.
    pub(in super::super) fn of_received(message: &MoReceived) -> [Self; 2] {
        let MoReceived { org, owner, sim, from, received_at, id, .. } = message;
        Self::received(*org, *owner, *sim, from, *received_at, *id)
    }

    /// By an account to a number.
    pub(in super::super) fn sent(
        org: OrgId,
        owner: UserId,
        to: &PhoneNumber,
        at: Timestamp,
        id: MessageId,
    ) -> [Self; 2] {
        Self::in_scopes(scope_of_sent(owner), (org, to.as_str()), at, id, false)
    }

    /// By whoever sent a message, to an account or to nobody.
    pub(in super::super) fn received(
        org: OrgId,
        owner: Option<UserId>,
        sim: SimId,
        from: &Address,
        at: Timestamp,
        id: MessageId,
    ) -> [Self; 2] {
        let from = storable(&from.to_string());
        Self::in_scopes(scope_of_received(owner, sim), (org, from.as_str()), at, id, true)
    }

    fn in_scopes(
        scopes: [String; 2],
        (org, number): (OrgId, &str),
        at: Timestamp,
        id: MessageId,
        came_in: bool,
    ) -> [Self; 2] {
        scopes.map(|scope| Self {
            org: org.to_string(),
            scope,
            number: number.to_owned(),
            at: at.as_micros(),
            id: id.to_string(),
            came_in,
        })
    }
}

/// What is kept of a conversation, which each of its rows has.
struct Kept {
    with: Address,
    number: String,
    assigned: Option<String>,
    filed: i64,
    archived_at: Option<i64>,
}

impl Kept {
    /// Returns whether something that came in from this number takes the conversation back into the list.
    fn is_opened_by(&self, from: &Address, at: i64) -> bool {
        let is_news = self.archived_at.is_none_or(|archived| archived < at);
        self.filed == ARCHIVED && is_news && self.with.is_same(from)
    }
}

/// What is kept of conversations, by organisation and phone. A phone has few conversations: one for each country in which
/// somebody has its number.
#[derive(Default)]
struct AllKept(HashMap<String, HashMap<String, Vec<Kept>>>);

impl AllKept {
    /// Reads what is kept of the conversations with these phones of organisations. It stays so until the transaction ends: somebody
    /// who blocks a number meanwhile does it afterwards. All rows are locked in one order and before any row of `threads` is, so
    /// that no two transactions wait for each other.
    async fn read(
        tx: &mut Tx,
        phones: BTreeMap<String, BTreeSet<String>>,
    ) -> Result<Self, StoreError> {
        let mut all = Self::default();
        for (org, phones) in phones {
            let phones: Vec<String> = phones.into_iter().collect();
            for some in pieces(&phones, LIST) {
                let mut sql = QueryBuilder::<Db>::new(
                    "SELECT phone, number, assigned, filed, archived_at FROM thread_marks WHERE org = ",
                );
                sql.push_bind(org.clone()).push(" AND phone IN (");
                push_texts(&mut sql, some);
                sql.push(") ORDER BY phone, number ").push(dialect::LOCKED);
                let rows = sql
                    .build_query_as::<(String, String, Option<String>, i64, Option<i64>)>()
                    .fetch_all(&mut **tx)
                    .await;
                for (phone, number, assigned, filed, archived_at) in rows.map_err(failed(NOTING))? {
                    let with = Address::from_text(&number);
                    let kept = Kept { with, number, assigned, filed, archived_at };
                    let of_org = all.0.entry(org.clone()).or_default();
                    of_org.entry(phone).or_default().push(kept);
                }
            }
        }
        Ok(all)
    }

    /// Returns what is kept of the conversations with a phone.
    fn with_phone(&mut self, org: &str, phone: &str) -> &mut [Kept] {
        let of_org = self.0.get_mut(org);
        of_org.and_then(|of_org| of_org.get_mut(phone)).map(Vec::as_mut_slice).unwrap_or_default()
    }

    /// Returns what is kept of the conversation with this writing of a number.
    fn of(&self, org: &str, phone: &str, number: &str) -> Option<&Kept> {
        let with_phone = self.0.get(org)?.get(phone)?;
        let with = Address::from_text(number);
        with_phone.iter().find(|one| one.with.is_same(&with))
    }
}

/// Takes a conversation that is archived back into the list.
async fn open(tx: &mut Tx, org: &str, phone: &str, kept: &Kept) -> Result<(), StoreError> {
    let sql = "UPDATE thread_marks SET archived_at = NULL, filed = $4 \
               WHERE org = $1 AND phone = $2 AND number = $3";
    let update = sqlx::query(sql)
        .bind(org.to_owned())
        .bind(phone.to_owned())
        .bind(kept.number.clone())
        .bind(OPEN);
    update.execute(&mut **tx).await.map_err(failed(NOTING))?;
    let mut sql = QueryBuilder::<Db>::new("UPDATE threads SET filed = ");
    sql.push_bind(OPEN).push(" WHERE org = ").push_bind(org.to_owned());
    push_writings(&mut sql, "number", &kept.with);
    sql.build().execute(&mut **tx).await.map_err(failed(NOTING))?;
    Ok(())
}

/// Notes what was said, where nothing was that is newer. The rows are written in one order, after all others of a
/// transaction, so that no two transactions wait for each other.
pub(in super::super) async fn note(tx: &mut Tx, said: Vec<Said>) -> Result<(), StoreError> {
    let mut last: BTreeMap<(String, String, String, String), (i64, String)> = BTreeMap::new();
    let mut phones: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut came_in: Vec<(String, String, String, i64)> = Vec::new();
    for Said { org, scope, number, at, id, came_in: is_new } in said {
        let phone = phone_of(&number);
        // A sender without a name is nobody to speak with.
        if phone.is_empty() {
            continue;
        }
        phones.entry(org.clone()).or_default().insert(phone.clone());
        if is_new {
            came_in.push((org.clone(), phone.clone(), number.clone(), at));
        }
        let known = last.entry((org, scope, phone, number)).or_insert_with(|| (at, id.clone()));
        if *known < (at, id.clone()) {
            *known = (at, id);
        }
    }
    let mut kept = AllKept::read(tx, phones).await?;
    for (org, phone, number, at) in came_in {
        let from = Address::from_text(&number);
        for one in kept.with_phone(&org, &phone) {
            if one.is_opened_by(&from, at) {
                open(tx, &org, &phone, one).await?;
                one.filed = OPEN;
            }
        }
    }
    let rows: Vec<_> = last.into_iter().collect();
    for some in pieces(&rows, ROWS) {
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO threads (org, scope, phone, number, at, id, filed, assigned) ",
        );
        sql.push_values(some, |mut row, ((org, scope, phone, number), (at, id))| {
            let kept = kept.of(org, phone, number);
            row.push_bind(org.clone())
                .push_bind(scope.clone())
                .push_bind(phone.clone())
                .push_bind(number.clone())
                .push_bind(*at)
                .push_bind(id.clone())
                .push_bind(kept.map_or(OPEN, |one| one.filed))
                .push_bind(kept.and_then(|one| one.assigned.clone()));
        });
        sql.push(
            " ON CONFLICT (org, scope, phone, number) DO UPDATE SET at = excluded.at, id = excluded.id \
             WHERE threads.at < excluded.at OR (threads.at = excluded.at AND threads.id < excluded.id)",
        );
        sql.build().execute(&mut **tx).await.map_err(failed(NOTING))?;
    }
    Ok(())
}
