//! How much an API key and an account may ask for and send: `[limits]` of the configuration.
//!
//! Each is the generic cell rate algorithm: as much at once as the limit says, and as much again spread over its period.
//! Only keys and accounts that there are have a counter, and one that has all of its limit left has none.
//!
//! In memory of this process: with N copies of the portal the limits are N times as high.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use contracts::{KeyId, UserId};
use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::RateLimiter;
use governor::state::keyed::HashMapStateStore;
use platform::config::{self, Rate};

/// Counts requests and messages.
#[derive(Debug)]
pub(crate) struct Limits {
    key_requests: Option<Counter<KeyId>>,
    user_requests: Option<Counter<UserId>>,
    key_messages: Option<Counter<KeyId>>,
    user_messages: Option<Counter<UserId>>,
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    /// The limit's name in the configuration.
    pub(crate) name: &'static str,
    /// The limit.
    pub(crate) limit: Rate,
    /// How many more are allowed at once.
    pub(crate) count: u32,
    /// When all of it is allowed at once again, if nothing more is asked for.
    pub(crate) whole_in: Duration,
}

/// More than a limit allows. Nothing of it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{whose} may have {what} at a rate of {limit}, and this is more{}", until(.wait.as_ref()))]
pub(crate) struct TooMuch {
    /// `this API key`, `this account`.
    whose: &'static str,
    /// `requests`, `messages`.
    what: &'static str,
    /// The limit.
    pub(crate) limit: Rate,
    /// When it will be allowed; none: never, as it is more than the limit allows at once.
    pub(crate) wait: Option<Duration>,
    /// The limit's name in the configuration.
    name: &'static str,
}

impl TooMuch {
    /// What is left: too little.
    pub(crate) fn left(&self) -> Left {
        let whole_in = self.wait.unwrap_or(self.limit.period);
        Left { name: self.name, limit: self.limit, count: 0, whole_in }
    }
}

fn until(wait: Option<&Duration>) -> String {
    match wait {
        Some(wait) => format!(": ask again in {} s", wait.as_secs() + 1),
        None => " than that at once: send fewer in one request".to_owned(),
    }
}

impl Limits {
    /// Those of the configuration.
    pub(crate) fn new(limits: &config::Limits) -> Self {
        Self {
            key_requests: limits
                .key_requests
                .map(|limit| Counter::new(limit, "key-requests", "this API key", "requests")),
            user_requests: limits
                .user_requests
                .map(|limit| Counter::new(limit, "user-requests", "this account", "requests")),
            key_messages: limits
                .key_messages
                .map(|limit| Counter::new(limit, "key-messages", "this API key", "messages")),
            user_messages: limits
                .user_messages
                .map(|limit| Counter::new(limit, "user-messages", "this account", "messages")),
        }
    }

    /// One request with a key. Returns what is left of its limits.
    pub(crate) fn request(&self, user: UserId, key: KeyId) -> Result<Vec<Left>, TooMuch> {
        let of_key = take(self.key_requests.as_ref(), &key, 1)?;
        let of_user = take(self.user_requests.as_ref(), &user, 1)?;
        Ok(of_key.into_iter().chain(of_user).collect())
    }

    /// Messages of an account, with a key or without. The gateway's own user has no limit. Returns what is left of theirs.
    pub(crate) fn messages(
        &self,
        user: UserId,
        key: Option<KeyId>,
        count: usize,
    ) -> Result<Vec<Left>, TooMuch> {
        let of_key = match key {
            Some(key) => take(self.key_messages.as_ref(), &key, count)?,
            None => None,
        };
        if user == UserId::internal() {
            return Ok(Vec::from_iter(of_key));
        }
        let of_user = take(self.user_messages.as_ref(), &user, count)?;
        Ok(of_key.into_iter().chain(of_user).collect())
    }

    /// Forgets those that have all of their limits left.
    pub(crate) fn forget_idle(&self) {
        for counter in [&self.key_requests, &self.key_messages].into_iter().flatten() {
            counter.limiter.retain_recent();
        }
        for counter in [&self.user_requests, &self.user_messages].into_iter().flatten() {
            counter.limiter.retain_recent();
        }
    }
}

fn take<K: Hash + Eq + Clone>(
    counter: Option<&Counter<K>>,
    who: &K,
    count: usize,
) -> Result<Option<Left>, TooMuch> {
    counter.map_or(Ok(None), |counter| counter.take(who, count))
}

