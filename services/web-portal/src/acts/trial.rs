//! What a keyword service would do with a message. Nothing is done.

use contracts::mo::{MoReceived, Wish};
use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{Address, GroupId, MessageId, ModemId, PhoneNumber, SimId, UserId, composition};
use keyword::command::CommandLine;
use keyword::expression::Expressions;
use keyword::reply::{self, NoReply, Question};
use keyword::request::{self, Request};
use keyword::survey::{self, Step};
use keyword::template::Filling;
use keyword::{addressed, after_keyword, board, first_word, quiz, rule, scenario, to_group, vote};
use store::{
    Asking, MOST_OF_GROUP, Reach, Service, ServiceAction, StoreError, Survey, TakenBy, ToGroup,
};
use tpdu::Alphabet;

use crate::acts::acceptance;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// The most characters of a text that is tried.
pub(crate) const LONGEST_TEXT: usize = 10_000;
/// The most characters of a sender.
pub(crate) const LONGEST_SENDER: usize = 64;

/// A part that came without text and says that the text of its message is UCS-2: TP-DCS 8.
const UCS2_PART: &str = "00040B912618325476F800086211304145440000";

/// A message that might come.
#[derive(Clone)]
pub(crate) struct Tried {
    /// From whom.
    pub(crate) from: String,
    /// Its text.
    pub(crate) text: String,
    /// To which SIM; none: to the first that there is.
    pub(crate) sim: Option<SimId>,
}

/// What would become of it.
pub(crate) struct Trial {
    /// The SIM that it would come to; none: no SIM is known.
    pub(crate) sim: Option<SimId>,
    /// Its first word, in small letters.
    pub(crate) word: String,
    /// Whether a service asks the sender something, so that no keyword is looked at.
    pub(crate) is_asking: bool,
    /// Who would take it.
    pub(crate) taken: Taken,
}

/// Who would take a message.
pub(crate) enum Taken {
    /// A service in reach, which would do this.
    Service(Box<Service>, Deed),
    /// A service of another account, of which nothing is said.
    Elsewhere,
    /// No service.
    Nobody,
}

/// What a service would do.
pub(crate) struct Deed {
    /// What would be called; none: nothing.
    pub(crate) call: Call,
    /// What would be sent back.
    pub(crate) reply: Reply,
}

/// What a service would call, or do in place of that.
pub(crate) enum Call {
    /// Nothing: it answers by itself.
    Nothing,
    /// This.
    Url(Request),
    /// Nothing, for with its escape codes replaced the URL is too long.
    TooLong,
    /// Nothing: this program is run, with these arguments.
    Run(String, Vec<String>),
    /// Nothing: this text is sent on to these numbers.
    Forward(Vec<PhoneNumber>, String),
    /// Nothing: the vote of the sender for this option is counted.
    Vote(String),
    /// Nothing: this is kept, as an answer or as a text of a board.
    Keep {
        /// The question that it answers, counted from 0, if it answers one.
        question: Option<usize>,
        /// What is kept.
        said: String,
        /// Of a quiz: whether it is right.
        right: Option<bool>,
    },
    /// Nothing: the message is put into the inboxes of these accounts.
    Inbox(Vec<UserId>),
    /// Nothing: the text is sent on to this group, if the PIN or the code is right, which is not looked at.
    ToGroup(GroupId),
    /// Nothing: the sender is put into a group of contacts, or taken out of it.
    Join {
        /// The group.
        group: GroupId,
        /// Whether the sender is put in.
        joins: bool,
    },
}

/// What a service would send back.
pub(crate) enum Reply {
    /// This text.
    Text(String),
    /// What the URL answers, in at most so many parts.
    Answer(u8),
    /// Nothing.
    Nothing(NoReply),
}

