//! Features of playSMS that are keyword services here: `autoreply` with one answer, and `custom`, which fetches a URL.

use std::collections::HashMap;

use api::NewService;

use super::super::dump::{Place, Row};
use super::super::report::Report;

/// The most of each.
const MOST: usize = 10_000;
/// The most characters of a text that is sent back, of a name, and of a keyword.
const REPLY: usize = 2_000;
const NAME: usize = 64;

/// An automatic answer.
struct Autoreply {
    place: Place,
    keyword: String,
    /// Of its scenarios: which parameters they want, and what they answer.
    scenarios: Vec<(bool, String)>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Services {
    autoreplies: HashMap<i64, Autoreply>,
    /// Scenarios of which nothing is known yet: the table may come first.
    scenarios: Vec<(i64, bool, String)>,
    /// What is to be made, in the order of the dump.
    pub(super) all: Vec<(Place, NewService)>,
}

impl Services {
    /// A row of one of the tables.
    pub(super) fn row(&mut self, row: &Row, report: &mut Report) {
        match &*row.table {
            "featureAutoreply" => {
                let keyword = row.filled("autoreply_keyword");
                let (Some(id), Some(keyword)) = (row.number("autoreply_id"), keyword) else {
                    return;
                };
                limit(row, report);
                if self.autoreplies.len() < MOST {
                    let reply = Autoreply { place: row.place, keyword, scenarios: Vec::new() };
                    self.autoreplies.insert(id, reply);
                }
            }
            "featureAutoreply_scenario" => {
                let Some(id) = row.number("autoreply_id") else { return };
                let wants =
                    (1..=7).any(|n| row.filled(&format!("autoreply_scenario_param{n}")).is_some());
                let result = row.text("autoreply_scenario_result").unwrap_or_default();
                if self.scenarios.len() < MOST {
                    self.scenarios.push((id, wants, result));
                }
            }
            _ => self.custom(row, report),
        }
    }

    fn custom(&mut self, row: &Row, report: &mut Report) {
        let (Some(words), Some(url)) = (row.filled("custom_keyword"), row.filled("custom_url"))
        else {
            return report.remark(
                &row.place,
                "the service has no keyword or no URL, and is not carried over",
            );
        };
        limit(row, report);
        let mut words = words.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned);
        let Some(keyword) = words.next() else { return };
        let name = row.filled("service_name").unwrap_or_else(|| keyword.clone());
        let replies = row.number("custom_return_as_reply") == Some(1);
        let service = NewService {
            get_url: Some(with_codes(&url, &name)),
            name: fitting(&name),
            keyword,
            aliases: words.collect(),
            reply_with_body: replies,
            max_messages: Some(u8::from(replies)),
            ..NewService::default()
        };
        if self.all.len() < MOST {
            self.all.push((row.place, service));
        }
    }

    /// After the last row: of the automatic answers, those that need no parameters.
    pub(super) fn settle(&mut self, report: &mut Report) {
        for (id, wants, result) in std::mem::take(&mut self.scenarios) {
            if let Some(reply) = self.autoreplies.get_mut(&id) {
                reply.scenarios.push((wants, result));
            }
        }
        let mut replies: Vec<Autoreply> =
            self.autoreplies.drain().map(|(_, reply)| reply).collect();
        replies.sort_by_key(|reply| reply.place);
        for Autoreply { place, keyword, scenarios } in replies {
            match scenarios.as_slice() {
                [(false, text)] if (1..=REPLY).contains(&text.trim().chars().count()) => {
                    let service = NewService {
                        name: fitting(&format!("autoreply {keyword}")),
                        keyword,
                        // The text has no fields here: a brace is one.
                        reply: Some(text.trim().replace('{', "{{")),
                        ..NewService::default()
                    };
                    self.all.push((place, service));
                }
                _ => {
                    let words = format!(
                        "the autoreply '{keyword}' is not carried over: a service has one answer, whatever follows its keyword; a URL can give others"
                    );
                    report.remark(&place, &words);
                }
            }
        }
        self.all.sort_by_key(|(place, _)| *place);
    }
}

/// Names what a service is no longer limited by.
fn limit(row: &Row, report: &mut Report) {
    for column in ["smsc", "sms_receiver"] {
        if row.filled(column).is_some() {
            let words = format!(
                "'{column}' is not carried over: the service takes what comes to every SIM"
            );
            report.remark(&row.place, &words);
        }
    }
}

/// A name that a service may have.
fn fitting(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    name.trim().to_owned()
}

/// A URL of playSMS with Kannel's codes, which services have.
fn with_codes(url: &str, name: &str) -> String {
    let encoded = |text: &str| {
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        text.replace('%', "%%")
    };
    let name = encoded(name);
    let codes = [
        ("{SERVICENAME}", name.as_str()),
        ("{SMSDATETIME}", "%t"),
        ("{SMSSENDER}", "%p"),
        ("{SMSRECEIVER}", "%P"),
        ("{CUSTOMKEYWORD}", "%k"),
        ("{CUSTOMPARAM}", "%r"),
        ("{CUSTOMRAW}", "%b"),
    ];
    // What was encoded in the URL stays so.
    let url = url.replace('%', "%%");
    codes.iter().fold(url, |url, (theirs, ours)| url.replace(theirs, ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_codes() {
        assert_eq!(
            with_codes(
                "http://a.example/?s={SMSSENDER}&t={CUSTOMPARAM}&n={SERVICENAME}&x=%20",
                "a b"
            ),
            "http://a.example/?s=%p&t=%r&n=a+b&x=%%20"
        );
    }
}
