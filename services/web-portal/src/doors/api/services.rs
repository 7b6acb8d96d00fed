//! Keyword services.

use api::{NewService, ServiceChanges, Services, TestServices, TestedServices};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::MessageId;
use keyword::reply::NoReply;
use store::{LoggedCall, MOST_SERVICES, Service, ServiceAction};

use super::body::CheckedJson;
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::service::{self, Changes, NotMade, Wanted};
use crate::acts::trial::{self, Call, Reply, Taken, Trial, Tried};
use crate::app::App;

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
    let wanted = Wanted {
        name: new.name,
        keywords: std::iter::once(new.keyword).chain(new.aliases).collect(),
        actions: actions(new.get_url, new.post_url, new.post_xml, new.reply),
        reply_with_body: new.reply_with_body,
        max_messages: new.max_messages.unwrap_or(1),
        omit_empty: new.omit_empty,
    };
    let made = service::make(&app, &authority, wanted).await?;
    Ok((StatusCode::CREATED, Json(shown(&made))))
}

/// `GET /services/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    Path(said): Path<String>,
) -> Answer<Json<api::Service>> {
    let (service, calls) = service::one(&app, &authority, &said).await?.ok_or_else(nowhere)?;
    let calls = calls.into_iter().map(called).collect();
    Ok(Json(api::Service { calls: Some(calls), ..shown(&service) }))
}

/// `PATCH /services/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    Path(said): Path<String>,
    CheckedJson(changes): CheckedJson<ServiceChanges>,
) -> Answer<Json<api::Service>> {
    let ServiceChanges { get_url, post_url, post_xml, reply, .. } = changes;
    let actions = actions(get_url, post_url, post_xml, reply);
    let changes = Changes {
        name: changes.name,
        keyword: changes.keyword,
        aliases: changes.aliases,
        actions,
        reply_with_body: changes.reply_with_body,
        max_messages: changes.max_messages,
        omit_empty: changes.omit_empty,
    };
    let changed = service::change(&app, &authority, &said, changes).await?;
    changed.map(|service| Json(shown(&service))).ok_or_else(nowhere)
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

/// What a service is to do, of the fields that say so.
fn actions(
    get_url: Option<String>,
    post_url: Option<String>,
    post_xml: Option<String>,
    reply: Option<String>,
) -> Vec<ServiceAction> {
    let said = [
        get_url.map(ServiceAction::GetUrl),
        post_url.map(ServiceAction::PostUrl),
        post_xml.map(ServiceAction::PostXml),
        reply.map(ServiceAction::Reply),
    ];
    said.into_iter().flatten().collect()
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

fn shown(service: &Service) -> api::Service {
    let (keyword, aliases) = match service.keywords.split_first() {
        Some((keyword, aliases)) => (keyword.clone(), aliases.to_vec()),
        None => (String::new(), Vec::new()),
    };
    let action = service.action.clone();
    let (mut get_url, mut post_url, mut post_xml, mut reply) = (None, None, None, None);
    match action {
        ServiceAction::GetUrl(url) => get_url = Some(url),
        ServiceAction::PostUrl(url) => post_url = Some(url),
        ServiceAction::PostXml(url) => post_xml = Some(url),
        ServiceAction::Reply(text) => reply = Some(text),
    }
    api::Service {
        id: service.id,
        owner: service.owner,
        name: service.name.clone(),
        keyword,
        aliases,
        get_url,
        post_url,
        post_xml,
        reply,
        reply_with_body: service.reply_with_body,
        max_messages: service.max_messages,
        omit_empty: service.omit_empty,
        created_at: service.created_at,
        calls: None,
    }
}

fn called(call: LoggedCall) -> api::ServiceCall {
    api::ServiceCall {
        id: call.id,
        message: call.message,
        state: call.state.as_str().to_owned(),
        attempts: call.attempts,
        http_status: call.http_status,
        error: call.last_error,
        reply: call.replied_at.map(|_| MessageId::of_reply(call.id)),
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
            NotMade::TooManyAliases => malformed("aliases"),
            NotMade::Url { field, .. } => malformed(field),
            NotMade::Reply => malformed("reply"),
            NotMade::NotOneAction => Self::malformed(detail),
            NotMade::TooMany => {
                Self::new(Code::TooManyServices, detail).with("limit", MOST_SERVICES)
            }
            NotMade::NameTaken(_) => Self::new(Code::NameTaken, detail),
            NotMade::KeywordTaken(_) => Self::new(Code::KeywordTaken, detail),
            NotMade::Store(error) => error.into(),
        }
    }
}
