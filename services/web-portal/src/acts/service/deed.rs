//! What a service is to do, as it is written, and as it is kept.

use contracts::{GroupId, PhoneNumber, UserId};
use keyword::command::CommandLine;
use store::{Group, NamePage, Owner, ServiceAction};

use super::{FORWARDED, LONGEST_NAME, LONGEST_OPTION, MOST_FORWARDS, MOST_OPTIONS, NotMade};
use crate::acts::group::LONGEST_NAME as LONGEST_GROUP;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// What a service is to do, as it is written.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    /// To call a URL, or to send a text back.
    Does(ServiceAction),
    /// To send a text on to these numbers. No text: the usual one.
    Forward {
        /// The numbers.
        to: Vec<String>,
        /// The text.
        text: Option<String>,
    },
    /// To put the sender into a group of contacts, or to take it out.
    Join {
        /// The name of the group, or its id.
        group: String,
        /// Whether the sender is put in.
        joins: bool,
        /// What is sent back; empty: nothing.
        reply: String,
    },
    /// To count votes for these options.
    Vote {
        /// The options.
        options: Vec<String>,
        /// What is sent back; empty: nothing.
        reply: String,
    },
}

/// What is wanted of a service of this account, with its numbers read and its groups found.
pub(super) async fn resolved(
    app: &App,
    authority: &Authority,
    owner: UserId,
    deeds: &[Deed],
) -> Result<Vec<ServiceAction>, NotMade> {
    let mut actions = Vec::new();
    for deed in deeds {
        let action = match deed {
            Deed::Does(ServiceAction::Exec(line)) => {
                authority.must(Power::GatewayOperate)?;
                let program = line.parse::<CommandLine>()?.program().to_owned();
                if !app.settings.programs.contains(&program) {
                    return Err(NotMade::NotAllowed(program.display().to_string()));
                }
                ServiceAction::Exec(line.trim().to_owned())
            }
            Deed::Does(action) => action.clone(),
            Deed::Vote { options, reply } => {
                ServiceAction::Vote { options: checked_options(options)?, reply: reply.clone() }
            }
            Deed::Forward { to, text } => {
                let to = numbers(to)?;
                let ours = app.fleet.numbers(authority.org).await;
                let is_ours =
                    |number: &&PhoneNumber| ours.values().any(|own| own.is_same_phone(number));
                if let Some(own) = to.iter().find(is_ours) {
                    return Err(NotMade::ToOurselves(own.to_string()));
                }
                ServiceAction::Forward {
                    to,
                    text: text.clone().unwrap_or_else(|| FORWARDED.to_owned()),
                }
            }
            Deed::Join { group, joins, reply } => {
                authority.must(Power::ContactsWrite)?;
                let (group, reply) = (group_of(app, authority, owner, group).await?, reply.clone());
                if *joins {
                    ServiceAction::Subscribe { group, reply }
                } else {
                    ServiceAction::Unsubscribe { group, reply }
                }
            }
        };
        actions.push(action);
    }
    Ok(actions)
}

/// The options that senders vote for, in small letters and each once.
fn checked_options(written: &[String]) -> Result<Vec<String>, NotMade> {
    let mut options: Vec<String> = Vec::new();
    for written in written {
        let option = written.trim().to_lowercase();
        let is_word = (1..=LONGEST_OPTION).contains(&option.chars().count())
            && !option.chars().any(|c| c.is_whitespace() || c.is_control());
        if !is_word {
            return Err(NotMade::Options);
        }
        if !options.contains(&option) {
            options.push(option);
        }
    }
    if (2..=MOST_OPTIONS).contains(&options.len()) { Ok(options) } else { Err(NotMade::Options) }
}

/// The phones that a text is sent on to, each once.
fn numbers(written: &[String]) -> Result<Vec<PhoneNumber>, NotMade> {
    let mut numbers: Vec<PhoneNumber> = Vec::new();
    for written in written {
        let number = PhoneNumber::parse(written).ok().filter(|number| {
            let is_dialled = number.digits().bytes().all(|digit| digit.is_ascii_digit());
            is_dialled && !number.is_short_code() && number.is_whole().is_ok()
        });
        let shown = || written.chars().take(LONGEST_NAME).collect();
        let number = number.ok_or_else(|| NotMade::NoPhone(shown()))?;
        if !numbers.iter().any(|known| known.is_same_phone(&number)) {
            numbers.push(number);
        }
    }
    if (1..=MOST_FORWARDS).contains(&numbers.len()) { Ok(numbers) } else { Err(NotMade::ForwardTo) }
}

/// The group of this name or this id that a service of this account may change: one of the account's own, and for an
/// administrator's service any.
async fn group_of(
    app: &App,
    authority: &Authority,
    owner: UserId,
    said: &str,
) -> Result<GroupId, NotMade> {
    let said = said.trim();
    let is_admins = owner == authority.owner()
        && authority.reach.owner == Owner::Anybody
        && authority.may(Power::UsersManage);
    let may = |group: &Group| group.owner == Some(owner) || is_admins;
    if let Ok(id) = said.parse::<GroupId>()
        && let Some(group) = app.store.group(authority.reach, id).await?
        && may(&group)
    {
        return Ok(id);
    }
    let nowhere = || NotMade::NoSuchGroup(said.chars().take(LONGEST_GROUP).collect());
    if said.chars().count() > LONGEST_GROUP {
        return Err(nowhere());
    }
    let page = NamePage { after: None, limit: 1_000 };
    let (groups, _) = app.store.groups(authority.reach, Some(said), &page).await?;
    let is_meant = |group: &&Group| group.name.to_lowercase() == said.to_lowercase() && may(group);
    // One's own goes before one of the same name that others have.
    let mut meant: Vec<&Group> = groups.iter().filter(is_meant).collect();
    meant.sort_by_key(|group| group.owner != Some(owner));
    meant.first().map(|group| group.id).ok_or_else(nowhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_a_few_words_each_once() {
        let read = |written: &[&str]| {
            checked_options(&written.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read(&[" YA", "tidak", "ya"]).unwrap(), ["ya", "tidak"]);
        let long = "x".repeat(LONGEST_OPTION + 1);
        for bad in
            [&["ya"][..], &["ya", "YA"], &[], &["ya", "two words"], &["ya", ""], &["ya", &long]]
        {
            assert!(matches!(read(bad), Err(NotMade::Options)), "{bad:?}");
        }
        let many: Vec<String> = (0..=MOST_OPTIONS).map(|n| n.to_string()).collect();
        assert!(checked_options(&many[1..]).is_ok());
        assert!(matches!(checked_options(&many), Err(NotMade::Options)));
    }

    #[test]
    fn a_text_is_sent_on_to_a_few_phones_each_once() {
        let read = |written: &[&str]| {
            numbers(&written.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
        };
        let one = read(&["+62 812-3456789", "08123456789"]).unwrap();
        assert_eq!(one, ["+628123456789".parse::<PhoneNumber>().unwrap()]);
        for bad in ["888", "BANK", "*123#", "+6281", ""] {
            assert!(matches!(read(&[bad]), Err(NotMade::NoPhone(_))), "{bad}");
        }
        assert!(matches!(read(&[]), Err(NotMade::ForwardTo)));
        let many: Vec<String> = (0..=MOST_FORWARDS).map(|n| format!("+628123456{n:03}")).collect();
        assert!(numbers(&many[1..]).is_ok());
        assert!(matches!(numbers(&many), Err(NotMade::ForwardTo)));
    }
}
