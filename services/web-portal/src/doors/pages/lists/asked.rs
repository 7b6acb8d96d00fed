//! What a list of messages is narrowed to, as the address of its page says it, and the form that says it.

use contracts::modem::ModemState;
use contracts::{BatchId, MtState, SimId, Timestamp, UserId};
use serde::Deserialize;
use store::{Cursor, InboxFilter, LONGEST_SEARCH, MessageFilter, Owner, Page, Search};

use super::ROWS;
use crate::acts::{modem, named};
use crate::app::App;
use crate::authority::Authority;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::hostile::Hostile;
use crate::doors::pages::parts::{Pager, days, state_words};
use crate::doors::pages::visit::Visit;
use crate::words::Words;

/// The most characters of a number, a name, an id or a day.
pub(in crate::doors::pages) const LONGEST_FIELD: usize = 200;

/// The states of messages that a modem has not had.
const WAITING: [MtState; 5] =
    [MtState::Accepted, MtState::Admitted, MtState::Held, MtState::Released, MtState::Deferred];
/// The states of messages that did not arrive.
const WENT_WRONG: [MtState; 5] = [
    MtState::Rejected,
    MtState::Cancelled,
    MtState::Expired,
    MtState::Failed,
    MtState::Undelivered,
];

/// Which page of a list, and what the list is narrowed to.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::doors::pages) struct Where {
    before: Option<String>,
    pub(in crate::doors::pages) q: String,
    /// The batch whose messages are listed; empty: those of all.
    pub(in crate::doors::pages) batch: String,
    /// States, with commas between; empty: all.
    state: String,
    /// The number on the other side.
    pub(in crate::doors::pages) number: String,
    /// The name or the id of the account whose messages they are.
    pub(in crate::doors::pages) user: String,
    sim: String,
    /// The first day and the last.
    pub(in crate::doors::pages) from: String,
    pub(in crate::doors::pages) to: String,
    /// Which conversations are listed; empty: those that are open.
    pub(in crate::doors::pages) show: String,
}

/// A filter, or in words what is wrong with what was written.
pub(super) type Narrowed<F> = Result<F, String>;

