//! The network's record against the database's.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use contracts::{MtState, OrgId};
use store::{InboxFilter, MessageDetail, Page, Reach, Store};
use tokio::time::{Instant, sleep};

use crate::load::{Accepted, Asked};
use crate::world::World;

/// How long everything may take to come to its end when nothing is killed any more: a broker that was killed delivers again
/// after 30 s, a try that failed is made again after up to a minute.
pub(crate) const PATIENCE: Duration = Duration::from_mins(4);

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Messages that were accepted.
    pub(crate) accepted: usize,
    /// Those that went out and of which the report came.
    pub(crate) delivered: usize,
    /// Those that did not go out, of which it is said that nobody knows.
    pub(crate) uncertain: usize,
    /// Texts that were received.
    pub(crate) received: usize,
    /// Not gone out, and not said to be uncertain.
    pub(crate) lost: Vec<String>,
    /// Gone out more than once.
    pub(crate) doubled: Vec<String>,
    /// Gone out, and no report came.
    pub(crate) unreported: Vec<String>,
    /// The state says something else than the network.
    pub(crate) wrong: Vec<String>,
    /// Texts that were not received, or not once.
    pub(crate) misreceived: Vec<String>,
}

impl Found {
    pub(crate) fn is_good(&self) -> bool {
        [&self.lost, &self.doubled, &self.unreported, &self.wrong, &self.misreceived]
            .iter()
            .all(|list| list.is_empty())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} accepted: {} delivered, {} told to be uncertain, {} lost, {} doubled, {} without report, \
             {} in a wrong state; {} received, {} not or twice",
            self.accepted,
            self.delivered,
            self.uncertain,
            self.lost.len(),
            self.doubled.len(),
            self.unreported.len(),
            self.wrong.len(),
            self.received,
            self.misreceived.len()
        )
    }
}

/// Compares as soon as nothing is wrong any more, or when the patience is over.
pub(crate) async fn find(world: &mut World, asked: &Asked) -> Found {
    let until = Instant::now() + PATIENCE;
    loop {
        world.revive();
        if let Ok(store) = Store::open(&world.database()).await {
            let found = compare(world, asked, &store).await;
            store.close().await;
            if let Ok(found) = found
                && (found.is_good() || Instant::now() >= until)
            {
                return found;
            }
        }
        assert!(Instant::now() < until + PATIENCE, "the database does not answer");
        sleep(Duration::from_secs(2)).await;
    }
}

async fn compare(world: &World, asked: &Asked, store: &Store) -> Result<Found, store::StoreError> {
    // How often each part of a message to a number went out.
    let mut out: HashMap<String, BTreeMap<u8, usize>> = HashMap::new();
    for sent in world.network().sent() {
        let part = sent.submit.concat().map_or(1, |concat| concat.sequence);
        *out.entry(sent.to()).or_default().entry(part).or_default() += 1;
    }
    let mut found = Found { accepted: asked.sent.len(), ..Found::default() };
    for message in &asked.sent {
        let parts = out.remove(&message.to).unwrap_or_default();
        judge(&mut found, message, &parts, store).await?;
    }
    // Of these no acceptance was heard, and all were asked for until there was one.
    found.wrong.extend(out.into_keys().map(|to| format!("{to} got something nobody sent")));
    receive(&mut found, asked, store).await?;
    Ok(found)
}

async fn judge(
    found: &mut Found,
    message: &Accepted,
    parts: &BTreeMap<u8, usize>,
    store: &Store,
) -> Result<(), store::StoreError> {
    let reach = Reach::everything(OrgId::default_org());
    let id = message.id.parse().unwrap();
    let Some(detail) = store.message_detail(reach, id).await? else {
        found.lost.push(format!("{id}: there is no row"));
        return Ok(());
    };
    let state = detail.message.state;
    let told = || format!("{id} to {}, {state}, out {parts:?}{}", message.to, story(&detail));
    let whole = parts.len() == message.parts;
    if parts.values().any(|times| *times > 1) {
        found.doubled.push(told());
    }
    match (whole, state) {
        (true, MtState::Delivered) => found.delivered += 1,
        (true, MtState::Sent | MtState::Uncertain) => found.unreported.push(told()),
        (false, MtState::Uncertain) => found.uncertain += 1,
        (false, MtState::Sent | MtState::Delivered | MtState::Undelivered) | (true, _) => {
            found.wrong.push(told());
        }
        (false, _) => found.lost.push(told()),
    }
    Ok(())
}

/// What happened to a message.
pub(crate) fn story(detail: &MessageDetail) -> String {
    let lines = detail.timeline.iter().map(|line| format!("{} {}", line.at, line.change));
    format!(": {:?}", lines.collect::<Vec<_>>())
}

async fn receive(found: &mut Found, asked: &Asked, store: &Store) -> Result<(), store::StoreError> {
    let reach = Reach::everything(OrgId::default_org());
    let mut texts: HashMap<String, usize> = HashMap::new();
    let mut page = Page { before: None, limit: 500 };
    loop {
        let read = store.inbox(reach, &InboxFilter::default(), page).await?;
        for message in read.messages {
            found.received += 1;
            let text = message.text.clone().unwrap_or_else(|| format!("{}: data", message.id));
            *texts.entry(text).or_default() += 1;
        }
        let Some(next) = read.next else { break };
        page.before = Some(next);
    }
    for text in &asked.written {
        match texts.remove(text) {
            Some(1) => {}
            times => found.misreceived.push(format!("{times:?} times: {text}")),
        }
    }
    found.misreceived.extend(texts.into_keys().map(|text| format!("nobody wrote: {text}")));
    Ok(())
}
