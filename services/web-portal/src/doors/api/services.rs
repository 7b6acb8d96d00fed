//! Keyword services.

use api::{NewService, Services};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::{MessageId, ServiceId};
use store::{LoggedCall, MOST_SERVICES, Service, ServiceAction};

use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::service::{self, NotMade, Wanted};
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
    let actions = [
        new.get_url.map(ServiceAction::GetUrl),
        new.post_url.map(ServiceAction::PostUrl),
        new.post_xml.map(ServiceAction::PostXml),
        new.reply.map(ServiceAction::Reply),
    ];
    let wanted = Wanted {
        name: new.name,
        keywords: std::iter::once(new.keyword).chain(new.aliases).collect(),
        actions: actions.into_iter().flatten().collect(),
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
    PathId(id): PathId<ServiceId>,
) -> Answer<Json<api::Service>> {
    let (service, calls) = service::one(&app, &authority, id).await?.ok_or_else(nowhere)?;
    let calls = calls.into_iter().map(called).collect();
    Ok(Json(api::Service { calls: Some(calls), ..shown(&service) }))
}

/// `DELETE /services/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ServiceId>,
) -> Answer<StatusCode> {
    let removed = service::remove(&app, &authority, id).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

fn nowhere() -> Problem {
    Problem::not_found("service of this id")
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
