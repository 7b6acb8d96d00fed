//! Items taken from `SMS_WAIT` that wait for room, by target; within a target the accounts take turns.
//!
//! One account with a hundred thousand messages and one with a single message each get every other
//! place. An account of a larger weight has as many turns one after another before the next account has its own. There is one
//! of these for each priority.

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
    /// Who had the last turn and has another, and how many it has had in this round.
    round: Option<(UserId, u32)>,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self { targets: HashMap::new() }
    }
}

impl<T> Default for Accounts<T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), items: HashMap::new(), round: None }
    }
}

impl<T> Turns<T> {
    /// Puts an item behind the others of its account.
    pub(crate) fn push(&mut self, target: Target, account: UserId, item: T) {
        let accounts = self.targets.entry(target).or_default();
        let items = accounts.items.entry(account).or_default();
        if items.is_empty() {
            accounts.order.push_back(account);
            // It was gone meanwhile, and begins anew behind all others.
            accounts.round = accounts.round.filter(|(of, _)| *of != account);
        }
        items.push_back(item);
    }

    /// Takes the next item for a target of the first account in turn that may send its own. When an account has had as many turns
    /// as its weight, its next one is after all others.
    pub(crate) fn next(
        &mut self,
        target: &Target,
        weight: impl Fn(UserId) -> u32,
        mut may_go: impl FnMut(UserId, &T) -> bool,
    ) -> Option<(UserId, T)> {
        let accounts = self.targets.get_mut(target)?;
        let Accounts { order, items, round } = accounts;
        let place = order.iter().position(|account| {
            let first = items.get(account).and_then(VecDeque::front);
            first.is_some_and(|item| may_go(*account, item))
        })?;
        let account = *order.get(place)?;
        let of_it = items.get_mut(&account)?;
        let item = of_it.pop_front()?;
        let had = 1 + round.filter(|(of, _)| *of == account).map_or(0, |(_, had)| had);
        if of_it.is_empty() {
            items.remove(&account);
            order.remove(place);
            *round = None;
        } else if had >= weight(account) {
            order.remove(place);
            order.push_back(account);
            *round = None;
        } else {
            *round = Some((account, had));
        }
        if order.is_empty() {
            self.targets.remove(target);
        }
        Some((account, item))
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
            let Accounts { order, items, .. } = accounts;
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
            let Accounts { order, items, .. } = accounts;
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
    use proptest::prelude::*;

    use super::*;

    fn pool() -> Target {
        Target::Pool(PoolId::default_pool())
    }

    /// The next item where all accounts have the weight 1.
    fn next<T>(turns: &mut Turns<T>) -> Option<(UserId, T)> {
        turns.next(&pool(), |_| 1, |_, _| true)
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
            std::iter::from_fn(|| next(&mut turns).map(|(_, item)| item)).collect();
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
            std::iter::from_fn(|| next(&mut turns).map(|(_, item)| item)).collect();
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
        assert_eq!(next(&mut turns), Some((account, 2)));
        assert_eq!(next(&mut turns), None);
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
        assert_eq!(next(&mut turns), Some((a, 1)));
        turns.push(pool(), a, 3);
        assert_eq!(next(&mut turns), Some((b, 2)));
        assert_eq!(next(&mut turns), Some((a, 3)));
    }

    #[test]
    fn a_weight_is_as_many_turns_in_a_round() {
        let (heavy, light) = (UserId::derived("heavy"), UserId::derived("light"));
        let mut turns = Turns::default();
        for n in 0..7 {
            turns.push(pool(), heavy, n);
            turns.push(pool(), light, 100 + n);
        }
        let weight = |account: UserId| if account == heavy { 3 } else { 1 };
        let order: Vec<i32> = std::iter::from_fn(|| turns.next(&pool(), weight, |_, _| true))
            .map(|(_, item)| item)
            .collect();
        assert_eq!(order, [0, 1, 2, 100, 3, 4, 5, 101, 6, 102, 103, 104, 105, 106]);
    }

    #[test]
    fn who_may_not_go_keeps_its_turn_and_nobody_else_waits() {
        let (shut, open) = (UserId::derived("shut"), UserId::derived("open"));
        let mut turns = Turns::default();
        turns.push(pool(), shut, 1);
        turns.push(pool(), open, 2);
        turns.push(pool(), open, 3);
        let is_open = |account: UserId, _: &i32| account == open;
        assert_eq!(turns.next(&pool(), |_| 1, is_open), Some((open, 2)));
        assert_eq!(next(&mut turns), Some((shut, 1)), "it is still the first");
        assert_eq!(turns.next(&pool(), |_| 1, |_, _| false), None);
        assert_eq!(next(&mut turns), Some((open, 3)));
        assert!(turns.is_empty());
    }

    proptest! {
        /// Whoever has something is served within one round of all weights, and while all have something each is served in
        /// proportion to its weight.
        #[test]
        fn nobody_starves_and_shares_are_as_the_weights(
            weights in prop::collection::vec(1u32..=100, 1..8),
            rounds in 1u32..4,
        ) {
            let accounts: Vec<UserId> =
                (0..weights.len()).map(|n| UserId::derived(&n.to_string())).collect();
            let weight = |account: UserId| {
                let place = accounts.iter().position(|other| *other == account).unwrap();
                weights[place]
            };
            let mut turns = Turns::default();
            for account in &accounts {
                for n in 0..=weight(*account) * rounds {
                    turns.push(pool(), *account, n);
                }
            }
            for _ in 0..rounds {
                let mut served: HashMap<UserId, u32> = HashMap::new();
                for _ in 0..weights.iter().sum::<u32>() {
                    let (account, _) = turns.next(&pool(), weight, |_, _| true).unwrap();
                    *served.entry(account).or_default() += 1;
                }
                for account in &accounts {
                    prop_assert_eq!(served.get(account).copied(), Some(weight(*account)));
                }
            }
        }

        /// Whatever comes and goes, nobody waits for more turns of others than their weights are together.
        #[test]
        fn a_turn_comes_within_a_round(
            steps in prop::collection::vec((0usize..5, any::<bool>()), 1..300),
        ) {
            let weights = [1u32, 2, 5, 1, 3];
            let accounts: Vec<UserId> = (0..5).map(|n| UserId::derived(&n.to_string())).collect();
            let place_of = |account: UserId| accounts.iter().position(|other| *other == account).unwrap();
            let mut turns = Turns::default();
            let mut waited = [0u32; 5];
            for (place, takes) in steps {
                turns.push(pool(), accounts[place], ());
                if !takes {
                    continue;
                }
                let weight = |account: UserId| weights[place_of(account)];
                let (served, ()) = turns.next(&pool(), weight, |_, _| true).unwrap();
                for (place, account) in accounts.iter().enumerate() {
                    let waits = turns.count(&pool(), *account) > 0 && *account != served;
                    waited[place] = if waits { waited[place] + 1 } else { 0 };
                    prop_assert!(waited[place] <= weights.iter().sum::<u32>() - weights[place]);
                }
            }
        }
    }
}
