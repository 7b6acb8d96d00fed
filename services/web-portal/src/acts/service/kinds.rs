//! Services that ask, keep and hand on, as they are written, and as they are kept.

use std::fmt;

use contracts::{UserId, bounds};
use data_encoding::BASE32_NOPAD;
use keyword::to_group;
use store::{
    Board, InboxOf, LONGEST_ADDRESS, MOST_CONFIRMED, MOST_INBOXES, MOST_SHOWN, Owner, Quiz,
    Scenario, ServiceAction, Survey, ToGroup,
};

use super::deed::{group_of, phones};
use super::{NotMade, lines};
use crate::acts::account::LONGEST_NAME;
use crate::app::App;
use crate::authority::Authority;
use crate::password;
use crate::power::Power;

/// What asks for an address that nobody can guess.
const UNGUESSABLE: &str = "*";
/// The fewest characters of an address.
const SHORTEST_ADDRESS: usize = 3;

/// What a service is to ask, to keep or to hand on, as it is written. What is none is as it is now where the service does the same
/// already, and as usual where it does not.
#[derive(Clone)]
pub(crate) enum Kind {
    /// A quiz.
    Quiz {
        /// Its questions.
        questions: Option<Vec<String>>,
        /// Whether the first answer counts.
        once: Option<bool>,
        /// What is sent back to a wrong answer.
        wrong: Option<String>,
        /// What is sent back to a right answer.
        reply: Option<String>,
    },
    /// A survey.
    Survey {
        /// Its questions.
        questions: Option<Vec<String>>,
        /// The word that ends it.
        leave: Option<String>,
        /// For how many minutes a question waits.
        minutes: Option<u32>,
        /// What is sent back to an answer that may not be given.
        otherwise: Option<String>,
        /// What is sent back at the end.
        reply: Option<String>,
    },
    /// Answers by words.
    Scenario {
        /// Its lines.
        lines: Option<Vec<String>>,
        /// What is sent back when none fits.
        reply: Option<String>,
    },
    /// A board.
    Board {
        /// Its public address; empty: none; an asterisk: one that nobody can guess.
        address: Option<String>,
        /// How many texts it shows.
        shown: Option<u16>,
        /// What is sent back.
        reply: Option<String>,
    },
    /// Inboxes.
    Inbox {
        /// The names or ids of the accounts.
        users: Option<Vec<String>>,
        /// Whether the message names the account.
        named: bool,
        /// What is sent back to who names none.
        unknown: Option<String>,
        /// What is sent back.
        reply: Option<String>,
    },
    /// A group.
    ToGroup {
        /// Its name or id.
        group: Option<String>,
        /// The PIN; empty: none.
        pin: Option<String>,
        /// The numbers of who may send.
        senders: Option<Vec<String>>,
    },
    /// What the service does already, but with this of it changed.
    Part(Part),
}

/// What goes with what a service asks, keeps or hands on. What is none is not said.
#[derive(Clone, Default)]
pub(crate) struct Part {
    /// What is sent back to an answer that is wrong or may not be given, or to who names no account.
    pub(crate) otherwise: Option<String>,
    /// Whether the first answer to a quiz counts.
    pub(crate) once: Option<bool>,
    /// The word that ends a survey.
    pub(crate) leave: Option<String>,
    /// For how many minutes a question of a survey waits.
    pub(crate) minutes: Option<u32>,
    /// How many texts a board shows.
    pub(crate) shown: Option<u16>,
    /// The PIN for a group; empty: none.
    pub(crate) pin: Option<String>,
    /// The numbers of who may send to a group.
    pub(crate) senders: Option<Vec<String>>,
    /// What is sent back.
    pub(crate) reply: Option<String>,
}

impl Part {
    /// The fields that are said, by their names in the API.
    pub(crate) fn said(&self) -> Vec<&'static str> {
        let fields = [
            ("otherwise", self.otherwise.is_some()),
            ("once", self.once.is_some()),
            ("leave", self.leave.is_some()),
            ("wait_minutes", self.minutes.is_some()),
            ("shown", self.shown.is_some()),
            ("pin", self.pin.is_some()),
            ("senders", self.senders.is_some()),
            ("reply", self.reply.is_some()),
        ];
        fields.into_iter().filter(|(_, is_said)| *is_said).map(|(field, _)| field).collect()
    }

    /// What the service is to do, that does this now.
    fn of(self, present: Option<&ServiceAction>) -> Result<Kind, NotMade> {
        let does: &[&str] = match present {
            Some(ServiceAction::Quiz(_)) => &["quiz"],
            Some(ServiceAction::Survey(_)) => &["survey"],
            Some(ServiceAction::Board(_)) => &["board"],
            Some(ServiceAction::Inbox(_)) => &["inbox"],
            Some(ServiceAction::ToGroup(_)) => &["to_group"],
            _ => &[],
        };
        must_belong(does, &self.said())?;
        let Self { otherwise, once, leave, minutes, shown, pin, senders, reply } = self;
        Ok(match present {
            Some(ServiceAction::Quiz(_)) => {
                Kind::Quiz { questions: None, once, wrong: otherwise, reply }
            }
            Some(ServiceAction::Survey(_)) => {
                Kind::Survey { questions: None, leave, minutes, otherwise, reply }
            }
            Some(ServiceAction::Board(_)) => Kind::Board { address: None, shown, reply },
            Some(ServiceAction::Inbox(_)) => {
                Kind::Inbox { users: None, named: false, unknown: otherwise, reply }
            }
            Some(ServiceAction::ToGroup(_)) => Kind::ToGroup { group: None, pin, senders },
            _ => return Err(NotMade::NotOneAction),
        })
    }
}

