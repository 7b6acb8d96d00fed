//! A modem as the carrier of messages: what it takes, when, and what came of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use at::{CmeError, CmsError, Described};
use contracts::mt::SendError;
use contracts::{ModemId, PoolId, Priority, SimId, config_kv};
use dispatch::{Candidate, Carrier, MayBegin, Outcome, Progress, Submission};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::driver::Driver;
use crate::host::identity::sim_of;
use crate::limits::meter::{Meter, Standing};
use crate::port::answer::{outcome, speaks_well};
use crate::port::handle::{Command, Handle};
use crate::report::tally::Tally;

/// A modem that messages go out through.
pub(crate) struct ModemCarrier {
    driver: Arc<Driver>,
    modem: ModemId,
    pump: Handle,
    tally: Arc<Tally>,
    meter: Arc<Meter>,
    limits: watch::Receiver<u64>,
    sims: watch::Receiver<HashMap<SimId, config_kv::Sim>>,
    enabled: watch::Receiver<HashMap<ModemId, bool>>,
}

impl ModemCarrier {
    /// Returns the carrier that is the modem behind `pump`.
    pub(crate) fn new(
        driver: Arc<Driver>,
        modem: ModemId,
        pump: Handle,
        tally: Arc<Tally>,
        meter: Arc<Meter>,
    ) -> Self {
        let (sims, enabled) = (driver.sims.clone(), driver.enabled.clone());
        let limits = meter.changes();
        Self { driver, modem, pump, tally, meter, limits, sims, enabled }
    }
}

impl Carrier for ModemCarrier {
    fn modem(&self) -> ModemId {
        self.modem
    }

    fn sim(&self) -> SimId {
        sim_of(&self.pump.view.borrow(), self.modem)
    }

    fn pool(&self) -> Option<PoolId> {
        self.driver.pool_of(self.sim())
    }

    fn is_ready(&self) -> bool {
        *self.pump.ready.borrow()
            && self.driver.is_enabled(self.modem)
            && self.tally.may_send().0
            && match self.meter.standing() {
                Standing::Sends => true,
                Standing::Closed(closed) => closed.passwords,
                Standing::Unread => false,
            }
    }

    fn least_urgent(&self) -> Priority {
        match self.meter.standing() {
            Standing::Sends => Priority::Bulk,
            Standing::Closed(_) | Standing::Unread => Priority::Otp,
        }
    }

    fn may_begin(&self, candidate: Candidate<'_>) -> MayBegin {
        self.meter.may_begin(candidate)
    }

    fn is_on_trial(&self) -> bool {
        self.tally.is_on_trial() || self.meter.is_last()
    }

    async fn changed(&mut self) {
        let rested = self.tally.may_send().1;
        let (modem, sim) = (self.modem, self.sim());
        let mut view = self.pump.view.clone();
        tokio::select! {
            _ = self.pump.ready.changed() => {}
            _ = self.sims.changed() => {}
            _ = self.enabled.changed() => {}
            _ = self.limits.changed() => {}
            () = sleep(self.meter.wait()) => {}
            _ = view.wait_for(|view| sim_of(view, modem) != sim) => {}
            () = sleep_until(rested) => {}
        }
    }

    /// Waits until what lies in the modem's memory was looked at.
    async fn caught_up(&self) {
        let mut found = self.pump.found.subscribe();
        // The count lives as long as the pump.
        let _ = found.wait_for(|found| *found == 0).await;
    }

    async fn submit(&self, submission: Submission<'_>) -> Outcome {
        let Submission { number, message, to, part, parts, tries, tpdu, more } = submission;
        let still = parts.saturating_sub(part) + 1;
        let counted = match self.meter.count(to, still, part == 1).await {
            Ok(counted) => counted,
            Err(error) => {
                let (code, text) = ("limit-not-counted".to_owned(), error.to_string());
                return Outcome::NotTried(SendError { code, text });
            }
        };
        self.tally.trying();
        // The part was encoded once when it was composed.
        let pdu = tpdu.encode().unwrap_or_default();
        let span = tracing::info_span!(
            "AT+CMGS",
            otel.kind = "client",
            message.id = %message,
            modem.id = %self.modem,
            part,
            parts,
            tries,
        );
        let answer = self.pump.submit(modem::Submission { id: number, pdu, more });
        let answer = answer.instrument(span).await;
        if let Some(well) = speaks_well(&answer, tpdu.validity.is_some())
            && self.tally.outcome(message, well)
        {
            tracing::warn!(modem.id = %self.modem, "this modem fails too often; it rests and is set up anew");
            self.pump.tell(Command::Restart);
        }
        let outcome = outcome(answer);
        if let Some(counted) = counted
            && matches!(outcome, Outcome::NotTried(_) | Outcome::Refused { .. })
        {
            self.meter.take_back(&counted);
        }
        outcome
    }

    fn note(&self, progress: Progress<'_>) {
        match progress {
            Progress::Load { sending, held } => self.tally.hands(sending, held),
            Progress::Sent => self.tally.sent(),
            Progress::GivenUp => self.tally.failed(),
            Progress::WentWrong(error) => {
                let code = label(&error.code);
                metrics::counter!("merpati_submit_errors_total", "code" => code).increment(1);
                self.tally.went_wrong(error);
            }
        }
    }
}

async fn sleep(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(end: Option<Instant>) {
    match end {
        Some(end) if end > Instant::now() => tokio::time::sleep_until(end).await,
        _ => std::future::pending().await,
    }
}

/// Returns a code as a label of metrics. Labels are kept for ever and a modem can name any number, so those that nobody
/// knows are one.
fn label(code: &str) -> String {
    let is_known = |number: &str, all: &[Described]| {
        number.parse().is_ok_and(|number: u16| all.iter().any(|known| known.code == number))
    };
    match code.split_once('-') {
        Some(("cms", number)) if !is_known(number, CmsError::all()) => "cms-other".to_owned(),
        Some(("cme", number)) if !is_known(number, CmeError::all()) => "cme-other".to_owned(),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modem_cannot_make_up_labels() {
        for known in ["cms-38", "cms-500", "cme-14", "modem-error", "cms", "no-answer"] {
            assert_eq!(label(known), known);
        }
        for number in 10_000..20_000 {
            assert_eq!(label(&format!("cms-{number}")), "cms-other");
            assert_eq!(label(&format!("cme-{number}")), "cme-other");
        }
    }
}
