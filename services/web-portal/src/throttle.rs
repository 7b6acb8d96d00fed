//! Tries to log in: how many there may be from an address, for an account, and for an account from one address.
//!
//! Each is the generic cell rate algorithm: some tries at once, then one each so many seconds. A right password gives
//! the account at this address its tries back, and nothing else: who has one account could otherwise try the
//! passwords of others between two log-ins of their own.
//!
//! What is counted is kept in a fixed number of cells. Name and address lead to a cell by a hash that is secret to
//! this process, so nothing that strangers write is kept and the memory cannot be filled. Two that share a cell share
//! its tries, which happens seldom and cannot be brought about.
//!
//! Who looks at public boards needs no account, and is counted by address alone.
//!
//! In memory of this process: with N copies of the portal there are N times the tries, which is still few.

use std::convert::Infallible;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::Quota;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, RateLimiter, StateStore};

/// Tries of one account from one address at once, and how long until each further one.
const ACCOUNT_HERE: (u32, Duration) = (5, Duration::from_mins(2));
/// Tries of one account from all addresses together.
const ACCOUNT: (u32, Duration) = (60, Duration::from_secs(30));
/// Tries of all accounts from one address.
const ADDRESS: (u32, Duration) = (60, Duration::from_secs(20));
/// Tries of anybody from anywhere that failed and stand in the audit log. So strangers write no more than some 9,000 entries a day into
/// what is never removed.
const TOLD: (u32, Duration) = (100, Duration::from_secs(10));
/// Looks at public boards from one address.
const BOARDS: (u32, Duration) = (60, Duration::from_secs(1));
/// Codes of a phone that are tried for one account at once, from all addresses together, and how long until each further one. Who tries
/// one has given the right password, and three of a million codes are right at a time.
const CODE: (u32, Duration) = (5, Duration::from_mins(2));
/// Cells of each of the limits: 128 KiB.
const CELLS: u64 = 16_384;

/// Counts tries to log in.
#[derive(Debug)]
pub(crate) struct Throttle<C: Clock + Clone = MonotonicClock> {
    hasher: RandomState,
    clock: C,
    account_here: Limiter<C>,
    account: Limiter<C>,
    address: Limiter<C>,
    told: Limiter<C>,
    boards: Limiter<C>,
    code: Limiter<C>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self::by(&MonotonicClock)
    }
}

impl<C: Clock + Clone> Throttle<C> {
    fn by(clock: &C) -> Self {
        Self {
            hasher: RandomState::new(),
            clock: clock.clone(),
            account_here: Limiter::new(ACCOUNT_HERE, clock),
            account: Limiter::new(ACCOUNT, clock),
            address: Limiter::new(ADDRESS, clock),
            told: Limiter::new(TOLD, clock),
            boards: Limiter::new(BOARDS, clock),
            code: Limiter::new(CODE, clock),
        }
    }

    /// Lets one try through, or says how long it has to wait before its password is looked at. A try is counted before
    /// the password is looked at, so that many at one time are no way around.
    pub(crate) fn try_now(&self, name: &str, address: Option<IpAddr>) -> Result<(), Duration> {
        let (name, network) = (folded(name), address.map(network));
        let now = || self.clock.now();
        self.account_here.try_now(self.cell((&name, network)), now)?;
        self.address.try_now(self.cell(network), now)?;
        self.account.try_now(self.cell(&name), now)
    }

    /// Whether a try that failed is to stand in the audit log, which counts it as told.
    pub(crate) fn is_told(&self) -> bool {
        self.told.try_now(0, || self.clock.now()).is_ok()
    }

    /// Lets one look at a public board through, or says how long it has to wait.
    pub(crate) fn look(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        let now = || self.clock.now();
        self.boards.try_now(self.cell(address.map(network)), now)
    }

    /// The password was right: the tries of the account at this address begin anew.
    pub(crate) fn right(&self, name: &str, address: Option<IpAddr>) {
        self.account_here.cells.clear(self.cell((folded(name), address.map(network))));
    }

    /// Lets one try with a code through, or says how long it has to wait before its code is looked at.
    pub(crate) fn try_code(&self, name: &str) -> Result<(), Duration> {
        self.code.try_now(self.cell(folded(name)), || self.clock.now())
    }

    /// The code was right: the tries with codes of the account begin anew.
    pub(crate) fn right_code(&self, name: &str) {
        self.code.cells.clear(self.cell(folded(name)));
    }

    fn cell(&self, what: impl Hash) -> usize {
        // Fits, as it is less than `CELLS`.
        usize::try_from(self.hasher.hash_one(what) % CELLS).unwrap_or_default()
    }
}

/// One of the three limits.
#[derive(Debug)]
struct Limiter<C: Clock + Clone> {
    cells: Cells,
    limiter: RateLimiter<usize, Cells, C, NoOpMiddleware<C::Instant>>,
}

impl<C: Clock + Clone> Limiter<C> {
    fn new((tries, each): (u32, Duration), clock: &C) -> Self {
        let cells = Cells::default();
        let tries = NonZeroU32::new(tries).unwrap_or(NonZeroU32::MIN);
        // None of the periods above is zero.
        let quota = Quota::with_period(each).unwrap_or(Quota::per_hour(tries)).allow_burst(tries);
        Self { limiter: RateLimiter::new(quota, cells.clone(), clock.clone()), cells }
    }

    fn try_now(&self, cell: usize, now: impl Fn() -> C::Instant) -> Result<(), Duration> {
        self.limiter.check_key(&cell).map_err(|refused| refused.wait_time_from(now()))
    }
}

