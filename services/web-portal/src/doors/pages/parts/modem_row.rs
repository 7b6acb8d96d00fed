//! A modem as a line of a long list.

use askama::Template;
use contracts::modem::ModemState;

use super::modem::{ProblemWords, Status, network, number};
use crate::doors::pages::hostile::Hostile;
use crate::words::Words;

/// See the module.
#[derive(Debug, Template)]
#[template(path = "modem_row.html")]
pub(crate) struct ModemRow {
    w: Words,
    modem: ModemState,
    status: Status,
    number: Option<String>,
    network: Hostile,
    signal: Option<String>,
    problem: Option<ProblemWords>,
}

impl ModemRow {
    pub(crate) fn of(w: Words, modem: &ModemState) -> Self {
        let problem = modem.problem.as_ref().filter(|_| !modem.status.is_online());
        Self {
            w,
            status: Status::of(modem),
            number: number(modem),
            network: Hostile(network(w, modem)),
            signal: modem.signal_dbm.map(|dbm| w.modem_signal_dbm(dbm)),
            problem: problem.map(|problem| ProblemWords::of(w, problem)),
            modem: modem.clone(),
        }
    }
}