impl Where {
    /// The batch whose messages are listed.
    pub(super) fn batch(&self) -> Result<Option<BatchId>, Failure> {
        match self.batch.as_str() {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| Failure::Malformed),
        }
    }

    /// All that the list is narrowed to, as fields of an address.
    fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("q", self.q.as_str()),
            ("batch", self.batch.as_str()),
            ("state", self.state.as_str()),
            ("number", self.number.as_str()),
            ("user", self.user.as_str()),
            ("sim", self.sim.as_str()),
            ("from", self.from.as_str()),
            ("to", self.to.as_str()),
            ("show", self.show.as_str()),
        ]
    }

    /// Whether the list has less than all.
    pub(super) fn is_narrowed(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.trim().is_empty())
    }

    /// The address of this path with what is looked for, and what stands before a further field.
    fn address(&self, path: &str) -> (String, &'static str) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields().iter().filter(|(_, value)| !value.trim().is_empty()));
        match query.finish().as_str() {
            "" => (path.to_owned(), "?"),
            query => (format!("{path}?{query}"), "&"),
        }
    }

    /// The page that begins there; a place that is none is no page of ours.
    pub(in crate::doors::pages) fn page(&self) -> Result<Page, Failure> {
        let before = self.before.as_deref().map(str::parse::<Cursor>).transpose();
        Ok(Page { before: before.map_err(|_| Failure::Malformed)?, limit: ROWS })
    }

    /// The address of the same list as CSV.
    pub(super) fn csv(&self, path: &str) -> String {
        self.address(path).0
    }

    /// What is looked for, if something is.
    pub(in crate::doors::pages) fn search(&self) -> Result<Option<Search>, Failure> {
        Search::parse(&self.q).map_err(|_| Failure::TooLarge { field: "q", most: LONGEST_SEARCH })
    }

    /// Links to other pages of the list at this path.
    pub(in crate::doors::pages) fn pager(
        &self,
        w: Words,
        path: &str,
        next: Option<Cursor>,
    ) -> Pager {
        let (path, glue) = self.address(path);
        Pager { w, path, glue, first: self.before.is_none(), next }
    }

    /// Refuses what is longer than anything that is meant.
    fn check(&self) -> Result<(), Failure> {
        let short = [
            ("state", self.state.as_str()),
            ("number", self.number.as_str()),
            ("user", self.user.as_str()),
            ("sim", self.sim.as_str()),
            ("from", self.from.as_str()),
            ("to", self.to.as_str()),
        ];
        match short.iter().find(|(_, value)| value.chars().count() > LONGEST_FIELD) {
            Some((field, _)) => Err(Failure::TooLarge { field, most: LONGEST_FIELD }),
            None => Ok(()),
        }
    }

    /// The states; none: all.
    fn states(&self) -> Result<Vec<MtState>, Failure> {
        let named = |name: &str| match MtState::from_name(name.trim()) {
            MtState::Unknown => Err(Failure::Malformed),
            state => Ok(state),
        };
        self.state.split(',').filter(|name| !name.trim().is_empty()).map(named).collect()
    }

    fn sim(&self) -> Result<Option<SimId>, Failure> {
        match self.sim.trim() {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| Failure::Malformed),
        }
    }

    /// The begin of the first day and the end of the last, each none where nothing is written.
    fn days(&self, w: Words) -> Narrowed<(Option<Timestamp>, Option<Timestamp>)> {
        match days(&self.from, &self.to).ok_or_else(|| w.narrow_no_day())? {
            (Some(since), Some(until)) if since >= until => Err(w.narrow_days_turned()),
            both => Ok(both),
        }
    }

    /// The account whose messages they are; none: those of all in reach.
    async fn owner(&self, app: &App, visit: &Visit) -> Result<Narrowed<Option<UserId>>, Failure> {
        let said = self.user.trim();
        if said.is_empty() {
            return Ok(Ok(None));
        }
        let found = named::account(app, visit.authority()?, said).await?;
        Ok(match found {
            Some(id) => Ok(Some(id)),
            None => Err(visit.words.reports_no_such_user()),
        })
    }

    /// Which sent messages are listed.
    pub(super) async fn of_sent(
        &self,
        app: &App,
        visit: &Visit,
    ) -> Result<Narrowed<MessageFilter>, Failure> {
        self.check()?;
        let (since, until) = match self.days(visit.words) {
            Ok(both) => both,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let mut filter = MessageFilter {
            states: self.states()?,
            sim: self.sim()?,
            batch: self.batch()?,
            since,
            until,
            search: self.search()?,
            ..MessageFilter::default()
        };
        let number = self.number.trim();
        if !number.is_empty() {
            match app.settings.numbering.written(number) {
                Ok(to) => filter.to = Some(to),
                Err(_) => return Ok(Err(visit.words.narrow_no_number())),
            }
        }
        Ok(self.owner(app, visit).await?.map(|owner| MessageFilter { owner, ..filter }))
    }

    /// Which received messages are listed. What sends them may be a name.
    pub(super) async fn of_received(
        &self,
        app: &App,
        visit: &Visit,
    ) -> Result<Narrowed<InboxFilter>, Failure> {
        self.check()?;
        let (since, until) = match self.days(visit.words) {
            Ok(both) => both,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let number = self.number.trim();
        let filter = InboxFilter {
            sim: self.sim()?,
            from: (!number.is_empty()).then(|| app.settings.address(number)),
            since,
            until,
            search: self.search()?,
            ..InboxFilter::default()
        };
        Ok(self.owner(app, visit).await?.map(|owner| InboxFilter { owner, ..filter }))
    }
}

/// A choice of the form.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) words: Hostile,
    pub(super) is_chosen: bool,
}

/// The form that narrows a list.
pub(super) struct Narrow {
    pub(super) asked: Where,
    /// The list is that of received messages: the number is the sender's.
    pub(super) of_received: bool,
    /// The states; empty: the messages of the list have none.
    pub(super) states: Vec<Choice>,
    pub(super) sims: Vec<Choice>,
    /// Messages of several accounts may be seen.
    pub(super) several: bool,
    /// Something is chosen that is behind the fold.
    pub(super) is_open: bool,
}

