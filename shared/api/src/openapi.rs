//! The OpenAPI document (3.1) of `/api/v1`, made from the types of this crate and the list of calls below.
//!
//! `docs/openapi.json` is the document as it was last looked at; a test compares the two.

use contracts::control::{
    AtReply, AtRequest, FlightRequest, NumberRequest, PinReply, PinRequest, TraceReply,
    TraceRequest, UssdReply, UssdRequest,
};
use contracts::modem::ModemState;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr,
    Required, Schema, ServerBuilder,
};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Acceptance, AccountChanges, Batch, BatchAcceptance, Cancellation, DeadLetters, Inbox, Key,
    Keys, ListDead, ListDeliveries, ListInbox, ListMessages, Me, MessageDetail, Messages, Modem,
    ModemChanges, ModemSettings, Modems, NewKey, NewMessage, NewRole, NewUser, NewWebhook, Nothing,
    Preview, Problem, ReceivedMessage, ReplayDeliveries, Replayed, SetupLink, Sim, SimChanges,
    Sims, User, Users, WatchMessage, Webhook, WebhookChanges, WebhookDeliveries, WebhookDelivery,
    Webhooks,
};

/// The document, as pretty JSON with a newline at its end.
///
/// # Errors
/// When it cannot be written as JSON, which a test rules out.
pub fn json() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&document()).map(|text| text + "\n")
}

/// The document.
pub fn document() -> OpenApi {
    let mut calls = Calls::default();
    messages(&mut calls);
    batches(&mut calls);
    inbox(&mut calls);
    modems(&mut calls);
    sims(&mut calls);
    accounts(&mut calls);
    webhooks(&mut calls);
    calls.schema::<Problem>();
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key; `merpati key add` and the portal make one."))
        .build();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(calls.schemas)
        .security_scheme("key", SecurityScheme::Http(key))
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Merpati")
                .version("1")
                .description(Some("Send and receive SMS through your own GSM modems."))
                .build(),
        )
        .servers(Some([ServerBuilder::new().url("/api/v1").build()]))
        .security(Some([SecurityRequirement::new("key", Vec::<String>::new())]))
        .paths(calls.paths)
        .components(Some(components))
        .build()
}

fn messages(calls: &mut Calls) {
    calls.add(
        Call::post("/messages", "Sends a message to one or many recipients.")
            .takes::<NewMessage>()
            .header(
                "Idempotency-Key",
                "A name for this one request, so that it is accepted once however often it comes.",
            )
            .answers::<Acceptance>(202, "The broker has all of them."),
    );
    calls.add(
        Call::get("/messages", "Lists messages to be sent, newest first.")
            .asks::<ListMessages>()
            .answers::<Messages>(200, "A page."),
    );
    calls.add(
        Call::post("/messages/preview", "Counts how a message would go out; nothing is sent.")
            .takes::<NewMessage>()
            .answers::<Preview>(200, "How it would go out."),
    );
    calls.add(
        Call::get("/messages/{id}", "Shows a message with its timeline, or waits for news of it.")
            .asks::<WatchMessage>()
            .answers::<MessageDetail>(200, "The message."),
    );
    calls.add(
        Call::delete("/messages/{id}", "Cancels a message that no modem has yet.")
            .answers::<Cancellation>(200, "It will not be sent."),
    );
    calls.add(
        Call::post("/messages/{id}/again", "Sends a message again that did not arrive.")
            .answers::<Acceptance>(202, "The broker has the new message."),
    );
}

fn batches(calls: &mut Calls) {
    calls.add(
        Call::post("/batches", "Sends a message to as many as 10,000 recipients, as one batch.")
            .takes::<NewMessage>()
            .header(
                "Idempotency-Key",
                "A name for this one request, so that it is accepted once however often it comes.",
            )
            .answers::<BatchAcceptance>(202, "The broker has all of them."),
    );
    calls.add(
        Call::get("/batches/{id}", "Shows how far the messages of a batch are.")
            .answers::<Batch>(200, "The batch."),
    );
    for (path, what) in [
        ("/batches/{id}/pause", "Keeps back what no modem has yet."),
        ("/batches/{id}/resume", "Lets a paused batch go on."),
        ("/batches/{id}/cancel", "Takes back what no modem has yet."),
    ] {
        calls.add(
            Call::post(path, what)
                .takes::<Nothing>()
                .answers::<Batch>(200, "The batch, as it is now."),
        );
    }
}

fn inbox(calls: &mut Calls) {
    calls.add(
        Call::get("/inbox", "Lists received messages, newest first.")
            .asks::<ListInbox>()
            .answers::<Inbox>(200, "A page."),
    );
    calls.add(
        Call::get("/inbox/{id}", "Shows a received message.")
            .answers::<ReceivedMessage>(200, "The message, with its PDUs."),
    );
    calls.add(
        Call::get("/dead", "Lists what was given up, newest first.")
            .asks::<ListDead>()
            .answers::<DeadLetters>(200, "A page."),
    );
}

