//! Keyword services.

mod entries;
mod kinds;
mod said;

use api::{NewService, ServiceChanges, Services, TestServices, TestedServices};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::{CallbackId, MessageId};
use keyword::reply::NoReply;
use store::{LoggedCall, MOST_SERVICES, Service, ServiceAction};

use super::body::CheckedJson;
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::conflict::{self, Conflict};
use crate::acts::entry;
use crate::acts::service::{self, Changes, Conditions, FORWARDED_PARTS, NotMade, Wanted, lines};
use crate::acts::trial::{self, Call, Reply, Taken, Trial, Tried};
use crate::acts::vote;
use crate::acts::webhook::OfSim;
use crate::app::App;
pub(super) use entries::{clear, entries, hide};
use kinds::Kinds;
use said::{Said, calls};

/// `GET /services`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<Services>> {
    let services = service::list(&app, &authority).await?;
    Ok(Json(Services { services: services.iter().map(shown).collect() }))
}

/// `POST /services`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewService>,
) -> Answer<impl IntoResponse> {
    let some = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    let sends_on = !new.forward_to.is_empty() || new.to_group.is_some();
    let parts = if sends_on { FORWARDED_PARTS } else { 1 };
    let deeds = Said {
        calls: calls(new.get_url, new.post_url, new.post_xml, new.exec),
        reply: new.reply,
        forward_to: some(new.forward_to),
        forward_text: new.forward_text,
        subscribe: new.subscribe,
        unsubscribe: new.unsubscribe,
        vote: some(new.vote),
        kinds: Kinds {
            quiz: some(new.quiz),
            survey: some(new.survey),
            scenario: some(new.scenario),
            otherwise: new.otherwise,
            once: new.once,
            leave: new.leave,
            wait_minutes: new.wait_minutes,
            board: new.board,
            shown: new.shown,
            inbox: some(new.inbox),
            inbox_named: Some(new.inbox_named),
            to_group: new.to_group,
            pin: new.pin,
            senders: some(new.senders),
        },
        is_change: false,
    }
    .deeds()?;
    let wanted = Wanted {
        name: new.name,
        keywords: std::iter::once(new.keyword).chain(new.aliases).collect(),
        conditions: Conditions {
            pattern: new.pattern.unwrap_or_default(),
            place: new.place,
            sim: new.sim,
            from: new.from.unwrap_or_default(),
            when: new.when.unwrap_or_default(),
        },
        deeds,
        reply_with_body: new.reply_with_body,
        max_messages: new.max_messages.unwrap_or(parts),
        omit_empty: new.omit_empty,
    };
    let made = service::make(&app, &authority, wanted).await?;
    let conflicts = conflict::of(&app, &authority, &made).await?;
    Ok((StatusCode::CREATED, Json(with(shown(&made), conflicts))))
}

/// `GET /services/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    Path(said): Path<String>,
) -> Answer<Json<api::Service>> {
    let (service, calls) = service::one(&app, &authority, &said).await?.ok_or_else(nowhere)?;
    let calls = calls.into_iter().map(|call| called(&service, call)).collect();
    let conflicts = conflict::of(&app, &authority, &service).await?;
    let votes = vote::counts(&app, &authority, &service).await?.into_iter();
    let votes = votes.map(|(option, votes)| api::VoteCount { option, votes }).collect();
    let kept = entry::counts(&app, &authority, &service).await?;
    let kept = kept.into_iter().map(|count| api::KeptCount {
        question: count.question.saturating_add(1),
        kept: count.all,
        right: count.right,
    });
    let kept = kept.collect();
    let shown = api::Service { calls: Some(calls), votes, kept, ..shown(&service) };
    Ok(Json(with(shown, conflicts)))
}

