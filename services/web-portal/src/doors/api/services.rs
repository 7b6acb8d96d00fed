//! Keyword services.

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
use crate::acts::service::{self, Changes, Conditions, FORWARDED_PARTS, NotMade, Wanted};
use crate::acts::trial::{self, Call, Reply, Taken, Trial, Tried};
use crate::acts::vote;
use crate::acts::webhook::OfSim;
use crate::app::App;
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
    let parts = if new.forward_to.is_empty() { 1 } else { FORWARDED_PARTS };
    let deeds = Said {
        calls: calls(new.get_url, new.post_url, new.post_xml, new.exec),
        reply: new.reply,
        forward_to: Some(new.forward_to).filter(|to| !to.is_empty()),
        forward_text: new.forward_text,
        subscribe: new.subscribe,
        unsubscribe: new.unsubscribe,
        vote: Some(new.vote).filter(|options| !options.is_empty()),
    }
    .deeds();
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
    let shown = api::Service { calls: Some(calls), votes, ..shown(&service) };
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
    }
    .deeds();
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
            format!("The plain text that it answers is sent back, in at most {parts} parts.")
        }
        Reply::Nothing(NoReply::Unwanted) => "Nothing is sent back.".to_owned(),
        Reply::Nothing(why) => {
            tested.no_reply = Some(why.to_string());
            format!("Nothing is sent back: {why}.")
        }
    };
    tested.summary = format!("The service '{}' takes this message.{called} {back}", service.name);
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
            | NotMade::Exec(_)
            | NotMade::NotAllowed(_) => Self::malformed(detail),
            NotMade::NoPhone(_) | NotMade::ToOurselves(_) => {
                malformed("forward_to")
            }
            NotMade::TooMany => {
                Self::new(Code::TooManyServices, detail).with("limit", MOST_SERVICES)
            }
            NotMade::NameTaken(_) => Self::new(Code::NameTaken, detail),
            NotMade::KeywordTaken(_) => Self::new(Code::KeywordTaken, detail),
            NotMade::Store(error) => error.into(),
        }
    }
}