fn modems(calls: &mut Calls) {
    calls.add(Call::get("/modems", "Lists the modems.").answers::<Modems>(200, "The modems."));
    calls.add(Call::get("/modems/{id}", "Shows a modem.").answers::<Modem>(200, "The modem."));
    calls.add(
        Call::patch("/modems/{id}", "Names a modem, disables or enables it.")
            .takes::<ModemChanges>()
            .answers::<ModemSettings>(200, "What is set now."),
    );
    calls.add(
        Call::delete("/modems/{id}", "Forgets a modem that is gone.").done("It is forgotten."),
    );
    let taken = "The modem took it.";
    calls.add(
        Call::post("/modems/{id}/info", "Asks a modem for its state.")
            .answers::<ModemState>(200, "Its state, fresh."),
    );
    calls.add(
        Call::post("/modems/{id}/ussd", "Dials a USSD code, or answers the network.")
            .takes::<UssdRequest>()
            .answers::<UssdReply>(200, "What the network answered."),
    );
    calls.add(
        Call::post("/modems/{id}/at", "Sends an AT command.")
            .takes::<AtRequest>()
            .answers::<AtReply>(200, "What the modem answered."),
    );
    calls.add(
        Call::post("/modems/{id}/restart", "Sets a modem up anew.").answers::<Nothing>(200, taken),
    );
    calls.add(
        Call::post("/modems/{id}/reset", "Restarts a modem itself.").answers::<Nothing>(200, taken),
    );
    calls.add(
        Call::post("/modems/{id}/flight", "Turns a modem's radio off or on.")
            .takes::<FlightRequest>()
            .answers::<Nothing>(200, taken),
    );
    for (path, summary) in [
        ("/modems/{id}/number", "Says what number the SIM of a modem has."),
        ("/modems/{id}/smsc", "Says which service centre the SIM of a modem uses."),
    ] {
        calls
            .add(Call::post(path, summary).takes::<NumberRequest>().answers::<Nothing>(200, taken));
    }
    calls.add(
        Call::post("/modems/{id}/pin", "Gives a modem the PIN of its SIM.")
            .takes::<PinRequest>()
            .answers::<PinReply>(200, "What the SIM did with it."),
    );
    calls.add(
        Call::post("/modems/{id}/trace", "Records what a modem and its driver say to each other.")
            .takes::<TraceRequest>()
            .answers::<TraceReply>(200, "The transcript."),
    );
}

fn sims(calls: &mut Calls) {
    calls.add(Call::get("/sims", "Lists the SIMs.").answers::<Sims>(200, "The SIMs."));
    calls.add(Call::get("/sims/{id}", "Shows a SIM.").answers::<Sim>(200, "The SIM."));
    calls.add(
        Call::patch("/sims/{id}", "Says who may send through a SIM, and who may read it.")
            .takes::<SimChanges>()
            .answers::<Sim>(200, "The SIM as it is now."),
    );
}

fn accounts(calls: &mut Calls) {
    calls.add(Call::get("/me", "Shows whose key this is.").answers::<Me>(200, "The caller."));
    calls.add(Call::get("/users", "Lists the accounts.").answers::<Users>(200, "The accounts."));
    calls.add(
        Call::post("/users", "Makes an account.")
            .takes::<NewUser>()
            .answers::<User>(201, "The account."),
    );
    for (path, summary) in [
        ("/users/{id}/enable", "Lets an account in again."),
        ("/users/{id}/disable", "Keeps an account and its keys out."),
    ] {
        calls.add(Call::post(path, summary).done("It is done."));
    }
    calls.add(
        Call::post("/users/{id}/password", "Sets or removes the password of an account.")
            .takes::<AccountChanges>()
            .done("It is set."),
    );
    calls.add(
        Call::post("/users/{id}/role", "Sets what an account may do.")
            .takes::<NewRole>()
            .done("It is set."),
    );
    calls.add(Call::get("/keys", "Lists API keys.").answers::<Keys>(200, "The keys."));
    calls.add(
        Call::post("/keys", "Makes an API key.")
            .takes::<NewKey>()
            .answers::<Key>(201, "The key, which is shown this once."),
    );
    calls.add(Call::delete("/keys/{id}", "Revokes an API key.").done("It is revoked."));
    calls.add(
        Call::post("/setup-link", "Makes a new one-time link for the first administrator.")
            .answers::<SetupLink>(200, "The link."),
    );
}

