//! Which port a modem is talked to through.
//!
//! A named port is that port; on a real line its speed may have to be found, so each opening that
//! brought no answer is followed by one at another speed. A USB stick shows several ports, of which
//! only some take commands: all are asked `AT` at once, and of those that answer the one is taken that
//! the list of models names first, else the lowest.

use std::time::Duration;

use bytes::BytesMut;
use futures_util::future::{BoxFuture, join_all};
use modem::Models;
use platform::config::PortAddress;

use crate::host::usb::{Roots, Stick, StickPort};
use crate::port::serial::OpenError;
use crate::port::wire::Port;

/// The speeds of real lines, the most usual first.
const SPEEDS: [u32; 6] = [115_200, 9_600, 460_800, 57_600, 38_400, 19_200];
/// How long a port of a stick may take to answer `AT`.
const ANSWERS_WITHIN: Duration = Duration::from_millis(1_500);

/// The ports that a modem may be talked to through.
#[derive(Debug, Clone)]
pub(crate) enum Candidates {
    /// The port that a person named.
    Named {
        /// The port.
        at: PortAddress,
        /// The speed a person named.
        baud: Option<u32>,
        /// The index of the speed that is tried now.
        speed: usize,
    },
    /// The ports of a stick.
    Stick {
        /// The stick.
        stick: Stick,
        /// The stick's ports, the likeliest first.
        likely: Vec<StickPort>,
        /// Where the kernel shows devices.
        roots: Roots,
    },
}

/// An open port.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The port, ready to be read and written.
    pub(crate) port: Port,
    /// Where the port is.
    pub(crate) at: PortAddress,
}

impl Candidates {
    /// Returns the port that a person named.
    pub(crate) fn named(at: PortAddress, baud: Option<u32>) -> Self {
        Self::Named { at, baud, speed: 0 }
    }

    /// Returns the ports of a stick.
    pub(crate) fn of_stick(stick: Stick, roots: Roots, models: &Models) -> Self {
        let id = |number: u16| format!("{number:04x}");
        let known = models.command_interfaces(&id(stick.vendor), &id(stick.product));
        let known = known.unwrap_or_default();
        let mut likely = stick.ports.clone();
        likely.sort_by_key(|port| {
            let rank = known.iter().position(|interface| *interface == port.interface);
            (rank.unwrap_or(known.len()), port.interface)
        });
        Self::Stick { stick, likely, roots }
    }

    /// Returns the port that is tried first.
    pub(crate) fn first(&self) -> PortAddress {
        match self {
            Self::Named { at, .. } => at.clone(),
            Self::Stick { likely, stick, .. } => PortAddress::Device(
                likely.first().map_or_else(|| stick.path.clone().into(), |port| port.path.clone()),
            ),
        }
    }

    /// Opens the likeliest port, or, after a modem that never answered, a port at another speed.
    pub(crate) fn open(
        &mut self,
        try_other: bool,
    ) -> BoxFuture<'static, Result<Opened, OpenError>> {
        match self {
            Self::Named { at, baud, speed } => {
                if try_other {
                    *speed = (*speed + 1) % SPEEDS.len();
                }
                let (at, baud) = (at.clone(), baud.unwrap_or(SPEEDS[*speed]));
                Box::pin(async move {
                    let port = Port::open(&at, baud).await?;
                    Ok(Opened { port, at })
                })
            }
            Self::Stick { likely, .. } => Box::pin(choose(likely.clone())),
        }
    }

    /// Remembers the port that the modem answered on, so that it goes first the next time.
    pub(crate) fn remember(&mut self, opened: &Opened) {
        if let (Self::Stick { likely, .. }, PortAddress::Device(path)) = (self, &opened.at)
            && let Some(index) = likely.iter().position(|port| port.path == *path)
        {
            likely[..=index].rotate_right(1);
        }
    }

    /// Cuts the power of a USB stick, where we may.
    pub(crate) fn power_cycle(&self) {
        if let Self::Stick { stick, roots, .. } = self {
            crate::host::usb::reauthorize(roots, &stick.path);
        }
    }
}

/// Opens the first of the likely ports that answers, all being asked at once.
async fn choose(likely: Vec<StickPort>) -> Result<Opened, OpenError> {
    let asked = likely.into_iter().map(|port| async move {
        let at = PortAddress::Device(port.path);
        let mut port = Port::open(&at, SPEEDS[0]).await?;
        let answers = answers(&mut port).await;
        Ok((Opened { port, at }, answers))
    });
    let mut silent = None;
    let mut worst = None;
    for result in join_all(asked).await {
        match result {
            Ok((opened, true)) => return Ok(opened),
            Ok((opened, false)) => silent = silent.or(Some(opened)),
            Err(error) => worst = worst.or(Some(error)),
        }
    }
    // None answers: the likeliest is left to the modem's own ways of waking up.
    silent.ok_or_else(|| worst.unwrap_or(OpenError::NoAnswer("the modem".to_owned())))
}

async fn answers(port: &mut Port) -> bool {
    let (mut input, mut output) = (Vec::new(), BytesMut::from("\x1bAT\r"));
    let ask = async {
        while !input.windows(2).any(|pair| pair == b"OK") {
            if port.exchange(&mut input, &mut output).await.is_err() {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(ANSWERS_WITHIN, ask).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stick(product: u16) -> Stick {
        let port =
            |interface: u8| StickPort { path: format!("/dev/ttyUSB{interface}").into(), interface };
        Stick {
            path: "1-1".to_owned(),
            vendor: 0x2c7c,
            product,
            name: String::new(),
            ports: (0..4).map(port).collect(),
        }
    }

    #[test]
    fn the_list_of_models_says_where_to_begin() {
        let models = Models::built_in();
        // Quectel EC25: interface 2 takes commands.
        let mut ports = Candidates::of_stick(stick(0x0125), Roots::default(), &models);
        assert_eq!(ports.first().to_string(), "/dev/ttyUSB2");
        let Candidates::Stick { likely, .. } = &mut ports else { panic!("no stick") };
        let order: Vec<u8> = likely.iter().map(|port| port.interface).collect();
        assert_eq!(order, [2, 3, 0, 1]);
    }

    #[test]
    fn another_speed_follows_silence() {
        let mut ports = Candidates::named("/dev/ttyS0".parse().unwrap(), None);
        drop(ports.open(true));
        assert!(matches!(ports, Candidates::Named { speed: 1, .. }));
        drop(ports.open(false));
        assert!(matches!(ports, Candidates::Named { speed: 1, .. }));
    }
}
