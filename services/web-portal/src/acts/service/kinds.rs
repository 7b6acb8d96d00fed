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

/// What a service is to ask, to keep or to hand on, as it is written.
#[derive(Clone)]
pub(crate) enum Kind {
    /// A quiz.
    Quiz {
        /// Its questions.
        questions: Vec<String>,
        /// Whether the first answer counts.
        once: bool,
        /// What is sent back to a wrong answer.
        wrong: String,
        /// What is sent back to a right answer.
        reply: String,
    },
    /// A survey.
    Survey {
        /// Its questions.
        questions: Vec<String>,
        /// The word that ends it; none: the usual one.
        leave: Option<String>,
        /// For how many minutes a question waits; none: as long as usual.
        minutes: Option<u32>,
        /// What is sent back to an answer that may not be given.
        otherwise: String,
        /// What is sent back at the end.
        reply: String,
    },
    /// Answers by words.
    Scenario {
        /// Its lines.
        lines: Vec<String>,
        /// What is sent back when none fits.
        reply: String,
    },
    /// A board.
    Board {
        /// Its public address; empty: none; an asterisk: one that nobody can guess.
        address: String,
        /// How many texts it shows; none: as many as usual.
        shown: Option<u16>,
        /// What is sent back.
        reply: String,
    },
    /// Inboxes.
    Inbox {
        /// The names or ids of the accounts.
        users: Vec<String>,
        /// Whether the message names the account.
        named: bool,
        /// What is sent back to who names none.
        unknown: String,
        /// What is sent back.
        reply: String,
    },
    /// A group.
    ToGroup {
        /// Its name or id.
        group: String,
        /// The PIN; none: the one that there is; empty: none.
        pin: Option<String>,
        /// The numbers of who may send.
        senders: Vec<String>,
    },
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
    Ok(match kind.clone() {
        Kind::Quiz { questions, once, wrong, reply } => {
            let questions = lines::questions("quiz", &questions, true)?;
            ServiceAction::Quiz(Quiz { questions, once, wrong, reply })
        }
        Kind::Survey { questions, leave, minutes, otherwise, reply } => {
            let minutes = minutes.unwrap_or(Survey::MINUTES);
            if !(1..=Survey::MOST_MINUTES).contains(&minutes) {
                return Err(NotMade::Wait);
            }
            ServiceAction::Survey(Survey {
                questions: lines::questions("survey", &questions, false)?,
                leave: leave_word(leave.as_deref())?,
                minutes,
                otherwise,
                reply,
            })
        }
        Kind::Scenario { lines, reply } => {
            ServiceAction::Scenario(Scenario { lines: lines::scenario(&lines)?, reply })
        }
        Kind::Board { address, shown, reply } => {
            let shown = shown.unwrap_or(Board::SHOWN);
            if !(1..=MOST_SHOWN).contains(&shown) {
                return Err(NotMade::Shown);
            }
            ServiceAction::Board(Board { address: checked_address(&address)?, shown, reply })
        }
        Kind::Inbox { users, named, unknown, reply } => {
            let users = accounts(app, authority, &users, named).await?;
            ServiceAction::Inbox(InboxOf { users, unknown, reply })
        }
        Kind::ToGroup { group, pin, senders } => {
            authority.must(Power::ContactsRead)?;
            let group = group_of(app, authority, owner, &group).await?;
            let senders = phones(&senders).map_err(NotMade::NoSender)?;
            if senders.len() > MOST_CONFIRMED {
                return Err(NotMade::Pin);
            }
            let pin = match (pin, present) {
                (Some(pin), _) if pin.is_empty() => None,
                (Some(pin), _) if !to_group::is_pin(&pin) => return Err(NotMade::Pin),
                (Some(pin), _) => Some(password::hash(pin).await.ok_or(NotMade::Hashing)?),
                (None, Some(ServiceAction::ToGroup(present))) => present.pin.clone(),
                (None, _) => None,
            };
            if pin.is_none() && senders.is_empty() {
                return Err(NotMade::Pin);
            }
            ServiceAction::ToGroup(ToGroup { group, pin, senders })
        }
    })
}

/// The word that ends a survey, in small letters.
fn leave_word(written: Option<&str>) -> Result<String, NotMade> {
    let word = written.unwrap_or(Survey::LEAVE).trim().to_lowercase();
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
        assert_eq!(leave_word(None).unwrap(), "exit");
        assert_eq!(leave_word(Some(" KELUAR ")).unwrap(), "keluar");
        for bad in ["", "two words", "a\nb", &"x".repeat(bounds::KEYWORD + 1)] {
            assert!(matches!(leave_word(Some(bad)), Err(NotMade::Leave)), "{bad:?}");
        }
    }
}