/// Says what would become of a message.
pub(crate) async fn of(app: &App, authority: &Authority, tried: &Tried) -> Result<Trial, NotRead> {
    authority.must(Power::ServicesRead)?;
    let modems = app.fleet.of(authority.org).await;
    let mut there = modems.iter().filter_map(|modem| Some((modem.id, modem.sim.as_ref()?)));
    let first = there.find(|(_, sim)| tried.sim.is_none_or(|wanted| sim.id == wanted));
    let sim = tried.sim.or(first.map(|(_, sim)| sim.id));
    let number = first.and_then(|(_, sim)| sim.number.clone());
    let came_to = sim.unwrap_or_else(|| SimId::derived("none"));
    let message = MoReceived {
        id: MessageId::new(),
        org: authority.org,
        owner: sim.and_then(|sim| app.directory.sim(sim).owner),
        modem: first.map_or_else(|| ModemId::derived("none"), |(modem, _)| modem),
        sim: came_to,
        to: number.clone(),
        from: Address::from_text(tried.from.trim()),
        text: Some(tried.text.clone()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: parts(&tried.text),
        smsc_at: None,
        received_at: app.clock.now(),
        wish: None,
    };
    let message = MoReceived { wish: app.settings.wishes.wish(&message), ..message };
    let word = first_word(&message);
    let mut taken = Taken::Nobody;
    let expressions = Expressions::default();
    // What a blocked number sends is taken by no service.
    let is_blocked = app.store.is_blocked(authority.org, &message.from).await?;
    let asking = if is_blocked { None } else { asking(app, authority.reach, &message).await? };
    let is_asking = asking.is_some();
    let (first, asking) = asking.unzip();
    let others =
        if is_blocked { Vec::new() } else { app.store.services_for(authority.org, &word).await? };
    // Who asks the sender something is not asked whether the message has its keyword.
    for (taken_by, asks) in
        first.into_iter().map(|one| (one, true)).chain(others.into_iter().map(|one| (one, false)))
    {
        if !(asks || rule::takes(&taken_by.service.rule, &message, &expressions))
            || !app.store.may_read(taken_by.reach, &message).await?
        {
            continue;
        }
        let service = app.store.service(authority.reach, taken_by.service.id).await?;
        taken = match service {
            None => Taken::Elsewhere,
            Some(service) => {
                let sender = (taken_by.reach, service.owner);
                let may_send = acceptance::may_send_through(app, sender, came_to).await?;
                let numbers = app.fleet.numbers(authority.org).await;
                let is_ours =
                    |sender: &PhoneNumber| numbers.values().any(|own| own.is_same_phone(sender));
                let max_parts = u8::try_from(app.settings.max_parts).unwrap_or(u8::MAX);
                let asking = asking.filter(|asking| asking.service == service.id);
                let inboxes = inboxes(app, authority, &service, &message).await?;
                let contacts = contacts(app, taken_by.reach, &service).await?;
                let message = &message;
                let asked =
                    Asked { message, number, max_parts, may_send, asking, inboxes, contacts };
                let deed = deed(&service, asked, is_ours);
                Taken::Service(Box::new(service), deed)
            }
        };
        break;
    }
    Ok(Trial { sim, word, is_asking, taken })
}

/// The parts of a text, as far as they say more than the text does: which alphabet it came in.
fn parts(text: &str) -> Vec<String> {
    let body = Body::Text { text: text.to_owned(), encoding: Encoding::Auto };
    let outline = composition::outline(&body, None, &SendOptions::default());
    let is_ucs2 = outline.map_or(true, |outline| outline.alphabet == Alphabet::Ucs2);
    if is_ucs2 { vec![UCS2_PART.to_owned()] } else { Vec::new() }
}

/// The service that asks the sender of a message something which the message may answer, with what it asks: where it is in reach, for whose
/// phones take part in what is nobody else's to know.
async fn asking(
    app: &App,
    reach: Reach,
    message: &MoReceived,
) -> Result<Option<(TakenBy, Asking)>, StoreError> {
    let Address::Number(sender) = &message.from else { return Ok(None) };
    if message.wish == Some(Wish::Stop) {
        return Ok(None);
    }
    let now = app.clock.now();
    let asking = app.store.asking(message.org, message.sim, sender, now).await?;
    let asking =
        asking.filter(|(_, asking)| asking.code.is_none() || to_group::code(message).is_some());
    let Some((taken_by, asking)) = asking else { return Ok(None) };
    let is_in_reach = app.store.service(reach, taken_by.service.id).await?.is_some();
    Ok(is_in_reach.then_some((taken_by, asking)))
}

/// The accounts whose inboxes get a message by a service, as far as they are enabled.
async fn inboxes(
    app: &App,
    authority: &Authority,
    service: &Service,
    message: &MoReceived,
) -> Result<Vec<UserId>, StoreError> {
    let ServiceAction::Inbox(inbox) = &service.action else { return Ok(Vec::new()) };
    let everybody = Reach::everything(authority.org);
    let mut users = Vec::new();
    if inbox.is_named()
        && let Some(name) = addressed::name(message)
    {
        users.extend(app.store.find_user(everybody, &name).await?);
    }
    for id in &inbox.users {
        users.extend(app.store.user(everybody, *id).await?);
    }
    Ok(users.into_iter().filter(|user| user.enabled).map(|user| user.id).collect())
}

/// How many contacts are in the group that a service sends on to.
async fn contacts(app: &App, reach: Reach, service: &Service) -> Result<usize, StoreError> {
    let ServiceAction::ToGroup(to_group) = &service.action else { return Ok(0) };
    let group = app.store.group(reach, to_group.group).await?;
    Ok(group.map_or(0, |group| usize::try_from(group.members).unwrap_or(usize::MAX)))
}

/// What a service is asked.
struct Asked<'a> {
    message: &'a MoReceived,
    /// The number of the SIM, where it is known.
    number: Option<PhoneNumber>,
    /// Of how many parts a message may be.
    max_parts: u8,
    /// Whether the account may send through the SIM.
    may_send: bool,
    /// What the service asks the sender, if it asks something.
    asking: Option<Asking>,
    /// The accounts whose inboxes get the message.
    inboxes: Vec<UserId>,
    /// How many contacts are in the group of the service.
    contacts: usize,
}

