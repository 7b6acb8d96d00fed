//! The OpenAPI document, held against the calls that there are and against every answer that these tests get.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use contracts::control::Call;
use jsonschema::Validator;
use reqwest::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use web_portal::declared;

use crate::gateway::Gateway;

/// The document as it is served: the same as the one that is checked in, as `shared/api` tests.
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(api::openapi::document()).expect("JSON"));

/// Its schemas, made strict: an answer has no field that the document does not name.
static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
    let mut schemas = DOCUMENT["components"]["schemas"].clone();
    let mut parts = BTreeSet::from(["Problem".to_owned()]);
    parts_of_others(&schemas, &mut parts);
    for (name, schema) in schemas.as_object_mut().expect("schemas") {
        let has_fields = schema.get("properties").is_some() || schema.get("allOf").is_some();
        if has_fields && !parts.contains(name) {
            schema["unevaluatedProperties"] = json!(false);
        }
    }
    schemas
});

/// The schemas that others are made of, which say only a part of an object.
fn parts_of_others(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for part in object.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                let references =
                    std::iter::once(part).chain(part["oneOf"].as_array().into_iter().flatten());
                let references = references.filter_map(|one| one["$ref"].as_str());
                found.extend(references.filter_map(|to| to.rsplit('/').next().map(str::to_owned)));
            }
            for value in object.values() {
                parts_of_others(value, found);
            }
        }
        Value::Array(list) => {
            for value in list {
                parts_of_others(value, found);
            }
        }
        _ => {}
    }
}

/// The operation of a call; a path whose parts are all as in the document goes before one with ids.
fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let fits = |known: &str| {
        let (mut known, mut asked) = (known.split('/'), path.split('/'));
        known
            .by_ref()
            .all(|part| asked.next().is_some_and(|one| part.starts_with('{') || part == one))
            && asked.next().is_none()
    };
    let method = if *method == Method::HEAD { "get" } else { &*method.as_str().to_lowercase() };
    let mut paths: Vec<(&String, &Value)> = DOCUMENT["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .filter(|(path, _)| fits(path))
        .collect();
    paths.sort_by_key(|(path, _)| path.contains('{'));
    paths.iter().find_map(|(path, calls)| Some((path.as_str(), calls.get(method)?)))
}

/// Holds an answer against the document.
pub(crate) fn check(method: &Method, path: &str, status: StatusCode, kind: &str, text: &str) {
    let Some(path) = path.strip_prefix(api::openapi::BASE) else { return };
    let shown = format!("{method} {path}: {status} {kind} {text}");
    let schema = match operation(method, path) {
        // What is no call says so as every refusal does.
        None => {
            assert!(status.is_client_error(), "it is not in the document: {shown}");
            json!({ "$ref": "#/components/schemas/Problem" })
        }
        Some((_, operation)) => {
            let answers = &operation["responses"];
            let answer = answers.get(status.as_str());
            let is_named = answer.is_some() || !status.is_success();
            assert!(is_named, "the status is not in the document: {shown}");
            let answer = answer.unwrap_or(&answers["default"]);
            let Some(contents) = answer["content"].as_object() else {
                assert!(text.is_empty(), "there should be no body: {shown}");
                return;
            };
            let content = contents.get(kind);
            let content = content.unwrap_or_else(|| panic!("the type is another: {shown}"));
            content["schema"].clone()
        }
    };
    if *method == Method::HEAD {
        return;
    }
    let value: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {shown}"));
    let validator = validator(&schema);
    let wrong: Vec<String> =
        validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(wrong.is_empty(), "{}\n{shown}", wrong.join("\n"));
}

/// Made once for each schema.
fn validator(schema: &Value) -> Arc<Validator> {
    static MADE: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let validator = made.entry(schema.to_string()).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["components"] = json!({ "schemas": *SCHEMAS });
        Arc::new(jsonschema::draft202012::new(&whole).expect("a schema"))
    });
    Arc::clone(validator)
}

/// Each call by method, path and scope: those of the router.
fn of_the_router() -> BTreeSet<(String, String, Option<String>, bool)> {
    let calls = declared().into_iter().flat_map(|call| {
        let paths = if call.path.ends_with("/{call}") {
            let names = Call::ALL.iter().map(|name| call.path.replace("{call}", name.as_str()));
            names.collect()
        } else {
            vec![call.path.to_owned()]
        };
        let power = call.power.map(str::to_owned);
        paths
            .into_iter()
            .map(move |path| (call.method.to_owned(), path, power.clone(), call.public))
    });
    calls.collect()
}

/// The same, those of the document.
fn of_the_document() -> BTreeSet<(String, String, Option<String>, bool)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let calls = paths.iter().flat_map(|(path, calls)| {
        calls.as_object().expect("calls").iter().map(|(method, operation)| {
            let key = operation["security"][0].get("key");
            let scope = key.and_then(|scopes| scopes[0].as_str()).map(str::to_owned);
            (method.to_uppercase(), path.clone(), scope, key.is_none())
        })
    });
    calls.collect()
}

#[test]
fn the_document_has_every_call_with_its_scope_and_no_other() {
    let (router, document) = (of_the_router(), of_the_document());
    let lacks: Vec<_> = router.difference(&document).collect();
    let invents: Vec<_> = document.difference(&router).collect();
    assert!(lacks.is_empty() && invents.is_empty(), "lacks {lacks:?}, invents {invents:?}");
    let ids: BTreeSet<&str> = DOCUMENT["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|calls| calls.as_object().expect("calls").values())
        .map(|operation| operation["operationId"].as_str().expect("an operationId"))
        .collect();
    assert_eq!(ids.len(), document.len(), "each call has a name of its own");
}

#[test]
fn an_answer_that_differs_from_the_document_is_seen() {
    let good =
        json!({ "id": "mdm_00000000000000000000000000000000", "name": null, "enabled": true });
    let told = |value: &Value| {
        let text = value.to_string();
        std::panic::catch_unwind(|| {
            let path = "/api/v1/modems/mdm_1";
            check(&Method::PATCH, path, StatusCode::OK, "application/json", &text);
        })
    };
    assert!(told(&good).is_ok());
    let mut more = good.clone();
    more["colour"] = json!("red");
    let mut other = good.clone();
    other["enabled"] = json!("yes");
    let mut less = good.clone();
    less.as_object_mut().expect("an object").remove("enabled");
    for bad in [more, other, less] {
        assert!(told(&bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn the_document_is_served_to_everybody_and_kept() {
    let gateway = Gateway::start().await;
    let url = format!("{}/api/v1/openapi.json", gateway.url);
    let served = gateway.http.get(&url).send().await.expect("an answer");
    assert_eq!(served.status(), 200);
    assert_eq!(served.headers()["content-type"], "application/json");
    let kept = served.headers()[CACHE_CONTROL].to_str().expect("text");
    assert!(kept.contains("public") && kept.contains("max-age"), "{kept}");
    let tag = served.headers()[ETAG].clone();
    let document: Value = served.json().await.expect("JSON");
    assert_eq!(document, *DOCUMENT);
    assert_eq!(document["openapi"], "3.1.0");
    let again = gateway.http.get(&url).header(IF_NONE_MATCH, tag).send().await.expect("an answer");
    assert_eq!(again.status(), 304);
    assert!(again.bytes().await.expect("a body").is_empty());
}
