//! Version 1: `/http_api/send_sms` by the address, `/jsonrpc/sms` by JSON. The status is 200 whatever happens.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::sending::{self, Sent, Wanted};
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::{self, Body, Form, Object, Unreadable};

/// What is said of credentials that are not good, by which ones they are.
const BAD_TOKEN: &str = "Invalid access token";
const BAD_LOGIN: &str = "Invalid login or password";
/// What is said of anything else, before what it is.
const WRONG: &str = "Wrong parameters";

/// Why nothing was sent, in SMSEagle's words.
#[derive(Debug, PartialEq, Eq)]
struct Refusal(String);

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        tracing::info!(refusal = refused.kind(), "a request in SMSEagle's form was refused");
        Self(format!("{WRONG}: {}", sending::named(&refused, "message")))
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        Refused::from(unreadable).into()
    }
}

/// `GET /http_api/send_sms`.
pub(crate) async fn send_sms(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let form = form::whole(body).and_then(|body| Form::read(query.as_deref(), &headers, &body));
    let is_xml = form.as_ref().is_ok_and(|form| form.filled("responsetype") == Some("xml"));
    let sent = match form {
        Ok(form) => send(&app, &form).await,
        Err(unreadable) => Err(unreadable.into()),
    };
    let (kind, text) = if is_xml {
        ("text/xml; charset=utf-8", xml(sent))
    } else {
        ("text/plain; charset=utf-8", sent.map_or_else(|refusal| refusal.0, |sent| words(&sent)))
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// `POST /jsonrpc/sms`.
pub(crate) async fn json_rpc(State(app): State<App>, body: Body) -> Response {
    let (is_extended, sent) = call(&app, body).await;
    let result = match (is_extended, sent) {
        (false, Ok(sent)) => json!(words(&sent)),
        (false, Err(refusal)) => json!(refusal.0),
        (true, Ok(sent)) => extended(&sent),
        (true, Err(refusal)) => json!({ "error_text": refusal.0, "status": "error" }),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "result": result }))).into_response()
}

/// The result, and whether it is wanted as an object.
async fn call(app: &App, body: Body) -> (bool, Result<Sent, Refusal>) {
    let read = form::whole(body).and_then(|body| {
        let request = Object::read(&body)?;
        let method = request.text("method")?.unwrap_or_default();
        let params = request.object("params")?.unwrap_or_default().into_form()?;
        Ok((method, params))
    });
    let (method, params) = match read {
        Ok(read) => read,
        Err(unreadable) => return (false, Err(unreadable.into())),
    };
    let is_extended = params.filled("responsetype") == Some("extended");
    let sent = match method.as_str() {
        "sms.send_sms" => send(app, &params).await,
        "sms.send_togroup" | "sms.send_tocontact" => match authorize(app, &params).await {
            Ok(_) => Err(Refusal(format!(
                "{WRONG}: this gateway does not send to contacts and groups yet"
            ))),
            Err(refusal) => Err(refusal),
        },
        _ => Err(Refusal(format!("{WRONG}: method: only sms.send_sms is here"))),
    };
    (is_extended, sent)
}

async fn authorize(app: &App, form: &Form) -> Result<Authority, Refusal> {
    let (authority, words) = if let Some(token) = form.filled("access_token") {
        (Authority::by_key(app, token).await, BAD_TOKEN)
    } else {
        let name = form.filled("login").unwrap_or_default();
        let key = form.filled("pass").unwrap_or_default();
        (Authority::by_name_and_key(app, name, key).await, BAD_LOGIN)
    };
    let authority = authority.map_err(|unchecked| Refusal::from(Refused::from(unchecked)))?;
    authority.ok_or_else(|| Refusal(words.to_owned()))
}

async fn send(app: &App, form: &Form) -> Result<Sent, Refusal> {
    let authority = authorize(app, form).await?;
    let flag = |name: &str| match form.filled(name) {
        None | Some("0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(_) => Err(Unreadable::Field(format!("{name}: this is 0 or 1"))),
    };
    flag("unicode")?;
    if form.filled("message_type").is_some_and(|kind| kind != "sms") {
        return Err(Unreadable::Field("message_type: only SMS are sent here".to_owned()).into());
    }
    let wanted = Wanted {
        to: form
            .filled("to")
            .unwrap_or_default()
            .split(',')
            .map(|to| to.trim().to_owned())
            .collect(),
        text: form.last("message").unwrap_or_default().to_owned(),
        urgent: flag("highpriority")?,
        flash: flag("flash")?,
        validity: form.filled("validity").map(str::to_owned),
        date: form.filled("date").map(str::to_owned),
        test: flag("test")?,
    };
    Ok(sending::send(app, &authority, wanted).await?)
}

/// `OK; ID=297`; of several messages the ids are separated by commas.
fn words(sent: &Sent) -> String {
    let ids: Vec<String> = sent.iter().map(|(number, _)| number.to_string()).collect();
    format!("OK; ID={}", ids.join(","))
}

/// One object, or a list of several.
fn extended(sent: &Sent) -> Value {
    let object = |(number, _): &(i64, String)| json!({ "message_id": number, "status": "ok" });
    match sent.as_slice() {
        [one] => object(one),
        several => several.iter().map(object).collect(),
    }
}

fn xml(sent: Result<Sent, Refusal>) -> String {
    match sent {
        Ok(sent) => {
            let ids = sent.iter().map(|(number, _)| format!("<message_id>{number}</message_id>\n"));
            format!("<xml>\n{}<status>ok</status>\n</xml>", ids.collect::<String>())
        }
        Err(Refusal(words)) => {
            // XML has no control characters at all.
            let words = words.replace(char::is_control, "?");
            let words = quick_xml::escape::partial_escape(&words);
            format!("<xml>\n<error_text>{words}</error_text>\n<status>error</status>\n</xml>")
        }
    }
}
