//! Which modems of many somebody looks for, and in which order they stand.

use std::collections::BTreeSet;

use contracts::PoolId;
use contracts::modem::{ModemState, ModemStatus};
use serde::Deserialize;

use crate::words::Words;

/// The most characters of the words that are looked for; more are not looked at.
const LONGEST: usize = 100;

/// The fields as the address has them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::doors::pages) struct Query {
    state: String,
    pool: String,
    q: String,
}

/// How a modem is, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Any,
    /// It needs a person.
    Attention,
    Online,
    Away,
    Disabled,
}

impl Standing {
    const ALL: [Self; 5] = [Self::Any, Self::Attention, Self::Online, Self::Away, Self::Disabled];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Attention => "attention",
            Self::Online => "online",
            Self::Away => "away",
            Self::Disabled => "disabled",
        }
    }

    fn words(self, w: Words) -> String {
        match self {
            Self::Any => w.modems_any(),
            Self::Attention => w.modems_attention(),
            Self::Online => w.modems_are_online(),
            Self::Away => w.modem_offline(),
            Self::Disabled => w.modem_disabled(),
        }
    }

    const fn takes(self, modem: &ModemState) -> bool {
        match self {
            Self::Any => true,
            Self::Attention => urgency(modem).is_some(),
            Self::Online => modem.status.is_online(),
            Self::Away => matches!(modem.status, ModemStatus::Offline),
            Self::Disabled => matches!(modem.status, ModemStatus::Disabled),
        }
    }
}

/// How soon a modem needs a person, less is sooner; none: it needs nobody.
pub(in crate::doors::pages) const fn urgency(modem: &ModemState) -> Option<u8> {
    match modem.status {
        ModemStatus::Blocked => Some(0),
        ModemStatus::Degraded => Some(1),
        ModemStatus::Offline => Some(2),
        _ => None,
    }
}

/// Something to choose.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) chosen: bool,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Sought {
    standing: Standing,
    pool: Option<PoolId>,
    words: String,
}

impl Sought {
    /// None: a field says what it cannot say.
    pub(super) fn read(query: &Query) -> Option<Self> {
        let standing = Standing::ALL.into_iter().find(|one| one.as_str() == query.state)?;
        let pool = match query.pool.as_str() {
            "" => None,
            pool => Some(pool.parse().ok()?),
        };
        let words = query.q.trim().chars().take(LONGEST).collect();
        Some(Self { standing, pool, words })
    }

    /// All of which these words are said.
    pub(super) fn of_words(words: &str) -> Self {
        let words = words.trim().chars().take(LONGEST).collect();
        Self { standing: Standing::Any, pool: None, words }
    }

    /// Whether every modem is looked for.
    pub(super) fn is_all(&self) -> bool {
        self.standing == Standing::Any && self.pool.is_none() && self.words.is_empty()
    }

    /// The words that are looked for.
    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// Whether a modem is one of them: the words are part of its name, its number, its port, its host or its network, whatever their
    /// case.
    pub(super) fn takes(&self, modem: &ModemState) -> bool {
        let in_pool = self.pool.as_ref().is_none_or(|pool| modem.pools.contains(pool));
        self.standing.takes(modem) && in_pool && self.is_said_of(modem)
    }

    fn is_said_of(&self, modem: &ModemState) -> bool {
        let wanted = self.words.to_lowercase();
        let number = modem.sim.as_ref().and_then(|sim| sim.number.as_ref());
        let number = number.map(ToString::to_string).unwrap_or_default();
        let network = modem.operator.as_deref().unwrap_or_default();
        let texts = [&*modem.name, &*number, &*modem.port, &*modem.host, network];
        texts.iter().any(|text| text.to_lowercase().contains(&wanted))
    }

    /// The states to choose from.
    pub(super) fn states(&self, w: Words) -> Vec<Choice> {
        let choice = |one: Standing| Choice {
            value: one.as_str().to_owned(),
            name: one.words(w),
            chosen: one == self.standing,
        };
        Standing::ALL.map(choice).into()
    }

    /// The pools to choose from.
    pub(super) fn pools(&self, w: Words, pools: &BTreeSet<PoolId>) -> Vec<Choice> {
        let any =
            Choice { value: String::new(), name: w.modems_any_pool(), chosen: self.pool.is_none() };
        let choices = pools.iter().map(|pool| Choice {
            value: pool.to_string(),
            name: pool.to_string(),
            chosen: self.pool.as_ref() == Some(pool),
        });
        std::iter::once(any).chain(choices).collect()
    }
}

#[cfg(test)]
mod tests {
    use contracts::{ModemId, Timestamp};
    use serde_json::json;

    use super::*;

    fn modem(name: &str, status: &str, pool: &str) -> ModemState {
        let at = Timestamp::from_micros(0);
        let state = json!({
            "id": ModemId::derived(name), "name": name, "port": "/dev/ttyUSB0", "host": "box",
            "status": status, "text": "", "pools": [pool], "since": at, "seen_at": at,
        });
        serde_json::from_value(state).unwrap()
    }

    fn sought(state: &str, pool: &str, q: &str) -> Option<Sought> {
        Sought::read(&Query { state: state.to_owned(), pool: pool.to_owned(), q: q.to_owned() })
    }

    #[test]
    fn modems_are_found_by_state_pool_and_words() {
        let modems = [
            modem("Attic", "ready", "x"),
            modem("cellar", "blocked", "x"),
            modem("c", "offline", "y"),
        ];
        for (state, pool, q, found) in [
            ("", "", "", vec!["Attic", "cellar", "c"]),
            ("attention", "", "", vec!["cellar", "c"]),
            ("online", "", "", vec!["Attic"]),
            ("away", "", "", vec!["c"]),
            ("disabled", "", "", vec![]),
            ("", "x", "", vec!["Attic", "cellar"]),
            ("attention", "x", "CELL", vec!["cellar"]),
            ("", "", "ttyusb0", vec!["Attic", "cellar", "c"]),
            ("", "", "elsewhere", vec![]),
        ] {
            let sought = sought(state, pool, q).unwrap();
            let names = modems.iter().filter(|modem| sought.takes(modem)).map(|modem| &*modem.name);
            assert_eq!(names.collect::<Vec<_>>(), found, "{state} {pool} {q}");
        }
        assert!(sought("sleepy", "", "").is_none() && sought("", "a pool", "").is_none());
        let long = sought("", "", &"x".repeat(1_000)).unwrap();
        assert_eq!(long.words().len(), LONGEST);
    }

    #[test]
    fn who_needs_a_person_comes_first() {
        let mut modems = [
            modem("a", "ready", "x"),
            modem("b", "offline", "x"),
            modem("c", "degraded", "x"),
            modem("d", "blocked", "x"),
        ];
        modems.sort_by_key(|modem| urgency(modem).unwrap_or(u8::MAX));
        let names: String = modems.iter().map(|modem| &*modem.name).collect();
        assert_eq!(names, "dcba");
    }
}