/// `PATCH /services/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    Path(said): Path<String>,
    CheckedJson(changes): CheckedJson<ServiceChanges>,
) -> Answer<Json<api::Service>> {
    let sim = match changes.sim.as_deref() {
        None => None,
        Some("") => Some(OfSim::Any),
        Some(sim) => Some(OfSim::Only(
            sim.parse().map_err(|_| Problem::malformed("'sim' is the id of a SIM, or empty."))?,
        )),
    };
    let deeds = Said {
        calls: calls(changes.get_url, changes.post_url, changes.post_xml, changes.exec),
        reply: changes.reply,
        forward_to: changes.forward_to,
        forward_text: changes.forward_text,
        subscribe: changes.subscribe,
        unsubscribe: changes.unsubscribe,
        vote: changes.vote,
        kinds: Kinds {
            quiz: changes.quiz,
            survey: changes.survey,
            scenario: changes.scenario,
            otherwise: changes.otherwise,
            once: changes.once,
            leave: changes.leave,
            wait_minutes: changes.wait_minutes,
            board: changes.board,
            shown: changes.shown,
            inbox: changes.inbox,
            inbox_named: changes.inbox_named,
            to_group: changes.to_group,
            pin: changes.pin,
            senders: changes.senders,
        },
        is_change: true,
    }
    .deeds()?;
    let changes = Changes {
        name: changes.name,
        keyword: changes.keyword,
        aliases: changes.aliases,
        pattern: changes.pattern,
        place: changes.place,
        sim,
        from: changes.from,
        when: changes.when,
        deeds,
        reply_with_body: changes.reply_with_body,
        max_messages: changes.max_messages,
        omit_empty: changes.omit_empty,
    };
    let changed = service::change(&app, &authority, &said, changes).await?.ok_or_else(nowhere)?;
    let conflicts = conflict::of(&app, &authority, &changed).await?;
    Ok(Json(with(shown(&changed), conflicts)))
}

/// `POST /services/test`.
pub(super) async fn test(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(test): CheckedJson<TestServices>,
) -> Answer<Json<TestedServices>> {
    let TestServices { from, text, sim } = test;
    let trial = trial::of(&app, &authority, &Tried { from, text, sim }).await?;
    Ok(Json(tried(trial)))
}