/// Refuses what is said of something that the service does not do: names of fields of the API.
pub(crate) fn must_belong(does: &[&str], said: &[&str]) -> Result<(), NotMade> {
    for (field, goes_with, with) in [
        ("otherwise", &["quiz", "survey", "inbox"][..], "quiz, survey or inbox"),
        ("once", &["quiz"], "quiz"),
        ("leave", &["survey"], "survey"),
        ("wait_minutes", &["survey"], "survey"),
        ("shown", &["board"], "board"),
        ("pin", &["to_group"], "to_group"),
        ("senders", &["to_group"], "to_group"),
    ] {
        if said.contains(&field) && !goes_with.iter().any(|one| does.contains(one)) {
            return Err(NotMade::Beside { field, with });
        }
    }
    if said.contains(&"reply") && does.contains(&"to_group") {
        let with = "what sends a text back, and to_group sends none";
        return Err(NotMade::Beside { field: "reply", with });
    }
    Ok(())
}

/// Leaves out the texts and the PIN.
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quiz { .. } => "Quiz",
            Self::Survey { .. } => "Survey",
            Self::Scenario { .. } => "Scenario",
            Self::Board { .. } => "Board",
            Self::Inbox { .. } => "Inbox",
            Self::ToGroup { .. } => "ToGroup",
            Self::Part(_) => "Part",
        })
    }
}

/// What is kept of it for a service of this account. `present` is what the service does now, if there is one.
pub(super) async fn resolved(
    app: &App,
    authority: &Authority,
    owner: UserId,
    kind: &Kind,
    present: Option<&ServiceAction>,
) -> Result<ServiceAction, NotMade> {
    let kind = match kind.clone() {
        Kind::Part(part) => part.of(present)?,
        kind => kind,
    };
    Ok(match kind {
        Kind::Quiz { questions, once, wrong, reply } => {
            let now = match present {
                Some(ServiceAction::Quiz(now)) => now.clone(),
                _ => Quiz {
                    questions: Vec::new(),
                    once: true,
                    wrong: String::new(),
                    reply: String::new(),
                },
            };
            ServiceAction::Quiz(Quiz {
                questions: match questions {
                    Some(written) => lines::questions("quiz", &written, true)?,
                    None => now.questions,
                },
                once: once.unwrap_or(now.once),
                wrong: wrong.unwrap_or(now.wrong),
                reply: reply.unwrap_or(now.reply),
            })
        }
        Kind::Survey { questions, leave, minutes, otherwise, reply } => {
            let now = match present {
                Some(ServiceAction::Survey(now)) => now.clone(),
                _ => Survey {
                    questions: Vec::new(),
                    leave: Survey::LEAVE.to_owned(),
                    minutes: Survey::MINUTES,
                    otherwise: String::new(),
                    reply: String::new(),
                },
            };
            let minutes = minutes.unwrap_or(now.minutes);
            if !(1..=Survey::MOST_MINUTES).contains(&minutes) {
                return Err(NotMade::Wait);
            }
            ServiceAction::Survey(Survey {
                questions: match questions {
                    Some(written) => lines::questions("survey", &written, false)?,
                    None => now.questions,
                },
                leave: leave_word(leave.as_ref().unwrap_or(&now.leave))?,
                minutes,
                otherwise: otherwise.unwrap_or(now.otherwise),
                reply: reply.unwrap_or(now.reply),
            })
        }
        Kind::Scenario { lines, reply } => {
            let now = match present {
                Some(ServiceAction::Scenario(now)) => now.clone(),
                _ => Scenario { lines: Vec::new(), reply: String::new() },
            };
            ServiceAction::Scenario(Scenario {
                lines: match lines {
                    Some(written) => lines::scenario(&written)?,
                    None => now.lines,
                },
                reply: reply.unwrap_or(now.reply),
            })
        }
        Kind::Board { address, shown, reply } => {
            let now = match present {
                Some(ServiceAction::Board(now)) => now.clone(),
                _ => Board { address: None, shown: Board::SHOWN, reply: String::new() },
            };
            let shown = shown.unwrap_or(now.shown);
            if !(1..=MOST_SHOWN).contains(&shown) {
                return Err(NotMade::Shown);
            }
            let address = match address {
                Some(written) => checked_address(&written)?,
                None => now.address,
            };
            ServiceAction::Board(Board { address, shown, reply: reply.unwrap_or(now.reply) })
        }
        Kind::Inbox { users, named, unknown, reply } => {
            let now = match present {
                Some(ServiceAction::Inbox(now)) => Some(now),
                _ => None,
            };
            let users = match (users, now) {
                (None, Some(now)) if !named => now.users.clone(),
                (users, _) => accounts(app, authority, &users.unwrap_or_default(), named).await?,
            };
            let of_now = |text: fn(&InboxOf) -> &String| now.map(text).cloned().unwrap_or_default();
            ServiceAction::Inbox(InboxOf {
                users,
                unknown: unknown.unwrap_or_else(|| of_now(|now| &now.unknown)),
                reply: reply.unwrap_or_else(|| of_now(|now| &now.reply)),
            })
        }
        Kind::ToGroup { group, pin, senders } => {
            authority.must(Power::ContactsRead)?;
            let now = match present {
                Some(ServiceAction::ToGroup(now)) => Some(now),
                _ => None,
            };
            let group = match (group, now) {
                (Some(said), _) => group_of(app, authority, owner, &said).await?,
                (None, Some(now)) => now.group,
                (None, None) => return Err(NotMade::NotOneAction),
            };
            let senders = match (senders, now) {
                (Some(written), _) => phones(&written).map_err(NotMade::NoSender)?,
                (None, Some(now)) => now.senders.clone(),
                (None, None) => Vec::new(),
            };
            if senders.len() > MOST_CONFIRMED {
                return Err(NotMade::Pin);
            }
            let pin = match pin {
                Some(pin) if pin.is_empty() => None,
                Some(pin) if !to_group::is_pin(&pin) => return Err(NotMade::Pin),
                Some(pin) => Some(password::hash(pin).await.ok_or(NotMade::Hashing)?),
                None => now.and_then(|now| now.pin.clone()),
            };
            if pin.is_none() && senders.is_empty() {
                return Err(NotMade::Pin);
            }
            ServiceAction::ToGroup(ToGroup { group, pin, senders })
        }
        Kind::Part(_) => return Err(NotMade::NotOneAction),
    })
}

