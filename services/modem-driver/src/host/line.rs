//! One modem on one port: who it is, and the tasks that serve it.
//!
//! The port is served from the first moment on; what needs to know which modem it is (lease, state,
//! control, sending, receiving) begins when the modem has said so, and anew when another one answers on
//! the port. One that never says who it is goes by its port, so that people see it and what is wrong.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::ModemId;
use contracts::modem::ModemStatus;
use dispatch::{Inbound, Sender};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::driver::Driver;
use crate::host::identity::Place;
use crate::limits::meter::Meter;
use crate::port::address;
use crate::port::candidates::Candidates;
use crate::port::handle::Handle;
use crate::port::pump::Pump;
use crate::port::said::{Said, View};
use crate::receive::Receiver;
use crate::report::balance;
use crate::report::control;
use crate::report::state::Teller;
use crate::report::tally::Tally;
use crate::send::ModemCarrier;

/// How long a modem may take to say who it is before it goes by its port.
const SAYS_WHO_WITHIN: Duration = Duration::from_secs(4);

/// Serves the modem behind `ports` until `stop`; then finishes what is in hand.
pub(crate) async fn run(
    driver: Arc<Driver>,
    ports: Candidates,
    usb_path: Option<String>,
    stop: CancellationToken,
) {
    let at = ports.first();
    let (config, _) = driver.settings.modem(&at);
    // A stick's ports have other names each time; its socket stays.
    let place = usb_path.as_ref().map_or_else(|| at.to_string(), |path| format!("usb:{path}"));
    let notes = driver.notes.port(&place, &at.to_string());
    let (pump, handle, mut incoming) = Pump::new(ports, notes, config, driver.clock);
    let pump_stop = CancellationToken::new();
    let mut pumping = JoinSet::new();
    pumping.spawn(pump.run(pump_stop.clone()));
    let who = Who { host: driver.host.clone(), usb_path };
    while !stop.is_cancelled() {
        let modem = tokio::select! {
            () = stop.cancelled() => break,
            ended = pumping.join_next() => {
                report_end(ended);
                return;
            }
            modem = who.is_it(&handle) => modem,
        };
        let provisional = !handle.view().identified;
        let session = Session::new(driver.clone(), modem, handle.clone());
        tokio::select! {
            () = session.run(&who, &mut incoming, &stop) => {}
            ended = pumping.join_next() => {
                report_end(ended);
                return;
            }
        }
        if provisional && !stop.is_cancelled() {
            // The modem has a name of its own now.
            let key = modem.to_string();
            if let Err(error) = driver.modems.delete(&key).await {
                tracing::debug!(key, "the passing name of a modem stays: {error}");
            }
        }
    }
    pump_stop.cancel();
    report_end(pumping.join_next().await);
}

fn report_end(ended: Option<Result<(), JoinError>>) {
    if let Some(Err(error)) = ended {
        tracing::error!("a modem's task broke down: {error}");
    }
}

/// How modems on this port are told apart.
struct Who {
    host: String,
    usb_path: Option<String>,
}

impl Who {
    /// Returns the modem that answers, or, when none does, its port.
    async fn is_it(&self, handle: &Handle) -> ModemId {
        let mut view = handle.view.clone();
        let identified = view.wait_for(|view| view.identified);
        // The view outlives the wait in any case.
        let _ = tokio::time::timeout(SAYS_WHO_WITHIN, identified).await;
        self.id(&handle.view())
    }

    /// Returns when another modem answers.
    async fn changes(&self, handle: &Handle, modem: ModemId) {
        let mut view = handle.view.clone();
        if view.wait_for(|view| view.identified && self.id(view) != modem).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn id(&self, view: &View) -> ModemId {
        let place = Place {
            host: self.host.clone(),
            usb_path: self.usb_path.clone(),
            port: view.port.clone(),
        };
        place.modem(view.snapshot.identity.imei.as_deref())
    }
}

/// A known modem being served.
struct Session {
    driver: Arc<Driver>,
    modem: ModemId,
    handle: Handle,
}

impl Session {
    fn new(driver: Arc<Driver>, modem: ModemId, handle: Handle) -> Self {
        Self { driver, modem, handle }
    }

    /// Runs until `stop`, or until another modem answers, or one of its tasks breaks down.
    async fn run(
        self,
        who: &Who,
        incoming: &mut mpsc::UnboundedReceiver<Said>,
        stop: &CancellationToken,
    ) {
        let Self { driver, modem, handle } = self;
        tracing::info!(modem.id = %modem, port = %handle.view().port, "serving modem {modem}");
        // First no new messages, then nothing received, then goodbye.
        let (send, receive, rest) =
            (stop.child_token(), CancellationToken::new(), CancellationToken::new());
        let port = handle.view().port.clone();
        let locked = address::is_local(&port).then(|| port.to_string());
        let (lease, keeping) = driver.dispatch.lease(modem, locked, rest.clone());
        let tally = Arc::new(Tally::new(driver.clock));
        let meter = Meter::new(driver.clone(), modem, handle.clone(), lease.clone());
        let meter = Arc::new(meter);
        let outstanding = driver.dispatch.serves(modem);
        let teller = Arc::new(Teller {
            driver: driver.clone(),
            modem,
            pump: handle.clone(),
            lease: lease.clone(),
            tally: tally.clone(),
            meter: meter.clone(),
            since: Mutex::new((ModemStatus::Starting, driver.clock.now())),
        });
        let mut background = JoinSet::new();
        background.spawn(keeping);
        background.spawn(meter.clone().run(rest.clone()));
        background.spawn(teller.clone().run(rest.clone()));
        background.spawn(control::serve(
            driver.dispatch.bus().client().clone(),
            modem,
            handle.clone(),
            teller,
            rest.clone(),
        ));
        let watch = balance::Watch {
            driver: driver.clone(),
            modem,
            pump: handle.clone(),
            lease: lease.clone(),
            tally: tally.clone(),
        };
        background.spawn(watch.run(rest.clone()));
        let mut sending = JoinSet::new();
        let carrier = ModemCarrier::new(driver.clone(), modem, handle.clone(), tally, meter);
        let sender = Sender::new(
            driver.dispatch.clone(),
            carrier,
            lease,
            outstanding.clone(),
            driver.settings.retry.clone(),
            send.clone(),
        );
        sending.spawn(sender.run());
        let inbound = Inbound::new(driver.dispatch.clone(), outstanding);
        let receiver = Receiver { driver, inbound, modem, pump: handle.clone() };
        let receiving = receiver.run(incoming, receive.clone());
        let serving = async {
            tokio::select! {
                () = stop.cancelled() => {}
                () = who.changes(&handle, modem) => {
                    tracing::info!(modem.id = %modem, "another modem answers on the port of this one");
                }
                ended = sending.join_next() => report_end(ended),
                ended = background.join_next() => report_end(ended),
            }
            send.cancel();
            while let Some(ended) = sending.join_next().await {
                report_end(Some(ended));
            }
            receive.cancel();
        };
        tokio::join!(serving, receiving);
        rest.cancel();
        while let Some(ended) = background.join_next().await {
            report_end(Some(ended));
        }
    }
}