fn deed(service: &Service, asked: Asked<'_>, is_ours: impl Fn(&PhoneNumber) -> bool) -> Deed {
    let Asked { message, number, max_parts, may_send, asking, inboxes, contacts } = asked;
    let parts = service.max_messages.min(max_parts);
    let limited = Service { max_messages: parts, ..service.clone() };
    let may_answer = |wish| {
        let question = Question { wish, ..Question::from(message) };
        let sender = reply::recipient(question)?;
        if is_ours(&sender) { Err(NoReply::ToOurselves) } else { Ok(()) }
    };
    let filling = Filling::by_service(service, message, number.as_ref());
    // What is sent back, where it is more than one text.
    let mut text = service.action.argument().to_owned();
    let done = match &service.action {
        ServiceAction::Reply(_) => Ok(Call::Nothing),
        // One that cannot be read was never kept.
        ServiceAction::Exec(line) => {
            Ok(line.parse::<CommandLine>().map_or(Call::Nothing, |line| {
                Call::Run(line.program().display().to_string(), line.arguments(&filling))
            }))
        }
        ServiceAction::Forward { to, text } => {
            forward(&limited, to, text, &filling, message, &is_ours)
                .and_then(|call| if may_send { Ok(call) } else { Err(NoReply::SimNotYours) })
        }
        ServiceAction::Subscribe { group, .. } => {
            may_answer(message.wish).map(|()| Call::Join { group: *group, joins: true })
        }
        ServiceAction::Vote { options, .. } => may_answer(message.wish).and_then(|()| {
            let option = vote::option(options, message).ok_or(NoReply::NoOption)?;
            Ok(Call::Vote(option.to_owned()))
        }),
        ServiceAction::Unsubscribe { group, .. } => {
            may_answer(None).map(|()| Call::Join { group: *group, joins: false })
        }
        ServiceAction::Quiz(quiz) => may_answer(message.wish).and_then(|()| {
            let answer = quiz::answer(quiz, message).ok_or(NoReply::NoText)?;
            text = if answer.is_right { quiz.reply.clone() } else { quiz.wrong.clone() };
            let (question, said) = (Some(answer.question), answer.said);
            Ok(Call::Keep { question, said, right: Some(answer.is_right) })
        }),
        ServiceAction::Survey(survey) => {
            let question = asking.as_ref().and_then(|one| usize::try_from(one.question).ok());
            let stepped = may_answer(message.wish)
                .and_then(|()| stepped(survey::step(service, survey, message, question), survey));
            stepped.map(|(call, back)| {
                text = back;
                call
            })
        }
        ServiceAction::Scenario(scenario) => {
            scenario::reply(scenario, message).clone_into(&mut text);
            Ok(Call::Nothing)
        }
        ServiceAction::Board(_) => may_answer(message.wish).and_then(|()| {
            let said = board::text(service, message);
            if said.is_empty() {
                Err(NoReply::NoText)
            } else {
                Ok(Call::Keep { question: None, said, right: None })
            }
        }),
        ServiceAction::Inbox(inbox) => {
            if inboxes.is_empty() {
                text.clone_from(&inbox.unknown);
            }
            match (inboxes.is_empty(), inbox.unknown.is_empty()) {
                (true, true) => Err(NoReply::NoAccount),
                (true, false) => Ok(Call::Nothing),
                (false, _) => Ok(Call::Inbox(inboxes)),
            }
        }
        ServiceAction::ToGroup(to_group) => may_answer(message.wish).and_then(|()| {
            let (call, back) = for_group(to_group, message, asking.as_ref(), contacts)?;
            text = back;
            Ok(call)
        }),
        ServiceAction::GetUrl(_) | ServiceAction::PostUrl(_) | ServiceAction::PostXml(_) => {
            Ok(request::of(service, message, number).map_or(Call::TooLong, Call::Url))
        }
    };
    let call = match done {
        Ok(call) => call,
        // Nothing is done, and so nothing is sent back.
        Err(refused) => return Deed { call: Call::Nothing, reply: Reply::Nothing(refused) },
    };
    let text = match &service.action {
        // It is no text of the service's own, and has no fields.
        ServiceAction::ToGroup(_) if text.is_empty() => Err(NoReply::Unwanted),
        ServiceAction::ToGroup(_) => Ok(Reply::Text(text)),
        ServiceAction::Reply(_)
        | ServiceAction::Subscribe { .. }
        | ServiceAction::Unsubscribe { .. }
        | ServiceAction::Vote { .. }
        | ServiceAction::Quiz(_)
        | ServiceAction::Survey(_)
        | ServiceAction::Scenario(_)
        | ServiceAction::Board(_)
        | ServiceAction::Inbox(_) => reply::of_text(&limited, &text, &filling).map(Reply::Text),
        ServiceAction::Forward { .. } => Err(NoReply::Unwanted),
        ServiceAction::Exec(_) if parts > 0 => Ok(Reply::Answer(parts)),
        _ if matches!(call, Call::TooLong) || !service.reply_with_body || parts == 0 => {
            Err(NoReply::Unwanted)
        }
        _ => Ok(Reply::Answer(parts)),
    };
    let reply = text.and_then(|reply| {
        may_answer(message.wish)?;
        if may_send { Ok(reply) } else { Err(NoReply::SimNotYours) }
    });
    Deed { call, reply: reply.unwrap_or_else(Reply::Nothing) }
}

