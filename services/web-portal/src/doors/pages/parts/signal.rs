//! How strong a modem's signal is, as words, bars and the line of the last hour.

use askama::Template;

use crate::signal_line::MOST;
use crate::words::Words;

/// The weakest and the strongest signal that the line shows, in dBm: what `AT+CSQ` can say.
const WEAKEST: i16 = -113;
const STRONGEST: i16 = -51;
/// The height of the line's picture; it is as wide as there are values.
const HEIGHT: i16 = 20;

/// See the module.
#[derive(Debug, Template)]
#[template(path = "signal.html")]
pub(crate) struct Signal {
    words: String,
    /// How many of four bars are full; none: no signal is known.
    bars: Option<u8>,
    /// The values of the last hour in words; empty: there is no line.
    range: String,
    /// The line, broken where no signal was known: points as SVG has them.
    runs: Vec<String>,
}

impl Signal {
    /// The signal now in dBm, what is said where there is none, and what was heard in the last hour, oldest first, each with how many
    /// minutes ago.
    pub(super) fn of(
        w: Words,
        dbm: Option<i16>,
        none: String,
        hour: &[(u16, Option<i16>)],
    ) -> Self {
        let known: Vec<i16> = hour.iter().filter_map(|(_, dbm)| *dbm).collect();
        let range = match (known.iter().min(), known.iter().max()) {
            (Some(weakest), Some(strongest)) if known.len() > 1 => {
                w.modem_signal_hour(*strongest, *weakest)
            }
            _ => String::new(),
        };
        let runs = if range.is_empty() { Vec::new() } else { runs(hour) };
        Self {
            words: dbm.map_or(none, |dbm| {
                format!("{}, {}", signal_words(w, dbm), w.modem_signal_dbm(dbm))
            }),
            bars: dbm.map(bars),
            range,
            runs,
        }
    }
}

fn signal_words(w: Words, dbm: i16) -> String {
    match bars(dbm) {
        4 => w.signal_excellent(),
        3 => w.signal_good(),
        2 => w.signal_fair(),
        _ => w.signal_weak(),
    }
}

const fn bars(dbm: i16) -> u8 {
    match dbm {
        -73.. => 4,
        -85..-73 => 3,
        -99..-85 => 2,
        _ => 1,
    }
}

fn runs(hour: &[(u16, Option<i16>)]) -> Vec<String> {
    let runs = hour.split(|(_, dbm)| dbm.is_none()).filter(|run| run.len() > 1);
    let point = |(ago, dbm): &(u16, Option<i16>)| {
        let below = STRONGEST - dbm.unwrap_or(WEAKEST).clamp(WEAKEST, STRONGEST);
        let y = i32::from(below) * i32::from(HEIGHT) / i32::from(STRONGEST - WEAKEST);
        format!("{},{y}", MOST.saturating_sub(usize::from(*ago)))
    };
    runs.map(|run| run.iter().map(point).collect::<Vec<_>>().join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_line_has_a_gap_where_no_signal_was_known() {
        let hour = [
            (10, Some(-113)),
            (9, Some(-51)),
            (8, None),
            (7, Some(-82)),
            (1, Some(i16::MIN)),
            (0, Some(i16::MAX)),
        ];
        assert_eq!(runs(&hour), ["50,20 51,0", "53,10 59,20 60,0"]);
        let signal = |dbm, hour: &[(u16, Option<i16>)]| {
            let w = Words::of(Language::English);
            Signal::of(w, dbm, "no signal".to_owned(), hour).render().unwrap()
        };
        let shown = signal(Some(-71), &[(1, Some(-91)), (0, Some(-71))]);
        assert!(shown.contains("very good, -71 dBm") && shown.contains("bars-4"), "{shown}");
        assert!(shown.contains("from -91 to -71 dBm") && shown.contains("points=\"59,"), "{shown}");
        let shown = signal(None, &[(0, Some(-91))]);
        assert!(shown.contains("no signal") && !shown.contains("<svg"), "{shown}");
    }
}
