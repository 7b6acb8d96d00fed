//! Tries to log in, counted for each account from each address, and for each address over all accounts.
//!
//! In memory of this process: with N copies of the portal an attacker has N times the tries, which is
//! still few. After five wrong ones each further try doubles the wait, up to a quarter of an hour.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const FREE_FOR_ACCOUNT: u32 = 5;
const FREE_FOR_ADDRESS: u32 = 30;
const LONGEST: Duration = Duration::from_mins(15);
/// Nobody fills the memory: the oldest are forgotten.
const KEPT: usize = 50_000;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Account(String, Option<IpAddr>),
    Address(Option<IpAddr>),
}

#[derive(Debug, Clone, Copy)]
struct Wrong {
    times: u32,
    last: Instant,
}

/// Counts wrong passwords.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<Who, Wrong>>);

impl Throttle {
    /// How long this one has to wait before a password is looked at; none: it may try. A try is counted
    /// as a wrong one before it is looked at, so that many at one time are no way around.
    pub(crate) fn try_now(
        &self,
        name: &str,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let subjects = subjects(name, address);
        for (who, free) in &subjects {
            if let Some(wrong) = all.get(who) {
                let wait = wait_after(wrong.times, *free);
                let passed = now.saturating_duration_since(wrong.last);
                if let Some(left) = wait.checked_sub(passed).filter(|left| !left.is_zero()) {
                    return Err(left);
                }
            }
        }
        if all.len() >= KEPT {
            all.retain(|_, wrong| now.saturating_duration_since(wrong.last) < LONGEST);
        }
        if all.len() >= KEPT {
            all.clear();
        }
        for (who, _) in subjects {
            let wrong = all.entry(who).or_insert(Wrong { times: 0, last: now });
            if now.saturating_duration_since(wrong.last) > LONGEST {
                wrong.times = 0;
            }
            wrong.times += 1;
            wrong.last = now;
        }
        Ok(())
    }

    /// The password was right: the account's count begins anew.
    pub(crate) fn right(&self, name: &str, address: Option<IpAddr>) {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (who, _) in subjects(name, address) {
            all.remove(&who);
        }
    }
}

fn subjects(name: &str, address: Option<IpAddr>) -> [(Who, u32); 2] {
    let name = name.chars().take(64).collect::<String>().to_lowercase();
    [(Who::Account(name, address), FREE_FOR_ACCOUNT), (Who::Address(address), FREE_FOR_ADDRESS)]
}

fn wait_after(wrong: u32, free: u32) -> Duration {
    match wrong.checked_sub(free) {
        None => Duration::ZERO,
        Some(over) => Duration::from_secs(2_u64.saturating_pow(over + 1)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_wrong_ones_one_waits() {
        let throttle = Throttle::default();
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        let mut now = Instant::now();
        for _ in 0..5 {
            assert_eq!(throttle.try_now("budi", here, now), Ok(()));
        }
        assert_eq!(throttle.try_now("BUDI", here, now), Err(Duration::from_secs(2)));
        assert_eq!(throttle.try_now("siti", here, now), Ok(()), "another account may");
        let there = Some(IpAddr::from([10, 0, 0, 1]));
        assert_eq!(throttle.try_now("budi", there, now), Ok(()), "nobody is locked out by another");
        now += Duration::from_secs(2);
        assert_eq!(throttle.try_now("budi", here, now), Ok(()));
        assert_eq!(throttle.try_now("budi", here, now), Err(Duration::from_secs(4)));
        throttle.right("budi", here);
        assert_eq!(throttle.try_now("budi", here, now), Ok(()));
    }

    #[test]
    fn one_address_cannot_try_all_accounts() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for n in 0..30 {
            assert_eq!(throttle.try_now(&format!("user{n}"), None, now), Ok(()));
        }
        assert!(throttle.try_now("another", None, now).is_err());
    }
}
