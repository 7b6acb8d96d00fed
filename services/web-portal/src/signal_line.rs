//! How strong a modem's signal was in the last hour: a value a minute, kept in memory, by a clock that nobody sets.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The most values that are kept of a modem.
pub(crate) const MOST: usize = 60;
/// What is heard within this time is one value, the last that was heard.
const EACH: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignalLine(VecDeque<(Instant, Option<i16>)>);

impl SignalLine {
    /// Takes a value that is heard at `at`, in dBm; none: the modem knows no signal, and the line has a gap.
    pub(crate) fn note(&mut self, at: Instant, dbm: Option<i16>) {
        match self.0.back_mut() {
            Some((begun, last)) if at.saturating_duration_since(*begun) < EACH => *last = dbm,
            _ => {
                if self.0.len() == MOST {
                    self.0.pop_front();
                }
                self.0.push_back((at, dbm));
            }
        }
    }

    /// The values of the last hour before `now`, oldest first, each with how many whole minutes ago it was.
    pub(crate) fn values(&self, now: Instant) -> Vec<(u16, Option<i16>)> {
        let ago = |at: Instant| u16::try_from(now.saturating_duration_since(at).as_secs() / 60);
        let values = self.0.iter().filter_map(|(at, dbm)| Some((ago(*at).ok()?, *dbm)));
        values.filter(|(ago, _)| usize::from(*ago) < MOST).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_one_value_and_an_hour_is_kept() {
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let mut line = SignalLine::default();
        line.note(begun, Some(-90));
        line.note(after(59), Some(-80));
        assert_eq!(line.values(after(59)), [(0, Some(-80))]);
        line.note(after(60), None);
        assert_eq!(line.values(after(125)), [(2, Some(-80)), (1, None)]);
        for minute in 2..500 {
            line.note(after(minute * 60), Some(-70));
        }
        assert_eq!(line.0.len(), MOST);
        assert_eq!(line.values(after(499 * 60)).len(), MOST);
        // Nothing is heard for two hours.
        assert!(line.values(after(620 * 60)).is_empty());
    }
}
