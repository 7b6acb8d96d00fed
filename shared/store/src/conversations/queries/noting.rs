//! Notes with messages which of them is the last of its conversation.

use std::collections::BTreeMap;

use contracts::mo::MoReceived;
use contracts::{Address, MessageId, OrgId, PhoneNumber, SimId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::super::reach::{scope_of_received, scope_of_sent};
use super::super::{Db, Tx};
use crate::column::storable;
use crate::conversations::LONGEST_COUNTERPART;
use crate::error::failed;
use crate::statement::{ROWS, pieces};
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
        Self::in_scopes(scope_of_sent(owner), org, to.as_str(), at, id)
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
        Self::in_scopes(scope_of_received(owner, sim), org, &storable(&from.to_string()), at, id)
    }

    fn in_scopes(
        scopes: [String; 2],
        org: OrgId,
        number: &str,
        at: Timestamp,
        id: MessageId,
    ) -> [Self; 2] {
        scopes.map(|scope| Self {
            org: org.to_string(),
            scope,
            number: number.to_owned(),
            at: at.as_micros(),
            id: id.to_string(),
        })
    }
}

/// Notes what was said, where nothing was that is newer. The rows are written in one order, after all others of a
/// transaction, so that no two transactions wait for each other.
pub(in super::super) async fn note(tx: &mut Tx, said: Vec<Said>) -> Result<(), StoreError> {
    let mut last: BTreeMap<(String, String, String, String), (i64, String)> = BTreeMap::new();
    for Said { org, scope, number, at, id } in said {
        let phone = phone_of(&number);
        // A sender without a name is nobody to speak with.
        if phone.is_empty() {
            continue;
        }
        let known = last.entry((org, scope, phone, number)).or_insert_with(|| (at, id.clone()));
        if *known < (at, id.clone()) {
            *known = (at, id);
        }
    }
    let rows: Vec<_> = last.into_iter().collect();
    for some in pieces(&rows, ROWS) {
        let mut sql =
            QueryBuilder::<Db>::new("INSERT INTO threads (org, scope, phone, number, at, id) ");
        sql.push_values(some, |mut row, ((org, scope, phone, number), (at, id))| {
            row.push_bind(org.clone())
                .push_bind(scope.clone())
                .push_bind(phone.clone())
                .push_bind(number.clone())
                .push_bind(*at)
                .push_bind(id.clone());
        });
        sql.push(
            " ON CONFLICT (org, scope, phone, number) DO UPDATE SET at = excluded.at, id = excluded.id \
             WHERE threads.at < excluded.at OR (threads.at = excluded.at AND threads.id < excluded.id)",
        );
        sql.build().execute(&mut **tx).await.map_err(failed(NOTING))?;
    }
    Ok(())
}