/// The word that ends a survey, in small letters.
fn leave_word(written: &str) -> Result<String, NotMade> {
    let word = written.trim().to_lowercase();
    let is_word = (1..=bounds::KEYWORD).contains(&word.chars().count())
        && !word.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_word { Ok(word) } else { Err(NotMade::Leave) }
}

/// The public address of a board.
fn checked_address(written: &str) -> Result<Option<String>, NotMade> {
    let address = written.trim().to_lowercase();
    if address.is_empty() {
        return Ok(None);
    }
    if address == UNGUESSABLE {
        let secret: [u8; 16] = rand::random();
        return Ok(Some(BASE32_NOPAD.encode(&secret).to_ascii_lowercase()));
    }
    let is_one = (SHORTEST_ADDRESS..=LONGEST_ADDRESS).contains(&address.len())
        && address.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_one { Ok(Some(address)) } else { Err(NotMade::Address) }
}

/// The accounts of these names or ids, each once; who may not see to others' names only their own.
async fn accounts(
    app: &App,
    authority: &Authority,
    written: &[String],
    named: bool,
) -> Result<Vec<UserId>, NotMade> {
    if named != written.is_empty() || written.len() > MOST_INBOXES {
        return Err(NotMade::Inboxes);
    }
    let may_name_others =
        authority.reach.owner == Owner::Anybody && authority.may(Power::UsersManage);
    if named && !may_name_others {
        authority.must(Power::UsersManage)?;
    }
    let mut users = Vec::new();
    for said in written {
        let said = said.trim();
        let nobody = || NotMade::NoSuchAccount(said.chars().take(LONGEST_NAME).collect());
        if said.is_empty() || said.chars().count() > LONGEST_NAME {
            return Err(nobody());
        }
        let found = match said.parse::<UserId>() {
            Ok(id) => app.store.user(authority.reach, id).await?,
            Err(_) => app.store.find_user(authority.reach, said).await?,
        };
        let found = found.filter(|user| may_name_others || user.id == authority.owner());
        let user = found.ok_or_else(nobody)?.id;
        if !users.contains(&user) {
            users.push(user);
        }
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_chosen_or_cannot_be_guessed() {
        assert_eq!(checked_address("").unwrap(), None);
        assert_eq!(checked_address(" Warga-1 ").unwrap().as_deref(), Some("warga-1"));
        let (one, other) = (checked_address("*").unwrap(), checked_address("*").unwrap());
        assert_ne!(one, other);
        assert!(one.is_some_and(|one| one.len() == 26));
        for bad in ["ab", "a b c", "../x", "wargä", &"x".repeat(LONGEST_ADDRESS + 1)] {
            assert!(matches!(checked_address(bad), Err(NotMade::Address)), "{bad}");
        }
    }

    #[test]
    fn a_survey_is_left_by_one_word() {
        assert_eq!(leave_word(" KELUAR ").unwrap(), "keluar");
        for bad in ["", "two words", "a\nb", &"x".repeat(bounds::KEYWORD + 1)] {
            assert!(matches!(leave_word(bad), Err(NotMade::Leave)), "{bad:?}");
        }
    }
}
