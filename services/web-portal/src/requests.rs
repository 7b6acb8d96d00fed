//! The last requests of each key, for whoever writes a program and wonders what it asked for and why it was refused.
//!
//! They are kept in memory, by each copy of the portal those that it answered, and are gone when it stops: a row in the database
//! for each request would cost more than most requests do. Nothing of what was said is kept, neither query nor body, and of a path
//! only what the gateway itself has made: ids. Numbers, texts and secrets are in none of these.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use contracts::{KeyId, Timestamp};

use crate::app::App;
use crate::telemetry;

/// Requests that are kept of a key, the last ones.
pub(crate) const KEPT: usize = 100;
/// Keys whose requests are kept. When there are more, those of the key that was used longest ago are forgotten.
const KEYS: usize = 1_000;

tokio::task_local! {
    /// The key by which the request that is being answered came in.
    static CAME_BY: Cell<Option<KeyId>>;
}

/// Notes that the request that is being answered came by a key, whatever becomes of it.
pub(crate) fn came_by(key: KeyId) {
    // Mails come by no request.
    let _ = CAME_BY.try_with(|came_by| came_by.set(Some(key)));
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    /// When it was answered.
    pub(crate) at: Timestamp,
    /// Its method.
    pub(crate) method: &'static str,
    /// Its path without the query; a segment of it that is not the gateway's own is shown by its name.
    pub(crate) path: String,
    /// The status of the answer.
    pub(crate) status: u16,
    /// The code of the refusal, where it was refused with one.
    pub(crate) refusal: Option<&'static str>,
}

/// The code of a refusal, beside the answer that tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal(pub(crate) &'static str);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Counts up with each request.
    last: u64,
    of_keys: HashMap<KeyId, OfKey>,
}

#[derive(Debug, Default)]
struct OfKey {
    /// The count of its last request.
    last: u64,
    /// Oldest first.
    answered: VecDeque<Answered>,
}

impl Requests {
    /// Keeps a request of a key.
    fn keep(&self, key: KeyId, answered: Answered) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        let last = kept.last;
        if kept.of_keys.len() >= KEYS && !kept.of_keys.contains_key(&key) {
            let idle = kept.of_keys.iter().min_by_key(|(_, of)| of.last).map(|(key, _)| *key);
            if let Some(idle) = idle {
                kept.of_keys.remove(&idle);
            }
        }
        let of_key = kept.of_keys.entry(key).or_default();
        of_key.last = last;
        if of_key.answered.len() >= KEPT {
            of_key.answered.pop_front();
        }
        of_key.answered.push_back(answered);
    }

    /// The requests of a key that are kept, newest first.
    pub(crate) fn of(&self, key: KeyId) -> Vec<Answered> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.of_keys.get(&key);
        found.map(|of| of.answered.iter().rev().cloned().collect()).unwrap_or_default()
    }
}

/// The middleware around all doors.
pub(crate) async fn note(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = telemetry::known(request.method());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let path = shown(route.unwrap_or("(none)"), request.uri().path());
    let answering = async {
        let response = next.run(request).await;
        (response, CAME_BY.with(Cell::get))
    };
    let (response, key) = CAME_BY.scope(Cell::new(None), answering).await;
    if let Some(key) = key {
        let refusal = response.extensions().get::<Refusal>().map(|refusal| refusal.0);
        let (at, status) = (app.clock.now(), response.status().as_u16());
        app.requests.keep(key, Answered { at, method, path, status, refusal });
    }
    response
}

/// A route with what a path has in its places, where that is an id.
fn shown(route: &str, path: &str) -> String {
    let mut said = path.split('/');
    let segment = |segment: &str| {
        let said = said.next().unwrap_or_default();
        if segment.starts_with('{') && is_id(said) { said.to_owned() } else { segment.to_owned() }
    };
    route.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Whether it is written as ids are: three letters, and 32 hexadecimal digits.
fn is_id(text: &str) -> bool {
    let Some((prefix, digits)) = text.split_once('_') else { return false };
    prefix.len() == 3
        && prefix.bytes().all(|b| b.is_ascii_lowercase())
        && digits.len() == 32
        && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Answered {
        Answered {
            at: Timestamp::from_micros(0),
            method: "GET",
            path: "/api/v1/me".to_owned(),
            status,
            refusal: None,
        }
    }

    fn statuses(requests: &Requests, key: KeyId) -> Vec<u16> {
        requests.of(key).into_iter().map(|one| one.status).collect()
    }

    #[test]
    fn of_a_key_the_last_are_kept() {
        let (requests, key) = (Requests::default(), KeyId::new());
        assert!(requests.of(key).is_empty());
        let all = 1..=u16::try_from(KEPT).unwrap() + 2;
        for status in all.clone() {
            requests.keep(key, answered(status));
        }
        let newest: Vec<u16> = all.rev().take(KEPT).collect();
        assert_eq!(statuses(&requests, key), newest);
    }

    #[test]
    fn the_key_that_was_used_longest_ago_is_forgotten() {
        let requests = Requests::default();
        let keys: Vec<KeyId> = (0..=KEYS).map(|_| KeyId::new()).collect();
        for key in &keys[..KEYS] {
            requests.keep(*key, answered(200));
        }
        requests.keep(keys[0], answered(202));
        requests.keep(keys[KEYS], answered(200));
        assert_eq!(statuses(&requests, keys[0]), [202, 200]);
        assert!(requests.of(keys[1]).is_empty());
        assert_eq!(statuses(&requests, keys[KEYS]), [200]);
        assert_eq!(requests.0.lock().unwrap().of_keys.len(), KEYS);
    }

    #[test]
    fn of_a_path_only_ids_are_shown() {
        let id = format!("msg_{}", "0af7651916cd43dd8448eb211c80319c");
        let own = format!("/api/v1/messages/{id}/cancel");
        assert_eq!(shown("/api/v1/messages/{id}/cancel", &own), own);
        for path in ["/api/v1/messages/+62811", "/api/v1/messages/msg_x", "/api/v1/messages"] {
            assert_eq!(shown("/api/v1/messages/{id}", path), "/api/v1/messages/{id}");
        }
        assert_eq!(shown("/index.php", "/index.php"), "/index.php");
    }
}
