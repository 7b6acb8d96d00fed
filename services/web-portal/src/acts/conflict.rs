//! Keyword services that could take one message in the same way, of which only the first does.

use std::fmt;

use contracts::ServiceId;
use keyword::rule::may_overlap;
use store::Service;

use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// The most conflicts of one service that are named.
const MOST: usize = 20;

/// Another service that could take what this one takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// Its id.
    pub(crate) service: ServiceId,
    /// What it is called.
    pub(crate) name: String,
    /// What both have.
    pub(crate) both: Both,
}

/// What two services have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Both {
    /// This keyword.
    Keyword(String),
    /// The expression.
    Match,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.both {
            Both::Keyword(word) => write!(
                f,
                "The service '{name}' has the keyword '{word}' too: where both may read a message, the older one takes it."
            ),
            Both::Match => write!(
                f,
                "The service '{name}' has the same expression: where both may read a message, the one with the lower \
                 place takes it, and of equal ones the older."
            ),
        }
    }
}

/// Those of a service, as far as the services of others are seen.
pub(crate) async fn of(
    app: &App,
    authority: &Authority,
    service: &Service,
) -> Result<Vec<Conflict>, store::StoreError> {
    if authority.must(Power::ServicesRead).is_err() {
        return Ok(Vec::new());
    }
    Ok(among(service, &app.store.services(authority.reach).await?))
}

fn among(service: &Service, all: &[Service]) -> Vec<Conflict> {
    let others = all.iter().filter(|other| {
        other.id != service.id
            && other.org == service.org
            && may_overlap(&other.rule, &service.rule)
    });
    let conflicts = others.filter_map(|other| {
        let both = match (&service.rule.pattern, &other.rule.pattern) {
            (Some(own), Some(pattern)) if own == pattern => Both::Match,
            (None, None) => {
                let word = service.keywords.iter().find(|word| other.keywords.contains(word))?;
                Both::Keyword(word.clone())
            }
            _ => return None,
        };
        Some(Conflict { service: other.id, name: other.name.clone(), both })
    });
    conflicts.take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use contracts::{OrgId, SimId, Timestamp, UserId};
    use store::{ServiceAction, ServiceRule};

    use super::*;

    fn service(name: &str, keywords: &[&str], rule: ServiceRule) -> Service {
        Service {
            id: ServiceId::derived(name),
            org: OrgId::default_org(),
            owner: UserId::internal(),
            name: name.to_owned(),
            keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
            rule,
            action: ServiceAction::Reply("Halo".to_owned()),
            reply_with_body: false,
            max_messages: 1,
            omit_empty: false,
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn what_takes_the_same_is_named() {
        let of = |pattern: &str, sim: Option<&str>| ServiceRule {
            pattern: Some(pattern.to_owned()),
            sim: sim.map(SimId::derived),
            ..ServiceRule::default()
        };
        let all = [
            service("a", &["info", "jam"], ServiceRule::default()),
            service("b", &["harga", "jam"], ServiceRule::default()),
            service("c", &[], of("x", Some("one"))),
            service("d", &[], of("x", None)),
            service("e", &[], of("x", Some("two"))),
            service("f", &[], of("info", None)),
        ];
        let named = |index: usize| {
            let conflicts = among(&all[index], &all);
            conflicts.into_iter().map(|one| (one.name, one.both)).collect::<Vec<_>>()
        };
        assert_eq!(named(0), [("b".to_owned(), Both::Keyword("jam".to_owned()))]);
        assert_eq!(named(2), [("d".to_owned(), Both::Match)]);
        assert_eq!(named(3).len(), 2);
        assert_eq!(named(5), []);
        let many: Vec<_> = (0..=MOST)
            .map(|n| service(&n.to_string(), &["info"], ServiceRule::default()))
            .collect();
        assert_eq!(among(&all[0], &many).len(), MOST);
    }
}
