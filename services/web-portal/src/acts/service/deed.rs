//! What a service is to do, as it is written, and as it is kept.

use contracts::{GroupId, Holder, PhoneNumber, UserId};
use keyword::command::CommandLine;
use store::{Group, NamePage, Owner, Reach, ServiceAction};

use super::kinds::{self, Kind};
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
        /// What is sent back; empty: nothing; none: what is sent back now.
        reply: Option<String>,
    },
    /// To send this text back, or whatever the service does, to send back this text.
    Says(String),
    /// To ask, to keep or to hand on.
    Kind(Kind),
    /// To count votes for these options.
    Vote {
        /// The options.
        options: Vec<String>,
        /// What is sent back; empty: nothing; none: what is sent back now.
        reply: Option<String>,
    },
}

/// What is wanted of a service of this account, with its numbers read and its groups found.
pub(super) async fn resolved(
    app: &App,
    authority: &Authority,
    owner: UserId,
    deeds: &[Deed],
    present: Option<&ServiceAction>,
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
            Deed::Says(text) => said(text, present)?,
            Deed::Kind(kind) => kinds::resolved(app, authority, owner, kind, present).await?,
            Deed::Vote { options, reply } => ServiceAction::Vote {
                options: checked_options(options)?,
                reply: sent_back(reply.as_ref(), "vote", present),
            },
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
                let group = group_of(app, authority, owner, group).await?;
                let does = if *joins { "subscribe" } else { "unsubscribe" };
                let reply = sent_back(reply.as_ref(), does, present);
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

/// What is sent back beside what a service does: what is said, or where nothing is, what a service that does the same sends back now.
fn sent_back(said: Option<&String>, does: &str, present: Option<&ServiceAction>) -> String {
    let present = present.filter(|present| present.as_str() == does);
    let now = || present.map(ServiceAction::argument).unwrap_or_default().to_owned();
    said.cloned().unwrap_or_else(now)
}

/// What a service does that sends this text back: the same as now with another text, where it has one beside what it does, and
/// nothing but that otherwise.
fn said(text: &str, present: Option<&ServiceAction>) -> Result<ServiceAction, NotMade> {
    let reply = || ServiceAction::Reply(text.to_owned());
    match present {
        Some(ServiceAction::ToGroup(_)) => Err(NotMade::NoText),
        None | Some(ServiceAction::Forward { .. }) => Ok(reply()),
        Some(present) => Ok(present.with_text(text.to_owned()).unwrap_or_else(reply)),
    }
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
    let numbers = phones(written).map_err(NotMade::NoPhone)?;
    if (1..=MOST_FORWARDS).contains(&numbers.len()) { Ok(numbers) } else { Err(NotMade::ForwardTo) }
}

/// Phones, each once. The error is what is no number of one.
pub(super) fn phones(written: &[String]) -> Result<Vec<PhoneNumber>, String> {
    let mut numbers: Vec<PhoneNumber> = Vec::new();
    for written in written {
        let number = PhoneNumber::parse(written).ok().filter(|number| {
            let is_dialled = number.digits().bytes().all(|digit| digit.is_ascii_digit());
            is_dialled && !number.is_short_code() && number.is_whole().is_ok()
        });
        let shown = || -> String { written.chars().take(LONGEST_NAME).collect() };
        let number = number.ok_or_else(shown)?;
        if !numbers.iter().any(|known| known.is_same_phone(&number)) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// The group of this name or this id that a service of this account may change: one of the account's own or of its teams, and for an
/// administrator's service any by its id, and by its name one that all share. A name means nobody else's group.
pub(super) async fn group_of(
    app: &App,
    authority: &Authority,
    owner: UserId,
    said: &str,
) -> Result<GroupId, NotMade> {
    let said = said.trim();
    let is_admins = owner == authority.owner()
        && authority.reach.owner == Owner::Anybody
        && authority.may(Power::UsersManage);
    let teams = app.store.teams(Reach::own(authority.org, owner)).await?;
    let is_teams = |group: &Group| teams.iter().any(|team| group.owner == Holder::Team(team.id));
    let is_own = |group: &Group| group.owner == Holder::User(owner);
    let may = |group: &Group| is_own(group) || is_teams(group) || is_admins;
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
    let is_near = |group: &Group| group.owner.is_everybody() || is_own(group) || is_teams(group);
    let is_known = |group: &Group| is_near(group) && may(group);
    let is_meant =
        |group: &&Group| group.name.to_lowercase() == said.to_lowercase() && is_known(group);
    // One's own goes before one of the same name that is a team's or that all share.
    let mut meant: Vec<&Group> = groups.iter().filter(is_meant).collect();
    meant.sort_by_key(|group| (!is_own(group), group.owner.is_everybody()));
    meant.first().map(|group| group.id).ok_or_else(nowhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_alone_leaves_what_a_service_does_beside_it() {
        let vote = ServiceAction::Vote { options: vec!["ya".to_owned()], reply: "A".to_owned() };
        let changed = said("B", Some(&vote)).unwrap();
        assert_eq!((changed.as_str(), changed.argument()), ("vote", "B"));
        let url = ServiceAction::GetUrl("http://a.example/".to_owned());
        let forward = ServiceAction::Forward { to: Vec::new(), text: "A".to_owned() };
        for present in [None, Some(&url), Some(&forward)] {
            assert_eq!(said("B", present).unwrap(), ServiceAction::Reply("B".to_owned()));
        }
        let group = contracts::GroupId::derived("g");
        let none = ServiceAction::ToGroup(store::ToGroup { group, pin: None, senders: Vec::new() });
        assert!(matches!(said("B", Some(&none)), Err(NotMade::NoText)));
    }

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
