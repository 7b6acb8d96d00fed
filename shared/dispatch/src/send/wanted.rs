//! Which messages a carrier takes.

use contracts::Priority;
use contracts::mt::MtItem;
use contracts::subject::Target;

/// What a carrier takes now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What it is for.
    pub(crate) targets: Vec<Target>,
    /// How urgent it is at least.
    pub(crate) least: Priority,
}

impl Wanted {
    /// Returns the priorities, the most urgent first.
    pub(crate) fn priorities(&self) -> impl Iterator<Item = Priority> {
        Priority::ALL.into_iter().filter(|priority| *priority <= self.least)
    }

    /// Returns whether an item is among what is wanted.
    pub(crate) fn takes(&self, item: &MtItem) -> bool {
        item.priority <= self.least && self.targets.contains(&item.target)
    }
}