/// `DELETE /services/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    Path(said): Path<String>,
) -> Answer<StatusCode> {
    let removed = service::remove(&app, &authority, &said).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

/// What would become of a message.
fn tried(trial: Trial) -> TestedServices {
    let mut tested = TestedServices {
        summary: String::new(),
        word: trial.word,
        sim: trial.sim,
        service: None,
        elsewhere: false,
        url: None,
        reply: None,
        exec: Vec::new(),
        forward_to: Vec::new(),
        forward_text: None,
        subscribe: None,
        unsubscribe: None,
        vote: None,
        question: None,
        right: None,
        keeps: None,
        inbox: Vec::new(),
        to_group: None,
        is_asking: trial.is_asking,
        reply_with_body: false,
        no_reply: None,
    };
    let (service, deed) = match trial.taken {
        Taken::Nobody => {
            tested.summary = String::from("No service takes this message.");
            return tested;
        }
        Taken::Elsewhere => {
            tested.summary = String::from("A service of another account takes this message.");
            tested.elsewhere = true;
            return tested;
        }
        Taken::Service(service, deed) => (service, deed),
    };
    let called = match deed.call {
        Call::Url(request) => {
            tested.url = Some(request.url);
            " It calls its URL."
        }
        Call::TooLong => {
            " It calls nothing: with its escape codes replaced, the URL would be too long."
        }
        Call::Run(program, arguments) => {
            tested.exec = std::iter::once(program).chain(arguments).collect();
            " It runs its program."
        }
        Call::Forward(to, text) => {
            tested.forward_to = to;
            tested.forward_text = Some(text);
            " It sends its text on."
        }
        Call::Join { group, joins: true } => {
            tested.subscribe = Some(group);
            " It puts the sender into its group."
        }
        Call::Join { group, joins: false } => {
            tested.unsubscribe = Some(group);
            " It takes the sender out of its group."
        }
        Call::Keep { question, said, right } => {
            let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
            tested.question = question.map(number);
            (tested.keeps, tested.right) = (Some(said), right);
            match (question, right) {
                (None, _) => " It keeps the text on its board.",
                (Some(_), Some(true)) => " It keeps the answer, which is right.",
                (Some(_), Some(false)) => " It keeps the answer, which is wrong.",
                (Some(_), None) => " It keeps the answer.",
            }
        }
        Call::Inbox(users) => {
            tested.inbox = users;
            " It puts the message into inboxes."
        }
        Call::ToGroup(group) => {
            tested.to_group = Some(group);
            " It sends the text to its group, if the PIN or the code is right."
        }
        Call::Vote(option) => {
            tested.vote = Some(option);
            " It counts the vote."
        }
        Call::Nothing => "",
    };
    let back = match deed.reply {
        Reply::Text(text) => {
            tested.reply = Some(text);
            "Its text is sent back.".to_owned()
        }
        Reply::Answer(parts) => {
            tested.reply_with_body = true;
            let parts = if parts == 1 { "one part".to_owned() } else { format!("{parts} parts") };
            format!("The plain text that it answers is sent back, in at most {parts}.")
        }
        Reply::Nothing(NoReply::Unwanted) => "Nothing is sent back.".to_owned(),
        Reply::Nothing(why) => {
            tested.no_reply = Some(why.to_string());
            format!("Nothing is sent back: {why}.")
        }
    };
    let asks = if tested.is_asking { ", for it asks the sender something" } else { "" };
    tested.summary =
        format!("The service '{}' takes this message{asks}.{called} {back}", service.name);
    tested.service = Some(shown(&service));
    tested
}

fn nowhere() -> Problem {
    Problem::not_found("service of this id or this name")
}

/// A service with the others that could take the same messages.
fn with(service: api::Service, conflicts: Vec<Conflict>) -> api::Service {
    let conflicts = conflicts.into_iter().map(|one| api::ServiceConflict {
        service: one.service,
        words: one.to_string(),
        name: one.name,
    });
    api::Service { conflicts: conflicts.collect(), ..service }
}

fn shown(service: &Service) -> api::Service {
    let (keyword, aliases) = match service.keywords.split_first() {
        Some((keyword, aliases)) => (keyword.clone(), aliases.to_vec()),
        None => (String::new(), Vec::new()),
    };
    let mut shown = api::Service {
        id: service.id,
        owner: service.owner,
        name: service.name.clone(),
        keyword,
        aliases,
        place: service.rule.pattern.as_ref().map(|_| service.rule.place),
        pattern: service.rule.pattern.clone(),
        sim: service.rule.sim,
        from: service.rule.sender.clone(),
        when: service.rule.times.clone(),
        get_url: None,
        post_url: None,
        post_xml: None,
        reply: None,
        exec: None,
        forward_to: Vec::new(),
        forward_text: None,
        subscribe: None,
        unsubscribe: None,
        vote: Vec::new(),
        votes: Vec::new(),
        quiz: Vec::new(),
        survey: Vec::new(),
        scenario: Vec::new(),
        otherwise: None,
        once: None,
        leave: None,
        wait_minutes: None,
        board: None,
        shown: None,
        inbox: Vec::new(),
        inbox_named: false,
        to_group: None,
        has_pin: false,
        senders: Vec::new(),
        kept: Vec::new(),
        reply_with_body: service.reply_with_body,
        max_messages: service.max_messages,
        omit_empty: service.omit_empty,
        created_at: service.created_at,
        calls: None,
        conflicts: Vec::new(),
    };
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    match service.action.clone() {
        ServiceAction::GetUrl(url) => shown.get_url = Some(url),
        ServiceAction::PostUrl(url) => shown.post_url = Some(url),
        ServiceAction::PostXml(url) => shown.post_xml = Some(url),
        ServiceAction::Reply(text) => shown.reply = Some(text),
        ServiceAction::Exec(line) => shown.exec = Some(line),
        ServiceAction::Forward { to, text } => {
            (shown.forward_to, shown.forward_text) = (to, Some(text));
        }
        ServiceAction::Subscribe { group, reply } => {
            (shown.subscribe, shown.reply) = (Some(group), text(reply));
        }
        ServiceAction::Unsubscribe { group, reply } => {
            (shown.unsubscribe, shown.reply) = (Some(group), text(reply));
        }
        ServiceAction::Vote { options, reply } => {
            (shown.vote, shown.reply) = (options, text(reply));
        }
        ServiceAction::Quiz(quiz) => {
            shown.quiz = quiz.questions.iter().map(lines::of_question).collect();
            (shown.once, shown.otherwise, shown.reply) =
                (Some(quiz.once), text(quiz.wrong), text(quiz.reply));
        }
        ServiceAction::Survey(survey) => {
            shown.survey = survey.questions.iter().map(lines::of_question).collect();
            (shown.leave, shown.wait_minutes) = (Some(survey.leave), Some(survey.minutes));
            (shown.otherwise, shown.reply) = (text(survey.otherwise), text(survey.reply));
        }
        ServiceAction::Scenario(scenario) => {
            shown.scenario = scenario.lines.iter().map(lines::of_scenario).collect();
            shown.reply = text(scenario.reply);
        }
        ServiceAction::Board(board) => {
            shown.board = Some(board.address.unwrap_or_default());
            (shown.shown, shown.reply) = (Some(board.shown), text(board.reply));
        }
        ServiceAction::Inbox(inbox) => {
            shown.inbox_named = inbox.is_named();
            (shown.inbox, shown.otherwise) = (inbox.users, text(inbox.unknown));
            shown.reply = text(inbox.reply);
        }
        ServiceAction::ToGroup(to_group) => {
            (shown.to_group, shown.has_pin) = (Some(to_group.group), to_group.pin.is_some());
            shown.senders = to_group.senders;
        }
    }
    shown
}

fn called(service: &Service, call: LoggedCall) -> api::ServiceCall {
    let to = match &service.action {
        ServiceAction::Forward { to, .. } => Some(to),
        _ => None,
    };
    let sent_on = to.filter(|_| call.replied_at.is_some()).into_iter().flatten();
    let forwarded = sent_on.map(|to| MessageId::of_reply(CallbackId::of_forward(call.id, to)));
    api::ServiceCall {
        id: call.id,
        message: call.message,
        state: call.state.as_str().to_owned(),
        attempts: call.attempts,
        http_status: call.http_status,
        error: call.last_error,
        reply: call.replied_at.filter(|_| to.is_none()).map(|_| MessageId::of_reply(call.id)),
        forwarded: forwarded.collect(),
        next_at: call.next_at,
        created_at: call.created_at,
    }
}

impl From<NotMade> for Problem {
    fn from(refused: NotMade) -> Self {
        let detail = sentence(&refused.to_string());
        let malformed = |field: &'static str| Self::malformed(detail.clone()).with("field", field);
        match refused {
            NotMade::Denied(denied) => denied.into(),
            NotMade::Name => malformed("name"),
            NotMade::Keyword => malformed("keyword"),
            NotMade::Match(_) => malformed("match"),
            NotMade::Place => malformed("place"),
            NotMade::From => malformed("from"),
            NotMade::When(_) => malformed("when"),
            NotMade::TooManyAliases => malformed("aliases"),
            NotMade::Url { field, .. } => malformed(field),
            NotMade::Template(_) | NotMade::Reply => malformed("reply"),
            NotMade::NotOneAction
            | NotMade::NoSuchGroup(_)
            | NotMade::Options
            | NotMade::KeywordOrMatch
            // With a text to send on, and without a number: neither field is wrong by itself.
            | NotMade::ForwardTo
            | NotMade::NoText
            | NotMade::Beside { .. }
            | NotMade::Lines { .. }
            | NotMade::Wait
            | NotMade::Leave
            | NotMade::Shown
            | NotMade::Address
            | NotMade::Inboxes
            | NotMade::NoSuchAccount(_)
            | NotMade::Pin
            | NotMade::Exec(_)
            | NotMade::NotAllowed(_) => Self::malformed(detail),
            NotMade::NoSender(_) => malformed("senders"),
            NotMade::PublicMatch => malformed("board"),
            NotMade::NoPhone(_) | NotMade::ToOurselves(_) => {
                malformed("forward_to")
            }
            NotMade::TooMany => {
                Self::new(Code::TooManyServices, detail).with("limit", MOST_SERVICES)
            }
            NotMade::NameTaken(_) | NotMade::AddressTaken(_) => {
                Self::new(Code::NameTaken, detail)
            }
            NotMade::KeywordTaken(_) => Self::new(Code::KeywordTaken, detail),
            NotMade::Hashing => Self::unavailable(Code::NoMemory, detail),
            NotMade::Store(error) => error.into(),
        }
    }
}