fn webhooks(calls: &mut Calls) {
    calls
        .add(Call::get("/webhooks", "Lists endpoints.").answers::<Webhooks>(200, "The endpoints."));
    calls.add(
        Call::post("/webhooks", "Makes an endpoint that is told of events.")
            .takes::<NewWebhook>()
            .answers::<Webhook>(201, "The endpoint, with its secret, which is shown this once."),
    );
    calls.add(
        Call::get("/webhooks/{id}", "Shows an endpoint.").answers::<Webhook>(200, "The endpoint."),
    );
    calls.add(
        Call::patch("/webhooks/{id}", "Changes an endpoint, disables or enables it.")
            .takes::<WebhookChanges>()
            .answers::<Webhook>(200, "The endpoint as it is now."),
    );
    calls.add(
        Call::delete("/webhooks/{id}", "Removes an endpoint and its log.").done("It is removed."),
    );
    calls.add(
        Call::post("/webhooks/{id}/rotate", "Gives an endpoint another secret.")
            .takes::<Nothing>()
            .answers::<Webhook>(
                200,
                "The endpoint, with its new secret, which is shown this once.",
            ),
    );
    calls.add(
        Call::post("/webhooks/{id}/test", "Sends a test to an endpoint, and waits for its end.")
            .takes::<Nothing>()
            .answers::<WebhookDelivery>(200, "The test, and what the endpoint answered."),
    );
    calls.add(
        Call::get("/webhooks/{id}/deliveries", "Lists what an endpoint was told, newest first.")
            .asks::<ListDeliveries>()
            .answers::<WebhookDeliveries>(200, "A page."),
    );
    calls.add(
        Call::post("/webhooks/{id}/deliveries/replay", "Sends events to an endpoint again.")
            .takes::<ReplayDeliveries>()
            .answers::<Replayed>(202, "How many."),
    );
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// What was listed so far.
#[derive(Default)]
struct Calls {
    paths: Paths,
    schemas: Schemas,
}

impl Calls {
    fn add(&mut self, call: Call) {
        self.schemas.extend(call.schemas);
        let refusal = ResponseBuilder::new()
            .description("A refusal.")
            .content(
                "application/problem+json",
                ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
            )
            .build();
        let operation = call.operation.response("default", refusal).build();
        self.paths.add_path_operation(call.path, vec![call.method], operation);
    }

    fn schema<T: ToSchema>(&mut self) {
        collect::<T>(&mut self.schemas);
    }
}

fn collect<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// A call on its way into the document.
struct Call {
    method: HttpMethod,
    path: &'static str,
    operation: OperationBuilder,
    schemas: Schemas,
}

impl Call {
    fn new(method: HttpMethod, path: &'static str, summary: &str) -> Self {
        let mut operation = OperationBuilder::new().summary(Some(summary));
        if path.contains("{id}") {
            let text = ObjectBuilder::new().schema_type(Type::String).build();
            operation = operation.parameter(
                ParameterBuilder::new()
                    .name("id")
                    .parameter_in(ParameterIn::Path)
                    .required(Required::True)
                    .schema(Some(text))
                    .build(),
            );
        }
        Self { method, path, operation, schemas: Schemas::new() }
    }

    fn get(path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Get, path, summary)
    }

    fn post(path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Post, path, summary)
    }

    fn patch(path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Patch, path, summary)
    }

    fn delete(path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Delete, path, summary)
    }

    fn asks<T: IntoParams>(mut self) -> Self {
        let parameters: Vec<Parameter> = T::into_params(|| Some(ParameterIn::Query));
        for parameter in parameters {
            self.operation = self.operation.parameter(parameter);
        }
        self
    }

    fn header(mut self, name: &str, description: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        self.operation = self.operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .description(Some(description))
                .schema(Some(text))
                .build(),
        );
        self
    }

    fn takes<T: ToSchema>(mut self) -> Self {
        collect::<T>(&mut self.schemas);
        let body = RequestBodyBuilder::new()
            .content("application/json", content::<T>())
            .required(Some(Required::True))
            .build();
        self.operation = self.operation.request_body(Some(body));
        self
    }

    fn answers<T: ToSchema>(mut self, status: u16, description: &str) -> Self {
        collect::<T>(&mut self.schemas);
        let answer = ResponseBuilder::new()
            .description(description)
            .content("application/json", content::<T>())
            .build();
        self.operation = self.operation.response(status.to_string(), answer);
        self
    }

    /// It answers 204.
    fn done(mut self, description: &str) -> Self {
        let answer = ResponseBuilder::new().description(description).build();
        self.operation = self.operation.response("204", answer);
        self
    }
}

fn content<T: ToSchema>() -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(T::name()))).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_the_one_that_is_checked_in() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let made = json().unwrap();
        if std::env::var_os("MERPATI_WRITE_GOLDEN").is_some() {
            std::fs::write(file, &made).unwrap();
        }
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            made == kept,
            "it differs: MERPATI_WRITE_GOLDEN=1 cargo test -p api, then look at the diff"
        );
    }

    fn references<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
        match value {
            serde_json::Value::Object(object) => {
                found.extend(object.get("$ref").and_then(|to| to.as_str()));
                for value in object.values() {
                    references(value, found);
                }
            }
            serde_json::Value::Array(list) => {
                for value in list {
                    references(value, found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 50);
        for reference in found {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