/// Tells what is left after each time.
type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, MonotonicClock, StateInformationMiddleware>;

#[derive(Debug)]
struct Counter<K: Hash + Eq + Clone> {
    limiter: Limiter<K>,
    limit: Rate,
    name: &'static str,
    whose: &'static str,
    what: &'static str,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    fn new(limit: Rate, name: &'static str, whose: &'static str, what: &'static str) -> Self {
        let limiter = Limiter::new(limit.quota(), HashMapStateStore::default(), MonotonicClock);
        Self { limiter, limit, name, whose, what }
    }

    fn take(&self, who: &K, count: usize) -> Result<Option<Left>, TooMuch> {
        let Self { limit, name, whose, what, .. } = *self;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let Some(count) = NonZeroU32::new(count) else { return Ok(None) };
        let wait = match self.limiter.check_key_n(who, count) {
            Ok(Ok(state)) => return Ok(Some(self.left(&state))),
            Ok(Err(refused)) => Some(refused.wait_time_from(MonotonicClock.now())),
            Err(_) => None,
        };
        Err(TooMuch { whose, what, limit, wait, name })
    }

    fn left(&self, state: &StateSnapshot) -> Left {
        let Self { limit, name, .. } = *self;
        let count = state.remaining_burst_capacity().min(limit.count.get());
        let used = limit.count.get() - count;
        Left { name, limit, count, whole_in: limit.period * used / limit.count.get() }
    }
}

/// A limit as the algorithm takes it.
trait Quota {
    fn quota(&self) -> governor::Quota;
}

impl Quota for Rate {
    fn quota(&self) -> governor::Quota {
        let each = self.period / self.count.get();
        // More than one a nanosecond is no limit that anybody could reach.
        let quota =
            governor::Quota::with_period(each).unwrap_or(governor::Quota::per_second(self.count));
        quota.allow_burst(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(messages: &str) -> Limits {
        let limit = messages.parse().ok();
        Limits::new(&config::Limits {
            key_requests: None,
            user_requests: None,
            key_messages: limit,
            user_messages: limit,
            recipient: None,
        })
    }

    #[test]
    fn a_key_sends_no_more_than_its_limit() {
        let limits = limits("10/1h");
        let (user, key) = (UserId::new(), KeyId::new());
        let left = limits.messages(user, Some(key), 8).unwrap();
        assert_eq!(
            left.iter().map(|left| left.name).collect::<Vec<_>>(),
            ["key-messages", "user-messages"]
        );
        assert!(left.iter().all(|left| left.count == 2), "{left:?}");
        assert_eq!(left[0].whole_in, Duration::from_mins(48));
        let refused = limits.messages(user, Some(key), 3).unwrap_err();
        assert!(refused.wait.is_some_and(|wait| wait <= Duration::from_mins(6)), "{refused:?}");
        assert!(
            refused
                .to_string()
                .starts_with("this API key may have messages at a rate of 10 each 1h"),
            "{refused}"
        );
        assert_eq!((refused.left().name, refused.left().count), ("key-messages", 0));
        assert!(limits.messages(user, Some(key), 2).is_ok(), "what was refused does not count");
        // Another key of the same account does not help.
        let refused = limits.messages(user, Some(KeyId::new()), 1).unwrap_err();
        assert_eq!(refused.whose, "this account");
        assert!(limits.messages(user, None, 1).is_err(), "nor does the page");
        assert!(limits.messages(UserId::new(), Some(KeyId::new()), 10).is_ok());
        assert_eq!(limits.messages(UserId::internal(), None, 1_000), Ok(Vec::new()));
    }

    #[test]
    fn what_never_fits_says_so() {
        let refused = limits("10/1h").messages(UserId::new(), None, 11).unwrap_err();
        assert_eq!(refused.wait, None);
        assert!(refused.to_string().ends_with("send fewer in one request"), "{refused}");
    }

    #[test]
    fn the_largest_request_goes_through_the_limits_as_they_come() {
        let config = config::Config::load(&config::Sources::new()).unwrap();
        let limits = Limits::new(&config.limits);
        let largest = contracts::batch::MOST_RECIPIENTS;
        assert!(limits.messages(UserId::new(), Some(KeyId::new()), largest).is_ok());
    }

    #[test]
    fn without_a_limit_there_is_none() {
        let limits = limits("");
        let asked = limits.messages(UserId::new(), Some(KeyId::new()), 1_000_000);
        assert_eq!(asked, Ok(Vec::new()));
        limits.forget_idle();
    }
}
