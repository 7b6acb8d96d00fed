//! What the network's record says of how fast modems were used.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::Timestamp;
use modem_sim::Sent;

/// When each submit began and ended, by modem.
pub(crate) fn submits(sent: &[Sent]) -> BTreeMap<usize, Vec<(Timestamp, Timestamp)>> {
    let mut by_modem: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for sent in sent {
        let end = Timestamp::from(sent.at);
        by_modem.entry(sent.modem).or_default().push((end.minus(sent.took), end));
    }
    by_modem
}

/// From the first result to the last.
pub(crate) fn span(sent: &[Sent]) -> Duration {
    let ends = || sent.iter().map(|sent| Timestamp::from(sent.at));
    ends().max().zip(ends().min()).map_or(Duration::ZERO, |(last, first)| last.since(first))
}

/// The middle one; of an even number the upper of both.
pub(crate) fn median<T: Copy + Default>(
    mut all: Vec<T>,
    order: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> T {
    all.sort_by(order);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