/// What a step of a survey comes to, and what is sent back.
fn stepped(step: Step<'_>, survey: &Survey) -> Result<(Call, String), NoReply> {
    match step {
        Step::Begins(text) | Step::NoChoice(text) => Ok((Call::Nothing, text.to_owned())),
        Step::Answers { question, said, next } => {
            let call = Call::Keep { question: Some(question), said, right: None };
            Ok((call, next.unwrap_or(&survey.reply).to_owned()))
        }
        Step::Leaves => Err(NoReply::Left),
        Step::Over => Err(NoReply::NotAsked),
    }
}

/// What a text for a group comes to, and what is sent back. Whether a PIN or a code is right is not said: whoever may ask could
/// find it out.
fn for_group(
    to_group: &ToGroup,
    message: &MoReceived,
    asking: Option<&Asking>,
    contacts: usize,
) -> Result<(Call, String), NoReply> {
    let is_for = matches!(&message.from, Address::Number(sender) if to_group.is_for(sender));
    if !is_for {
        return Err(NoReply::NotOneOfSenders);
    }
    if contacts == 0 || contacts > MOST_OF_GROUP {
        return Err(NoReply::GroupSize(MOST_OF_GROUP));
    }
    let call = Call::ToGroup(to_group.group);
    if to_group.pin.is_some() {
        let said = to_group::with_pin(message).filter(|said| !said.text.is_empty());
        return said.map(|_| (call, String::new())).ok_or(NoReply::NoText);
    }
    if asking.is_some() && to_group::code(message).is_some() {
        return Ok((call, String::new()));
    }
    if after_keyword(message).is_empty() {
        return Err(NoReply::NoText);
    }
    Ok((Call::Nothing, to_group::asks_for("******", contacts)))
}

/// What would be sent on, and to whom.
fn forward(
    service: &Service,
    to: &[PhoneNumber],
    text: &str,
    filling: &Filling,
    message: &MoReceived,
    is_ours: impl Fn(&PhoneNumber) -> bool,
) -> Result<Call, NoReply> {
    let text = reply::of_forward(service, text, filling, message.into())?;
    let to: Vec<PhoneNumber> =
        reply::forwarded(to, &message.from, is_ours).into_iter().cloned().collect();
    if to.is_empty() { Err(NoReply::ToNobody) } else { Ok(Call::Forward(to, text)) }
}

#[cfg(test)]
mod tests {
    use keyword::escape::fill;

    use super::*;

    #[test]
    fn a_text_that_comes_in_ucs2_is_told_in_it() {
        let codes = |text: &str| {
            let message = MoReceived {
                id: MessageId::derived("1"),
                org: contracts::OrgId::default_org(),
                owner: None,
                modem: ModemId::derived("m"),
                sim: SimId::derived("s"),
                to: None,
                from: Address::from_text("+628123456789"),
                text: Some(text.to_owned()),
                data: None,
                class: None,
                ports: None,
                parts: 1,
                missing: Vec::new(),
                pdus: parts(text),
                smsc_at: None,
                received_at: contracts::Timestamp::from_micros(0),
                wish: None,
            };
            fill("%c %C %a", &request::values("x", &message, None)).unwrap()
        };
        assert_eq!(codes("info a"), "0 UTF-8 info+a");
        assert_eq!(codes("Ж"), "2 UTF-16BE %04%16");
    }
}
