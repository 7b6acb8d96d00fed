//! Messages that another gateway had not sent yet. Each is kept in the history first, as one that was taken back there, and is
//! sent again from there, which is done once however often it is asked for: so a run that was ended goes on, and another one
//! sends nothing twice.

use std::collections::HashMap;

use api::{Acceptance, HistoryMade, NewHistory, PastSent};
use serde_json::json;

use super::messages::count;
use super::report::Report;
use crate::client::{Client, ClientError};

/// What is counted.
pub(super) const WAITING: &str = "waiting messages";
/// The most messages of one request.
const AT_ONCE: usize = 200;

/// See the module.
pub(super) struct Waiting<'a> {
    client: &'a Client,
    /// The gateway that they come from.
    from: &'static str,
    /// Each with where it stands.
    all: Vec<(String, PastSent)>,
}

impl<'a> Waiting<'a> {
    /// None yet.
    pub(super) fn of(client: &'a Client, from: &'static str) -> Self {
        Self { client, from, all: Vec::new() }
    }

    /// Adds one.
    pub(super) async fn add(
        &mut self,
        place: &impl ToString,
        one: PastSent,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        self.all.push((place.to_string(), one));
        if self.all.len() >= AT_ONCE { self.send(report).await } else { Ok(()) }
    }

    /// Sends those that were added.
    pub(super) async fn send(&mut self, report: &mut Report) -> anyhow::Result<()> {
        if self.all.is_empty() {
            return Ok(());
        }
        let all = std::mem::take(&mut self.all);
        let places = all.iter().map(|(place, one)| (one.source.clone(), place.clone()));
        let places: HashMap<String, String> = places.collect();
        let place = |source: &str| places.get(source).map_or("", String::as_str);
        let new = NewHistory {
            from: self.from.to_owned(),
            sent: all.into_iter().map(|(_, one)| one).collect(),
            ..NewHistory::default()
        };
        let done = self.client.post::<HistoryMade>("/history", &new).await?.into_read();
        for refused in done.refused {
            count(report, WAITING).refused += 1;
            let words = format!("the message is not sent: {}", refused.error);
            report.remark(&place(&refused.source), &words);
        }
        for kept in done.sent {
            let path = format!("/messages/{}/again", kept.id);
            match self.client.post::<Acceptance>(&path, &json!({})).await {
                Ok(_) if kept.made => count(report, WAITING).made += 1,
                Ok(_) => count(report, WAITING).there += 1,
                Err(ClientError::Refused(why)) => {
                    count(report, WAITING).refused += 1;
                    let words =
                        format!("the message is not sent yet, and another run sends it: {why}");
                    report.remark(&place(&kept.source), &words);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
