//! How far the router has come with a stored message in which there are several: which of them need nothing more. Pure.

use contracts::batch::Place;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    done: Vec<bool>,
    /// Those before it are all done.
    next: usize,
}

impl Progress {
    /// That of so many messages at a place; none: at the beginning.
    pub(crate) fn at(place: Option<&Place>, total: usize) -> Self {
        let mut progress = Self { done: vec![false; total], next: 0 };
        if let Some(Place { next, done }) = place {
            for (from, to) in std::iter::once((0, *next)).chain(done.iter().copied()) {
                let to = to.min(total);
                progress.done.get_mut(from..to).into_iter().flatten().for_each(|done| *done = true);
            }
        }
        progress.go_on();
        progress
    }

    /// A message needs nothing more.
    pub(crate) fn done(&mut self, index: usize) {
        if let Some(done) = self.done.get_mut(index) {
            *done = true;
        }
        self.go_on();
    }

    fn go_on(&mut self) {
        while self.done.get(self.next).copied().unwrap_or(false) {
            self.next += 1;
        }
    }

    /// The first message that needs something.
    pub(crate) fn next(&self) -> usize {
        self.next
    }

    /// Whether a message needs something.
    pub(crate) fn is_left(&self, index: usize) -> bool {
        !self.done.get(index).copied().unwrap_or(true)
    }

    /// Whether no message needs anything.
    pub(crate) fn is_over(&self) -> bool {
        self.next == self.done.len()
    }

    /// The place to go on from.
    pub(crate) fn place(&self) -> Place {
        let mut done: Vec<(usize, usize)> = Vec::new();
        for index in (self.next..self.done.len()).filter(|index| !self.is_left(*index)) {
            match done.last_mut() {
                Some((_, to)) if *to == index => *to += 1,
                _ => done.push((index, index + 1)),
            }
        }
        Place { next: self.next, done }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_stays_done_wherever_it_is_gone_on() {
        let mut progress = Progress::at(None, 8);
        assert_eq!(progress.place(), Place::default());
        for index in [0, 3, 4, 6] {
            progress.done(index);
        }
        let place = progress.place();
        assert_eq!(place, Place { next: 1, done: vec![(3, 5), (6, 7)] });
        assert_eq!(Progress::at(Some(&place), 8), progress);
        progress.done(1);
        progress.done(2);
        let place = progress.place();
        assert_eq!(place, Place { next: 5, done: vec![(6, 7)] });
        let mut again = Progress::at(Some(&place), 8);
        let left =
            |progress: &Progress| (0..8).filter(|at| progress.is_left(*at)).collect::<Vec<_>>();
        assert_eq!((left(&again), again.next()), (vec![5, 7], 5));
        again.done(7);
        assert!(!again.is_over());
        again.done(5);
        assert!(again.is_over() && left(&again).is_empty());
    }

    #[test]
    fn a_place_that_cannot_be_is_no_harm() {
        let far = Place { next: 9, done: vec![(2, 1), (5, 99), (99, 100)] };
        assert!(Progress::at(Some(&far), 3).is_over());
        let odd = Place { next: 0, done: vec![(2, 1), (2, usize::MAX)] };
        assert_eq!(Progress::at(Some(&odd), 4).place(), Place { next: 0, done: vec![(2, 4)] });
    }
}