impl Narrow {
    /// For the list of sent messages.
    pub(super) async fn of_sent(app: &App, w: Words, authority: &Authority, asked: &Where) -> Self {
        let several = matches!(authority.reach.owner, Owner::Anybody | Owner::Program(_));
        Self { states: states(w, &asked.state), ..Self::of(app, authority, asked, several).await }
    }

    /// For the list of received messages.
    pub(super) async fn of_received(app: &App, authority: &Authority, asked: &Where) -> Self {
        let several = matches!(authority.reach.owner, Owner::Anybody);
        Self { of_received: true, ..Self::of(app, authority, asked, several).await }
    }

    async fn of(app: &App, authority: &Authority, asked: &Where, several: bool) -> Self {
        // Who may not see modems writes no SIM either. They are in the order of the modems' names.
        let modems = modem::list(app, authority).await.unwrap_or_default();
        let choice = |modem: ModemState| {
            let sim = modem.sim?;
            let number = sim.number.map(|number| number.to_string());
            let parts = [Some(modem.name), number, modem.operator];
            let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
            let value = sim.id.to_string();
            Some(Choice { is_chosen: asked.sim == value, value, words: Hostile(words) })
        };
        let mut sims: Vec<Choice> = modems.into_iter().filter_map(choice).collect();
        // One that is in no modem stays chosen.
        if !asked.sim.is_empty() && sims.iter().all(|sim| !sim.is_chosen) {
            let (value, words) = (asked.sim.clone(), Hostile(asked.sim.clone()));
            sims.push(Choice { value, words, is_chosen: true });
        }
        let beyond = |(name, value): &(&str, &str)| {
            !matches!(*name, "q" | "batch") && !value.trim().is_empty()
        };
        let is_open = asked.fields().iter().any(beyond);
        let asked = asked.clone();
        Self { asked, of_received: false, states: Vec::new(), sims, several, is_open }
    }
}

/// The states as choices: some of them together, and each alone.
fn states(w: Words, chosen: &str) -> Vec<Choice> {
    let together = |states: &[MtState], words: String| {
        let names: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        (names.join(","), words)
    };
    let groups =
        [together(&WAITING, w.narrow_waiting()), together(&WENT_WRONG, w.narrow_went_wrong())];
    let alone =
        MtState::ALL.into_iter().map(|state| (state.as_str().to_owned(), state_words(w, state)));
    groups
        .into_iter()
        .chain(alone)
        .map(|(value, words)| Choice { is_chosen: chosen == value, value, words: Hostile(words) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_in_the_address_and_an_empty_one_is_not() {
        let all = Where {
            before: None,
            q: "halo".to_owned(),
            batch: "b".to_owned(),
            state: "sent,failed".to_owned(),
            number: "+62811".to_owned(),
            user: "ani & budi".to_owned(),
            sim: "s".to_owned(),
            from: "2026-12-01".to_owned(),
            to: "2026-12-02".to_owned(),
            show: "archived".to_owned(),
        };
        let expected = "/sent.csv?q=halo&batch=b&state=sent%2Cfailed&number=%2B62811&\
                        user=ani+%26+budi&sim=s&from=2026-12-01&to=2026-12-02&show=archived";
        assert_eq!(all.csv("/sent.csv"), expected);
        assert!(all.is_narrowed());
        let none = Where { q: "  ".to_owned(), ..Where::default() };
        assert_eq!((none.csv("/sent.csv").as_str(), none.is_narrowed()), ("/sent.csv", false));
    }

    #[test]
    fn states_are_read_and_what_is_none_is_refused() {
        let of = |state: &str| Where { state: state.to_owned(), ..Where::default() }.states();
        assert!(of("").unwrap().is_empty());
        assert_eq!(of("sent, failed,").unwrap(), [MtState::Sent, MtState::Failed]);
        assert_eq!(of("eaten"), Err(Failure::Malformed));
        let long = Where { user: "x".repeat(LONGEST_FIELD + 1), ..Where::default() };
        assert_eq!(long.check(), Err(Failure::TooLarge { field: "user", most: LONGEST_FIELD }));
    }
}
