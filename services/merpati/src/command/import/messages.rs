//! Messages on their way to the history, some hundred in a request.

use std::collections::HashMap;

use api::{HistoryMade, NewHistory, PastReceived, PastSent};

use super::report::{Count, Report};
use crate::client::Client;

/// The most messages of one request.
const AT_ONCE: usize = 500;
/// The most characters of the texts of one request, well within the largest body.
const TEXTS: usize = 200_000;
/// The most bytes of what a message is known by.
const SOURCE: usize = 90;

/// What is counted.
pub(super) const SENT: &str = "sent messages";
pub(super) const RECEIVED: &str = "received messages";

/// See the module.
pub(super) struct Messages<'a> {
    client: &'a Client,
    /// The gateway that they come from.
    from: &'static str,
    history: NewHistory,
    /// Where each stands, by its source.
    places: HashMap<String, String>,
    texts: usize,
}

impl<'a> Messages<'a> {
    /// None yet.
    pub(super) fn of(client: &'a Client, from: &'static str) -> Self {
        Self { client, from, history: NewHistory::default(), places: HashMap::new(), texts: 0 }
    }

    /// Adds one that was to be sent.
    pub(super) async fn sent(
        &mut self,
        place: &impl ToString,
        mut one: PastSent,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        one.source.truncate(one.source.floor_char_boundary(SOURCE));
        self.note(place, &one.source, &one.text);
        self.history.sent.push(one);
        self.bring_if_full(report).await
    }

    /// Adds one that was received.
    pub(super) async fn received(
        &mut self,
        place: &impl ToString,
        mut one: PastReceived,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        one.source.truncate(one.source.floor_char_boundary(SOURCE));
        self.note(place, &one.source, &one.text);
        self.history.received.push(one);
        self.bring_if_full(report).await
    }

    fn note(&mut self, place: &impl ToString, source: &str, text: &str) {
        self.texts += text.chars().count();
        self.places.insert(source.to_owned(), place.to_string());
    }

    async fn bring_if_full(&mut self, report: &mut Report) -> anyhow::Result<()> {
        let most = self.history.sent.len().max(self.history.received.len());
        if most >= AT_ONCE || self.texts >= TEXTS { self.bring(report).await } else { Ok(()) }
    }

    /// Brings those that were added.
    pub(super) async fn bring(&mut self, report: &mut Report) -> anyhow::Result<()> {
        self.texts = 0;
        let places = std::mem::take(&mut self.places);
        let NewHistory { sent, received, .. } = std::mem::take(&mut self.history);
        // Apart, so that it is known what was made of which.
        for (what, sent, received) in [(SENT, sent, Vec::new()), (RECEIVED, Vec::new(), received)] {
            if sent.is_empty() && received.is_empty() {
                continue;
            }
            let new = NewHistory { from: self.from.to_owned(), sent, received };
            let done = self.client.post::<HistoryMade>("/history", &new).await?.into_read();
            let count = count(report, what);
            count.made += done.made;
            count.there += done.there;
            count.refused += u64::try_from(done.refused.len()).unwrap_or(u64::MAX);
            for refused in done.refused {
                if let Some(place) = places.get(&refused.source) {
                    let words = format!("the message is not carried over: {}", refused.error);
                    report.remark(place, &words);
                }
            }
        }
        Ok(())
    }
}

/// The line of the report that counts things of one kind.
pub(super) fn count<'a>(report: &'a mut Report, what: &'static str) -> &'a mut Count {
    let at = report.counts.iter().position(|count| count.what == what);
    let at = at.unwrap_or_else(|| {
        report.counts.push(Count::of(what));
        report.counts.len() - 1
    });
    &mut report.counts[at]
}
