//! What boards keep of messages.

use contracts::mo::MoReceived;
use store::Service;

use crate::{after_keyword, first_word, text_of};

/// Returns the text for a board: what follows the keyword, and the whole text where the first word is none of the keywords of the service,
/// because it takes messages by an expression, or what no other service takes.
pub fn text(service: &Service, message: &MoReceived) -> String {
    if service.keywords.contains(&first_word(message)) {
        after_keyword(message)
    } else {
        text_of(message).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use contracts::{OrgId, ServiceId, Timestamp, UserId};
    use store::{Board, ServiceAction, ServiceRule};

    use super::*;
    use crate::sample::message;

    #[test]
    fn only_a_keyword_is_left_out() {
        let service = |keywords: &[&str]| Service {
            id: ServiceId::derived("1"),
            org: OrgId::default_org(),
            owner: UserId::internal(),
            name: "papan".to_owned(),
            keywords: keywords.iter().map(|keyword| (*keyword).to_owned()).collect(),
            rule: ServiceRule::default(),
            action: ServiceAction::Board(Board { address: None, shown: 20, reply: String::new() }),
            reply_with_body: false,
            max_messages: 1,
            omit_empty: false,
            created_at: Timestamp::from_micros(0),
        };
        for (keywords, said, kept) in [
            (&["papan", "rw"][..], " RW banjir di sini ", "banjir di sini"),
            (&["papan"], "papan", ""),
            (&[], " banjir di sini ", "banjir di sini"),
            (&["default"], "banjir di sini", "banjir di sini"),
        ] {
            assert_eq!(text(&service(keywords), &message(said)), kept, "{said}");
        }
    }
}