/// Counters in a number that never changes.
#[derive(Debug, Clone)]
struct Cells(Arc<[InMemoryState]>);

impl Default for Cells {
    fn default() -> Self {
        Self((0..CELLS).map(|_| InMemoryState::default()).collect())
    }
}

impl Cells {
    /// As if nothing had been counted.
    fn clear(&self, cell: usize) {
        let never = |_| Ok::<_, Infallible>(((), Nanos::new(0)));
        let Ok(()) = self.measure_and_replace(&cell, never);
    }
}

impl StateStore for Cells {
    type Key = usize;

    fn measure_and_replace<T, F, E>(&self, cell: &usize, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0[*cell].measure_and_replace(&NotKeyed::NonKey, measure)
    }
}

/// A name as accounts compare it; what is longer than any name is cut.
fn folded(name: &str) -> String {
    name.trim().chars().take(64).collect::<String>().to_lowercase()
}

/// What counts as one address: of IPv6 the first 64 bits, as a customer has all the others.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn throttle() -> (Throttle<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Throttle::by(&clock), clock)
    }

    fn at(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn after_five_wrong_ones_one_waits() {
        let (throttle, clock) = throttle();
        let here = Some(at("127.0.0.1"));
        for _ in 0..5 {
            assert_eq!(throttle.try_now("budi", here), Ok(()));
        }
        assert_eq!(throttle.try_now("BUDI ", here), Err(Duration::from_mins(2)));
        assert_eq!(throttle.try_now("siti", here), Ok(()), "another account may");
        assert_eq!(
            throttle.try_now("budi", Some(at("10.0.0.1"))),
            Ok(()),
            "from elsewhere they may"
        );
        clock.advance(Duration::from_secs(119));
        assert_eq!(throttle.try_now("budi", here), Err(Duration::from_secs(1)));
        clock.advance(Duration::from_secs(1));
        assert_eq!(throttle.try_now("budi", here), Ok(()));
        assert!(throttle.try_now("budi", here).is_err());
        throttle.right("Budi", here);
        assert_eq!(throttle.try_now("budi", here), Ok(()));
    }

    #[test]
    fn a_right_password_does_not_give_an_address_its_tries_back() {
        let (throttle, _) = throttle();
        let here = Some(at("203.0.113.7"));
        let mut guesses = 0;
        for n in 0..100 {
            guesses += u32::from(throttle.try_now(&format!("victim{n}"), here).is_ok());
            if throttle.try_now("mallory", here).is_ok() {
                throttle.right("mallory", here);
            }
        }
        assert_eq!(guesses, 30, "each log-in of one's own is a try, too");
    }

    #[test]
    fn an_account_is_counted_over_all_addresses() {
        let (throttle, clock) = throttle();
        let tried = |from: u8| {
            (0..=255)
                .filter(|n| throttle.try_now("budi", Some(at(&format!("10.{from}.{n}.1")))).is_ok())
                .count()
        };
        assert_eq!(tried(0), 60);
        clock.advance(Duration::from_mins(5));
        assert_eq!(tried(1), 10);
        assert_eq!(throttle.try_now("siti", Some(at("10.1.0.1"))), Ok(()));
    }

    #[test]
    fn codes_are_counted_for_an_account_wherever_they_come_from() {
        let (throttle, clock) = throttle();
        let here = Some(at("127.0.0.1"));
        for _ in 0..5 {
            assert_eq!(throttle.try_code("budi"), Ok(()));
        }
        // The right password gives none of them back.
        assert_eq!(throttle.try_now("budi", here), Ok(()));
        throttle.right("budi", here);
        assert_eq!(throttle.try_code("Budi"), Err(Duration::from_mins(2)));
        assert_eq!(throttle.try_code("siti"), Ok(()));
        assert_eq!(
            throttle.try_now("budi", here),
            Ok(()),
            "nor do codes take tries with passwords"
        );
        clock.advance(Duration::from_mins(2));
        assert_eq!(throttle.try_code("budi"), Ok(()));
        assert!(throttle.try_code("budi").is_err());
        throttle.right_code("budi");
        assert_eq!(throttle.try_code("budi"), Ok(()));
    }

    #[test]
    fn so_many_failures_are_told_and_no_more() {
        let (throttle, clock) = throttle();
        let told = || (0..1_000).filter(|_| throttle.is_told()).count();
        assert_eq!(told(), 100);
        clock.advance(Duration::from_secs(60));
        assert_eq!(told(), 6);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let (throttle, _) = throttle();
        let tried = (0..200)
            .filter(|n| {
                throttle.try_now(&format!("user{n}"), Some(at(&format!("2001:db8::{n:x}")))).is_ok()
            })
            .count();
        assert_eq!(tried, 60);
        assert_eq!(throttle.try_now("another", Some(at("2001:db8:0:1::1"))), Ok(()));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), IpAddr::from([10, 0, 0, 1]));
    }

    #[test]
    fn strangers_neither_fill_the_memory_nor_make_it_forget() {
        let (throttle, _) = throttle();
        let here = Some(at("203.0.113.7"));
        for _ in 0..5 {
            assert_eq!(throttle.try_now("budi", here), Ok(()));
        }
        for n in 0..200_000_u32 {
            let from = IpAddr::from(Ipv6Addr::from_bits(u128::from(n) << 64));
            let _ = throttle.try_now(&format!("{n}{}", "x".repeat(10_000)), Some(from));
        }
        assert!(throttle.try_now("budi", here).is_err(), "still counted");
        assert_eq!(throttle.account.cells.0.len(), usize::try_from(CELLS).unwrap());
    }
}
