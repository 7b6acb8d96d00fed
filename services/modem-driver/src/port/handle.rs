//! A pump as the rest of the driver sees it: what can be asked of its modem, and how the modem is.

use std::sync::Arc;
use std::time::Duration;

use contracts::control::SerialLine;
use modem::{NotSent, Outcome, Receipt, RequestError, Submission, Uncertain, UssdText};
use tokio::sync::{mpsc, oneshot, watch};

use crate::port::said::View;

/// What is asked of a modem.
pub(crate) enum Command {
    /// Send a TPDU.
    Submit(Submission, oneshot::Sender<Outcome>),
    /// A received message is kept.
    Stored(Receipt),
    /// A received message could not be kept.
    Refused(Receipt),
    /// Dial a USSD code.
    Ussd(String, oneshot::Sender<Result<UssdText, RequestError>>),
    /// An AT command.
    At(String, oneshot::Sender<Result<Vec<String>, RequestError>>),
    /// The SIM's PIN.
    Pin(String),
    /// The SIM's own number; `None` for the one that the configuration or the SIM has.
    Number(Option<String>),
    /// The service centre's number; `None` for the one that the configuration or the SIM has.
    Centre(Option<String>),
    /// Switch flight mode on or off.
    FlightMode(bool),
    /// Set the modem up anew.
    Restart,
    /// Switch the modem off and on.
    Reset,
    /// Say what went over the line last.
    Lines(oneshot::Sender<Vec<SerialLine>>),
    /// Write down what goes over the line.
    Trace(Duration, oneshot::Sender<String>),
}

/// A pump as others see it. Clones are handles of the same pump.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    /// Whether the modem takes a message.
    pub(crate) ready: watch::Receiver<bool>,
    /// What the modem is and how it is doing.
    pub(crate) view: watch::Receiver<Arc<View>>,
    /// The number of messages for sending that were found in the modem's memory and not looked at yet.
    pub(crate) found: watch::Sender<usize>,
}

impl Handle {
    /// Returns a handle by which a pump hears `commands`.
    pub(crate) fn new(
        commands: mpsc::UnboundedSender<Command>,
        ready: watch::Receiver<bool>,
        view: watch::Receiver<Arc<View>>,
        found: watch::Sender<usize>,
    ) -> Self {
        Self { commands, ready, view, found }
    }

    /// Sends a TPDU; the answer may take minutes. A pump that is gone may have written it.
    pub(crate) async fn submit(&self, submission: Submission) -> Outcome {
        let (answer, answered) = oneshot::channel();
        if self.commands.send(Command::Submit(submission, answer)).is_err() {
            return Outcome::NotSent(NotSent::PortLost);
        }
        answered.await.unwrap_or(Outcome::Uncertain(Uncertain::PortLost))
    }

    /// Asks for something whose answer comes by itself or not at all.
    pub(crate) fn tell(&self, command: Command) {
        // A pump that is gone has lost its port, and with it what this was about.
        let _ = self.commands.send(command);
    }

    /// Returns how the modem is now.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.borrow())
    }
}
