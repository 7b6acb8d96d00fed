//! What is known of the network: registration, operator, signal, service centre.

use at::Domain;
use at::reply::{self, Operator, Registration, RegistrationLine, Technology};

/// In the order in which they are asked.
pub(crate) const DOMAINS: [Domain; 3] = [Domain::Circuit, Domain::Packet, Domain::Eps];

/// The service centre's number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Centre {
    /// Not read, or not to be read: no reason not to send.
    #[default]
    Unknown,
    Empty,
    Known(String),
}

/// What is known of the network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Network {
    /// `None` where the modem does not answer the question.
    registrations: [Option<Registration>; 3],
    pub(crate) technology: Option<Technology>,
    pub(crate) operator: Option<String>,
    pub(crate) signal: Option<i16>,
    centre: Centre,
}

impl Network {
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

    /// The question is worth asking.
    pub(crate) fn may_have(&mut self, domain: Domain) {
        self.registrations[Self::at(domain)].get_or_insert(Registration::Unknown);
    }

    pub(crate) fn has(&self, domain: Domain) -> bool {
        self.registrations[Self::at(domain)].is_some()
    }

    /// The answer to the question; `None` when it was refused.
    pub(crate) fn answered(&mut self, domain: Domain, line: Option<RegistrationLine>) {
        self.registrations[Self::at(domain)] = line.map(|line| line.registration);
        self.technology_of(line);
    }

    /// An unsolicited line.
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

    /// The modem has answered one of the questions, or has said so by itself.
    pub(crate) fn is_told(&self) -> bool {
        self.registrations.iter().any(Option::is_some)
    }

    /// The best of the three. SMS goes through any of them (6 and 7 count as registered); a modem that
    /// answers none of the questions is taken to be registered, and says otherwise when it is to send.
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

    pub(crate) fn operator_read(&mut self, value: Option<&str>) {
        let operator = value.and_then(Operator::parse);
        if let Some(technology) = operator.as_ref().and_then(|operator| operator.technology) {
            self.technology = Some(technology);
        }
        self.operator = operator.map(|operator| operator.name);
    }

    /// `None` when it could not be read.
    pub(crate) fn centre_read(&mut self, value: Option<&str>) {
        self.centre = match value {
            None => Centre::Unknown,
            Some(value) => reply::service_centre(value).map_or(Centre::Empty, Centre::Known),
        };
    }

    pub(crate) fn centre(&self) -> Option<&str> {
        match &self.centre {
            Centre::Known(number) => Some(number),
            Centre::Unknown | Centre::Empty => None,
        }
    }

    pub(crate) fn lacks_centre(&self) -> bool {
        self.centre == Centre::Empty
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
