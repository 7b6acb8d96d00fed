//! Alerts: what is wrong with the gateway is told to its operators, once when it begins and once when it is over.
//!
//! Persistence watches, because it sees most of what there is to see: how long messages wait and how they fare are questions to its
//! database, and what modems do and how full the broker is each a question to the broker. It looks each `alerts.every`, a minute:
//! some ten questions, a few milliseconds, whatever there is. What is seen ([`facts`]) and what is open go into the rules
//! ([`rules`]), which have no clock and ask nobody; what they open and close is rows, and what is told is read back from the rows
//! ([`tell`]). So of several copies one tells, and a copy that is killed leaves to the next one what it did not tell.
//!
//! Rejected: waking at each event of a modem. An alert opens when something lasted, so an event decides nothing, and whoever wants
//! the event itself is told `modem.offline`.

mod facts;
mod rules;
mod tell;

use std::time::Duration;

use bus::{Bus, PublishError};
use contracts::OrgId;
use contracts::alert::{Alert, AlertKind};
use platform::config::Alerts;
use platform::{Clock, Disk};
use store::{MOST_OPEN_ALERTS, Reach, Store, StoreError, UntoldAlert};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::outage::Outage;
use facts::Facts;
use rules::{Memory, Rules, Steps};

/// Watches the gateway.
pub(crate) struct Watcher {
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// The disk of the data folder, where database or broker are on it.
    pub(crate) disk: Option<Disk>,
    pub(crate) config: Alerts,
}

/// Why nothing was opened, closed or told this time.
#[derive(Debug, thiserror::Error)]
enum WatchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl Watcher {
    /// Until the soft shutdown. The first look is one interval from now, when the modems of this host were set up.
    pub(crate) async fn run(self, soft: CancellationToken) {
        let mut outage = Outage::new("watching for alerts");
        let mut facts = Facts::default();
        let mut memory = Memory::default();
        let mut unnoted = Vec::new();
        let rules = Rules::of(&self.config);
        let begun = Instant::now();
        loop {
            tokio::select! {
                () = soft.cancelled() => return,
                () = tokio::time::sleep(self.config.every.duration()) => {}
            }
            let looked = tokio::select! {
                // Broken off anywhere it is done again, by whoever runs next.
                () = soft.cancelled() => return,
                looked = self.look(&mut facts, &mut memory, &mut unnoted, &rules, begun.elapsed()) => looked,
            };
            match looked {
                Ok(()) => outage.over(),
                Err(error) => {
                    if outage.pause(&error, &soft).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Looks once. `now` is how long it was watched so far.
    async fn look(
        &self,
        facts: &mut Facts,
        memory: &mut Memory,
        unnoted: &mut Vec<UntoldAlert>,
        rules: &Rules,
        now: Duration,
    ) -> Result<(), WatchError> {
        let seen = facts.look(self, now).await?;
        let open = self.open().await?;
        let Steps { opened, closed } = memory.step(rules, &seen, &open, now);
        let org = OrgId::default_org();
        let at = self.clock.now();
        self.store.open_alerts(org, &opened, self.sms_a_day(), at).await?;
        self.store.close_alerts(&closed, at).await?;
        let open = if opened.is_empty() && closed.is_empty() { open } else { self.open().await? };
        count(&open);
        self.tell(facts.modems(), &open, unnoted).await
    }

    async fn open(&self) -> Result<Vec<Alert>, StoreError> {
        let everything = Reach::everything(OrgId::default_org());
        self.store.alerts(everything, false, MOST_OPEN_ALERTS).await
    }
}

/// Shows how many alerts of each kind are open.
fn count(open: &[Alert]) {
    for kind in AlertKind::ALL {
        let count = open.iter().filter(|alert| alert.kind == kind).count();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        metrics::gauge!("merpati_alerts_open", "kind" => kind.as_str()).set(f64::from(count));
    }
}
