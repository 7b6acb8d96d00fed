//! One event connection's way through what happens.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use super::hub::{Hub, Position};
use super::pace::Pace;
use super::{Happening, News};

/// Happenings that are told at one time: as many as a list shows.
const AT_ONCE: usize = 50;

/// What a page is told.
#[derive(Debug)]
pub(crate) enum Told {
    /// What happened, in its order, and the place at which it ends.
    News(Vec<Seen>, Position),
    /// To look at everything once more.
    Look,
}

/// A happening that the watcher may see.
#[derive(Debug)]
pub(crate) struct Seen {
    news: Arc<News>,
    place: usize,
}

impl std::ops::Deref for Seen {
    type Target = Happening;

    #[expect(clippy::indexing_slicing, reason = "`newest` found it at this place")]
    fn deref(&self) -> &Happening {
        &self.news.happenings()[self.place]
    }
}

/// Someone who watches; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Watching {
    hub: Hub,
    place: Position,
    pace: Pace,
    news: watch::Receiver<u64>,
    /// Where among all watchers this one looks once more.
    part: f64,
}

impl Watching {
    pub(super) fn new(hub: Hub, place: Position, look_at: Option<Instant>) -> Self {
        let news = hub.news();
        Self { place, pace: Pace::new(look_at), news, part: rand::random(), hub }
    }

    /// Whether what happened since its place is not known any more. It goes on from what is.
    pub(crate) fn is_stale(&mut self) -> bool {
        let since = self.hub.since(self.place);
        if since.missed {
            self.place = since.news.first().map_or(since.end, |first| first.position.before());
        }
        since.missed
    }

    /// What is told next to one who sees what `sees` says. Safe to drop while it waits.
    pub(crate) async fn next(&mut self, sees: impl Fn(&Happening) -> bool) -> Told {
        loop {
            self.news.borrow_and_update();
            let now = Instant::now();
            if self.pace.looks(now) {
                return Told::Look;
            }
            let pause = self.pace.pause(now);
            if pause.is_none() {
                let since = self.hub.since(self.place);
                self.place = since.end;
                let (seen, is_cut) = newest(&since.news, &sees);
                if since.missed || is_cut {
                    self.pace.missed(now, self.hub.demand().users(), self.part);
                }
                if !seen.is_empty() {
                    self.pace.told(now);
                    return Told::News(seen, self.place);
                }
            }
            let until = self.pace.look_at().into_iter().chain(pause).min();
            let time = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = time => {}
                // The sender is in the hub.
                _ = self.news.changed(), if pause.is_none() => {}
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.hub.demand().leave();
    }
}

/// The newest of what may be seen, oldest first, and whether there was more. What is older is not even read.
fn newest(news: &[Arc<News>], sees: &impl Fn(&Happening) -> bool) -> (Vec<Seen>, bool) {
    let mut seen = Vec::new();
    let mut is_cut = false;
    for news in news.iter().rev() {
        if seen.len() >= AT_ONCE {
            is_cut = true;
            break;
        }
        for (place, happening) in news.happenings().iter().enumerate().rev() {
            if sees(happening) {
                seen.push(Seen { news: Arc::clone(news), place });
            }
        }
    }
    seen.reverse();
    (seen, is_cut)
}
