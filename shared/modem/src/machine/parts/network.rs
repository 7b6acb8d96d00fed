//! What is known of the network: registration, operator, signal, service centre.

use at::Domain;
use at::reply::{self, Operator, Registration, RegistrationLine, Technology};

/// The domains, in the order in which the modem is asked for its registration in each.
pub(crate) const DOMAINS: [Domain; 3] = [Domain::Circuit, Domain::Packet, Domain::Eps];

/// The service centre's number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Centre {
    /// The number was not read, or cannot be: no reason not to send.
    #[default]
    Unknown,
    /// The SIM has no number, without which nothing can be sent.
    Empty,
    Known(String),
}

/// What is known of the network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Network {
    /// The registration in each domain; `None` where the modem does not answer the question.
    registrations: [Option<Registration>; 3],
    technology: Option<Technology>,
    operator: Option<String>,
    /// The signal in dBm.
    signal: Option<i16>,
    centre: Centre,
}

impl Network {
    /// The modem is set up anew, and asked again.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    fn at(domain: Domain) -> usize {
        match domain {
            Domain::Circuit => 0,
            Domain::Packet => 1,
            Domain::Eps => 2,
        }
    }

    /// Notes that the modem may have a registration in this domain, so that asking for it is worth while.
    pub(crate) fn may_have(&mut self, domain: Domain) {
        self.registrations[Self::at(domain)].get_or_insert(Registration::Unknown);
    }

    /// Whether the modem may have a registration in this domain.
    pub(crate) fn has(&self, domain: Domain) -> bool {
        self.registrations[Self::at(domain)].is_some()
    }

    /// The modem has answered the question for its registration; `None`: it has refused to.
    pub(crate) fn answered(&mut self, domain: Domain, line: Option<RegistrationLine>) {
        self.registrations[Self::at(domain)] = line.map(|line| line.registration);
        self.technology_of(line);
    }

    /// The modem has told its registration by itself.
    pub(crate) fn said(&mut self, domain: Domain, line: RegistrationLine) {
        self.registrations[Self::at(domain)] = Some(line.registration);
        self.technology_of(Some(line));
    }

    fn technology_of(&mut self, line: Option<RegistrationLine>) {
        if let Some(line) = line.filter(|line| line.registration.is_registered())
            && line.technology.is_some()
        {
            self.technology = line.technology;
        }
    }

    /// Whether the modem has told its registration in any domain.
    pub(crate) fn is_told(&self) -> bool {
        self.registrations.iter().any(Option::is_some)
    }

    /// The best registration of the three domains. SMS goes through any of them (6 and 7 count as registered); a
    /// modem that answers none of the questions is taken to be registered, and says otherwise when it is to send.
    pub(crate) fn registration(&self) -> Registration {
        let known: Vec<_> = self.registrations.iter().flatten().copied().collect();
        if known.is_empty() {
            return Registration::Home;
        }
        [
            Registration::Home,
            Registration::Roaming,
            Registration::Searching,
            Registration::Denied,
            Registration::Emergency,
            Registration::Idle,
        ]
        .into_iter()
        .find(|wanted| known.contains(wanted))
        .unwrap_or(Registration::Unknown)
    }

    /// The answer to `AT+COPS?`; `None` when it was refused.
    pub(crate) fn operator_read(&mut self, value: Option<&str>) {
        let operator = value.and_then(Operator::parse);
        if let Some(technology) = operator.as_ref().and_then(|operator| operator.technology) {
            self.technology = Some(technology);
        }
        self.operator = operator.map(|operator| operator.name);
    }

    /// The answer to `AT+CSCA?`; `None` when it was refused.
    pub(crate) fn centre_read(&mut self, value: Option<&str>) {
        self.centre = match value {
            None => Centre::Unknown,
            Some(value) => reply::service_centre(value).map_or(Centre::Empty, Centre::Known),
        };
    }

    /// The service centre's number.
    pub(crate) fn centre(&self) -> Option<&str> {
        match &self.centre {
            Centre::Known(number) => Some(number),
            Centre::Unknown | Centre::Empty => None,
        }
    }

    /// Whether the SIM has no number for the service centre.
    pub(crate) fn lacks_centre(&self) -> bool {
        self.centre == Centre::Empty
    }

    /// The network's name.
    pub(crate) fn operator(&self) -> Option<&str> {
        self.operator.as_deref()
    }

    pub(crate) fn technology(&self) -> Option<&'static str> {
        self.technology.map(Technology::as_str)
    }

    pub(crate) fn set_technology(&mut self, technology: Technology) {
        self.technology = Some(technology);
    }

    /// The signal in dBm.
    pub(crate) fn signal(&self) -> Option<i16> {
        self.signal
    }

    pub(crate) fn set_signal(&mut self, dbm: Option<i16>) {
        self.signal = dbm;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_registration_counts() {
        let mut network = Network::default();
        assert_eq!(network.registration(), Registration::Home);
        network.answered(Domain::Circuit, RegistrationLine::parse("2,3"));
        assert_eq!(network.registration(), Registration::Denied);
        network.answered(Domain::Eps, RegistrationLine::parse("2,7"));
        assert_eq!(network.registration(), Registration::Roaming);
        network.answered(Domain::Packet, None);
        assert!(!network.has(Domain::Packet));
    }

    #[test]
    fn an_unread_centre_is_not_an_empty_one() {
        let mut network = Network::default();
        network.centre_read(None);
        assert!(!network.lacks_centre());
        network.centre_read(Some("\"\",129"));
        assert!(network.lacks_centre());
        network.centre_read(Some("\"+62816124\",145"));
        assert_eq!(network.centre(), Some("+62816124"));
    }
}
