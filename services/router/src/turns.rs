//! Items taken from `SMS_WAIT` that wait for room, by target; within a target the accounts take turns.
//!
//! One account with a hundred thousand messages and one with a single message each get every other
//! place. There is one of these for each priority.

use std::collections::{HashMap, VecDeque};

use contracts::UserId;
use contracts::subject::Target;

/// See the module.
#[derive(Debug)]
pub(crate) struct Turns<T> {
    targets: HashMap<Target, Accounts<T>>,
}

#[derive(Debug)]
struct Accounts<T> {
    /// Accounts with items, the next one in front.
    order: VecDeque<UserId>,
    items: HashMap<UserId, VecDeque<T>>,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self { targets: HashMap::new() }
    }
}

impl<T> Default for Accounts<T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), items: HashMap::new() }
    }
}

impl<T> Turns<T> {
    /// Puts an item behind the others of its account.
    pub(crate) fn push(&mut self, target: Target, account: UserId, item: T) {
        let accounts = self.targets.entry(target).or_default();
        let items = accounts.items.entry(account).or_default();
        if items.is_empty() {
            accounts.order.push_back(account);
        }
        items.push_back(item);
    }

    /// Takes the next item for a target, and that account's next turn is after all others.
    pub(crate) fn next(&mut self, target: &Target) -> Option<(UserId, T)> {
        let accounts = self.targets.get_mut(target)?;
        let account = accounts.order.pop_front()?;
        let items = accounts.items.get_mut(&account)?;
        let item = items.pop_front();
        if items.is_empty() {
            accounts.items.remove(&account);
        } else {
            accounts.order.push_back(account);
        }
        if accounts.order.is_empty() {
            self.targets.remove(target);
        }
        item.map(|item| (account, item))
    }

    /// How many items of an account wait for a target.
    pub(crate) fn count(&self, target: &Target, account: UserId) -> usize {
        self.targets
            .get(target)
            .and_then(|accounts| accounts.items.get(&account))
            .map_or(0, VecDeque::len)
    }

    /// The targets that are waited for.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        self.targets.keys()
    }

    /// All items for a target, taken out.
    pub(crate) fn take(&mut self, target: &Target) -> impl Iterator<Item = T> {
        let accounts = self.targets.remove(target);
        accounts.into_iter().flat_map(|accounts| accounts.items.into_values().flatten())
    }

    /// All items that are wanted, taken out.
    pub(crate) fn take_items(&mut self, is_wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let mut taken = Vec::new();
        self.targets.retain(|_, accounts| {
            let Accounts { order, items } = accounts;
            order.retain(|account| {
                let Some(of_it) = items.get_mut(account) else { return false };
                let (wanted, rest) = of_it.drain(..).partition::<Vec<T>, _>(&is_wanted);
                taken.extend(wanted);
                of_it.extend(rest);
                let stays = !of_it.is_empty();
                if !stays {
                    items.remove(account);
                }
                stays
            });
            !order.is_empty()
        });
        taken
    }

    /// All items of these accounts for these targets, taken out.
    pub(crate) fn take_if(&mut self, is_wanted: impl Fn(UserId, &Target) -> bool) -> Vec<T> {
        let mut taken = Vec::new();
        self.targets.retain(|target, accounts| {
            let Accounts { order, items } = accounts;
            order.retain(|account| {
                let is_wanted = is_wanted(*account, target);
                if is_wanted {
                    taken.extend(items.remove(account).into_iter().flatten());
                }
                !is_wanted
            });
            !order.is_empty()
        });
        taken
    }

    /// All items.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.targets.values().flat_map(|accounts| accounts.items.values().flatten())
    }

    /// All items, taken out.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> {
        std::mem::take(&mut self.targets)
            .into_values()
            .flat_map(|accounts| accounts.items.into_values().flatten())
    }

    /// Nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use contracts::{PoolId, SimId};

    use super::*;

    fn pool() -> Target {
        Target::Pool(PoolId::default_pool())
    }

    #[test]
    fn accounts_take_turns() {
        let (many, one) = (UserId::derived("many"), UserId::derived("one"));
        let mut turns = Turns::default();
        for n in 0..4 {
            turns.push(pool(), many, n);
        }
        turns.push(pool(), one, 100);
        turns.push(pool(), one, 101);
        let order: Vec<i32> =
            std::iter::from_fn(|| turns.next(&pool()).map(|(_, item)| item)).collect();
        assert_eq!(order, [0, 100, 1, 101, 2, 3]);
        assert!(turns.is_empty());
    }

    #[test]
    fn items_are_taken_out_of_the_middle() {
        let (many, one) = (UserId::derived("many"), UserId::derived("one"));
        let mut turns = Turns::default();
        for n in 0..4 {
            turns.push(pool(), many, n);
        }
        turns.push(pool(), one, 2);
        assert_eq!(turns.take_items(|n| *n == 2), [2, 2]);
        assert_eq!((turns.count(&pool(), many), turns.count(&pool(), one)), (3, 0));
        let order: Vec<i32> =
            std::iter::from_fn(|| turns.next(&pool()).map(|(_, item)| item)).collect();
        assert_eq!(order, [0, 1, 3]);
        assert!(turns.is_empty());
    }

    #[test]
    fn a_target_does_not_wait_for_another() {
        let account = UserId::derived("a");
        let sim = Target::Sim(SimId::derived("1"));
        let mut turns = Turns::default();
        turns.push(sim.clone(), account, 1);
        turns.push(pool(), account, 2);
        assert_eq!(turns.count(&sim, account), 1);
        assert_eq!(turns.next(&pool()), Some((account, 2)));
        assert_eq!(turns.next(&pool()), None);
        assert_eq!(turns.targets().collect::<Vec<_>>(), [&sim]);
        assert_eq!(turns.iter().count(), 1);
        assert_eq!(turns.take(&pool()).count(), 0);
        turns.push(pool(), account, 3);
        assert_eq!(turns.take(&pool()).collect::<Vec<_>>(), [3]);
        assert_eq!(turns.drain().collect::<Vec<_>>(), [1]);
        assert!(turns.is_empty());
    }

    #[test]
    fn an_account_that_comes_back_is_last_again() {
        let (a, b) = (UserId::derived("a"), UserId::derived("b"));
        let mut turns = Turns::default();
        turns.push(pool(), a, 1);
        turns.push(pool(), b, 2);
        assert_eq!(turns.next(&pool()), Some((a, 1)));
        turns.push(pool(), a, 3);
        assert_eq!(turns.next(&pool()), Some((b, 2)));
        assert_eq!(turns.next(&pool()), Some((a, 3)));
    }
}
