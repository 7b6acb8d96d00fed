//! The list of calls.

use contracts::control::{
    AtReply, AtRequest, FlightRequest, LinesReply, NumberRequest, PinReply, PinRequest, TraceReply,
    TraceRequest, UssdReply, UssdRequest,
};
use contracts::modem::ModemState;

use super::call::{Call, Calls};
use crate::{
    Acceptance, AccountChanges, Alerts, Batch, BatchAcceptance, Cancellation, DeadLetters, DryRun,
    Events, FollowEvents, GatewayState, Happened, HistoryMade, Inbox, Key, Keys, LimitedUser,
    LimitedUsers, ListAlerts, ListDead, ListDeliveries, ListInbox, ListMessages, ListOptOuts, Me,
    MessageDetail, Messages, Modem, ModemChanges, ModemSettings, Modems, NewHistory, NewKey,
    NewMessage, NewOptOuts, NewRole, NewService, NewUser, NewWebhook, NextEvents, Nothing,
    OptOutHistory, OptOuts, OptedOut, Preview, ReceivedMessage, ReplayDeliveries, Replayed,
    Service, ServiceChanges, Services, SetupLink, Sim, SimChanges, Sims, TestServices,
    TestedServices, User, UserLimits, Users, WatchMessage, Webhook, WebhookChanges,
    WebhookDeliveries, WebhookDelivery, Webhooks,
};

/// All calls, in the order of the documentation.
pub(super) fn all() -> Calls {
    let mut calls = Calls::default();
    messages(&mut calls);
    batches(&mut calls);
    super::bulk::add(&mut calls);
    inbox(&mut calls);
    super::conversations::add(&mut calls);
    modems(&mut calls);
    sims(&mut calls);
    accounts(&mut calls);
    keys(&mut calls);
    webhooks(&mut calls);
    services(&mut calls);
    super::service_entries::add(&mut calls);
    super::phone_book::add(&mut calls);
    super::schedules::add(&mut calls);
    super::broadcasts::add(&mut calls);
    opt_outs(&mut calls);
    super::routes::add(&mut calls);
    super::audit::add(&mut calls);
    super::reports::add(&mut calls);
    super::configuration::add(&mut calls);
    super::credits::add(&mut calls);
    events(&mut calls);
    gateway(&mut calls);
    calls
}

fn messages(calls: &mut Calls) {
    calls.group("Messages");
    calls.add(
        Call::post("sendMessages", "/messages", "Sends a message to one or many recipients.")
            .needs("messages:send")
            .takes::<NewMessage>()
            .header(
                "Idempotency-Key",
                "A name for this one request, so that it is accepted once however often it comes.",
            )
            .answers::<DryRun>(200, "With `dry_run`: what would be accepted. Nothing was.")
            .answers::<Acceptance>(202, "The broker has all of them."),
    );
    calls.add(
        Call::get("listMessages", "/messages", "Lists messages to be sent, newest first.")
            .needs("messages:read")
            .asks::<ListMessages>()
            .answers::<Messages>(200, "A page. With `Accept: text/csv`, all of them as CSV."),
    );
    calls.add(
        Call::post(
            "previewMessage",
            "/messages/preview",
            "Counts how a message would go out; nothing is sent.",
        )
        .needs("messages:send")
        .takes::<NewMessage>()
        .answers::<Preview>(200, "How it would go out."),
    );
    calls.add(
        Call::get(
            "showMessage",
            "/messages/{id}",
            "Shows a message with its timeline, or waits for news of it.",
        )
        .needs("messages:read")
        .asks::<WatchMessage>()
        .answers::<MessageDetail>(200, "The message."),
    );
    calls.add(
        Call::delete("cancelMessage", "/messages/{id}", "Cancels a message that no modem has yet.")
            .needs("messages:cancel")
            .answers::<Cancellation>(200, "It will not be sent."),
    );
    calls.add(
        Call::post(
            "sendMessageAgain",
            "/messages/{id}/again",
            "Sends a message again that did not arrive.",
        )
        .needs("messages:send")
        .answers::<Acceptance>(202, "The broker has the new message."),
    );
}

fn batches(calls: &mut Calls) {
    calls.group("Batches");
    calls.add(
        Call::post(
            "sendBatch",
            "/batches",
            "Sends a message to as many as 10,000 recipients, as one batch.",
        )
        .needs("messages:send")
        .takes::<NewMessage>()
        .header(
            "Idempotency-Key",
            "A name for this one request, so that it is accepted once however often it comes.",
        )
        .answers::<DryRun>(200, "With `dry_run`: what would be accepted. Nothing was.")
        .answers::<BatchAcceptance>(202, "The broker has all of them."),
    );
    calls.add(
        Call::get("showBatch", "/batches/{id}", "Shows how far the messages of a batch are.")
            .needs("messages:read")
            .answers::<Batch>(200, "The batch."),
    );
    for (id, path, what) in [
        ("pauseBatch", "/batches/{id}/pause", "Keeps back what no modem has yet."),
        ("resumeBatch", "/batches/{id}/resume", "Lets a paused batch go on."),
        ("cancelBatch", "/batches/{id}/cancel", "Takes back what no modem has yet."),
    ] {
        calls.add(
            Call::post(id, path, what)
                .needs("messages:cancel")
                .answers::<Batch>(200, "The batch, as it is now."),
        );
    }
}

fn inbox(calls: &mut Calls) {
    calls.group("Inbox");
    calls.add(
        Call::get("listInbox", "/inbox", "Lists received messages, newest first.")
            .needs("inbox:read")
            .asks::<ListInbox>()
            .answers::<Inbox>(200, "A page. With `Accept: text/csv`, all of them as CSV."),
    );
    calls.add(
        Call::get("showReceivedMessage", "/inbox/{id}", "Shows a received message.")
            .needs("inbox:read")
            .answers::<ReceivedMessage>(200, "The message, with its PDUs."),
    );
}

fn modems(calls: &mut Calls) {
    calls.group("Modems");
    calls.add(
        Call::get("listModems", "/modems", "Lists the modems.")
            .needs("modems:read")
            .answers::<Modems>(200, "The modems."),
    );
    calls.add(
        Call::get("showModem", "/modems/{id}", "Shows a modem.")
            .needs("modems:read")
            .answers::<Modem>(200, "The modem."),
    );
    calls.add(
        Call::patch("changeModem", "/modems/{id}", "Names a modem, disables or enables it.")
            .needs("modems:operate")
            .takes::<ModemChanges>()
            .answers::<ModemSettings>(200, "What is set now."),
    );
    calls.add(
        Call::delete("forgetModem", "/modems/{id}", "Forgets a modem that is gone.")
            .needs("modems:operate")
            .done("It is forgotten."),
    );
    let taken = "The modem took it.";
    calls.add(
        Call::post("askModem", "/modems/{id}/info", "Asks a modem for its state.")
            .needs("modems:operate")
            .answers::<ModemState>(200, "Its state, fresh."),
    );
    calls.add(
        Call::post("dialUssd", "/modems/{id}/ussd", "Dials a USSD code, or answers the network.")
            .needs("modems:operate")
            .takes::<UssdRequest>()
            .answers::<UssdReply>(200, "What the network answered."),
    );
    calls.add(
        Call::post("sendAtCommand", "/modems/{id}/at", "Sends an AT command.")
            .needs("modems:operate")
            .takes::<AtRequest>()
            .answers::<AtReply>(200, "What the modem answered."),
    );
    calls.add(
        Call::post("restartModem", "/modems/{id}/restart", "Sets a modem up anew.")
            .needs("modems:operate")
            .answers::<Nothing>(200, taken),
    );
    calls.add(
        Call::post("resetModem", "/modems/{id}/reset", "Restarts a modem itself.")
            .needs("modems:operate")
            .answers::<Nothing>(200, taken),
    );
    calls.add(
        Call::post("setFlightMode", "/modems/{id}/flight", "Turns a modem's radio off or on.")
            .needs("modems:operate")
            .takes::<FlightRequest>()
            .answers::<Nothing>(200, taken),
    );
    for (id, path, summary) in [
        ("setNumber", "/modems/{id}/number", "Says what number the SIM of a modem has."),
        (
            "setServiceCentre",
            "/modems/{id}/smsc",
            "Says which service centre the SIM of a modem uses.",
        ),
    ] {
        calls.add(
            Call::post(id, path, summary)
                .needs("modems:operate")
                .takes::<NumberRequest>()
                .answers::<Nothing>(200, taken),
        );
    }
    calls.add(
        Call::post("enterPin", "/modems/{id}/pin", "Gives a modem the PIN of its SIM.")
            .needs("modems:operate")
            .takes::<PinRequest>()
            .answers::<PinReply>(200, "What the SIM did with it."),
    );
    calls.add(
        Call::post(
            "readModemLines",
            "/modems/{id}/lines",
            "Reads what a modem and its driver said to each other last, without what is private.",
        )
        .needs("modems:operate")
        .answers::<LinesReply>(200, "The last lines, oldest first."),
    );
    calls.add(
        Call::post(
            "traceModem",
            "/modems/{id}/trace",
            "Records what a modem and its driver say to each other.",
        )
        .needs("modems:operate")
        .takes::<TraceRequest>()
        .answers::<TraceReply>(200, "The transcript."),
    );
}

fn sims(calls: &mut Calls) {
    calls.group("SIMs");
    calls.add(
        Call::get("listSims", "/sims", "Lists the SIMs.")
            .needs("modems:read")
            .answers::<Sims>(200, "The SIMs."),
    );
    calls.add(
        Call::get("showSim", "/sims/{id}", "Shows a SIM.")
            .needs("modems:read")
            .answers::<Sim>(200, "The SIM."),
    );
    calls.add(
        Call::patch(
            "changeSim",
            "/sims/{id}",
            "Says who may send through a SIM and who may read it, its pool, and how much it may send.",
        )
        .needs("sims:manage")
        .takes::<SimChanges>()
        .answers::<Sim>(200, "The SIM as it is now."),
    );
}

fn accounts(calls: &mut Calls) {
    calls.group("Accounts");
    calls.add(
        Call::get("showMe", "/me", "Shows whose key this is.").answers::<Me>(200, "The caller."),
    );
    calls.add(
        Call::get("listUsers", "/users", "Lists the accounts.")
            .needs("users:manage")
            .answers::<Users>(200, "The accounts."),
    );
    calls.add(
        Call::post("addUser", "/users", "Makes an account.")
            .needs("users:manage")
            .takes::<NewUser>()
            .answers::<User>(201, "The account."),
    );
    for (id, path, summary) in [
        ("enableUser", "/users/{id}/enable", "Lets an account in again."),
        ("disableUser", "/users/{id}/disable", "Keeps an account and its keys out."),
    ] {
        calls.add(Call::post(id, path, summary).needs("users:manage").done("It is done."));
    }
    calls.add(
        Call::post(
            "setPassword",
            "/users/{id}/password",
            "Sets or removes the password of an account.",
        )
        .needs("users:manage")
        .takes::<AccountChanges>()
        .done("It is set."),
    );
    calls.add(
        Call::post("setRole", "/users/{id}/role", "Sets what an account may do.")
            .needs("users:manage")
            .takes::<NewRole>()
            .done("It is set."),
    );
    calls.add(
        Call::get("listLimits", "/limits", "Lists the accounts that have limits or a weight.")
            .needs("users:manage")
            .answers::<LimitedUsers>(200, "Those accounts."),
    );
    calls.add(
        Call::get("showLimits", "/users/{id}/limits", "Shows how much an account may send.")
            .needs("users:manage")
            .answers::<LimitedUser>(200, "The limits, and how much of them is used."),
    );
    calls.add(
        Call::put(
            "setLimits",
            "/users/{id}/limits",
            "Sets how much an account may send, and its weight; an empty object removes all of it.",
        )
        .needs("users:manage")
        .takes::<UserLimits>()
        .answers::<LimitedUser>(200, "The limits as they are now."),
    );
    super::people::add(calls);
    super::teams::add(calls);
}

fn keys(calls: &mut Calls) {
    calls.group("Keys");
    calls.add(
        Call::get("listKeys", "/keys", "Lists API keys.")
            .needs("keys:manage")
            .answers::<Keys>(200, "The keys."),
    );
    calls.add(
        Call::post("addKey", "/keys", "Makes an API key.")
            .needs("keys:manage")
            .takes::<NewKey>()
            .answers::<Key>(201, "The key, which is shown this once."),
    );
    calls.add(
        Call::delete("revokeKey", "/keys/{id}", "Revokes an API key.")
            .needs("keys:manage")
            .done("It is revoked."),
    );
    calls.add(
        Call::get(
            "listRequestsOfKey",
            "/keys/{id}/requests",
            "Lists the last requests that came by an API key, newest first.",
        )
        .needs("keys:manage")
        .answers::<crate::KeyRequests>(200, "The requests that this copy of the gateway answered."),
    );
}

fn services(calls: &mut Calls) {
    calls.group("Keyword services");
    calls.add(
        Call::get(
            "listServices",
            "/services",
            "Lists keyword services, in the order in which they are asked.",
        )
        .needs("services:read")
        .answers::<Services>(200, "The services."),
    );
    calls.add(
        Call::post(
            "addService",
            "/services",
            "Makes a service that takes messages with a keyword.",
        )
        .needs("services:write")
        .takes::<NewService>()
        .answers::<Service>(201, "The service."),
    );
    calls.add(
        Call::get(
            "showService",
            "/services/{id}",
            "Shows a service, by its id or its name, and what came of its last calls.",
        )
        .needs("services:read")
        .answers::<Service>(200, "The service."),
    );
    calls.add(
        Call::patch("changeService", "/services/{id}", "Changes a service, by its id or its name.")
            .needs("services:write")
            .takes::<ServiceChanges>()
            .answers::<Service>(200, "The service as it is then."),
    );
    calls.add(
        Call::post(
            "testServices",
            "/services/test",
            "Says which service would take a message, and what would happen. Nothing is done.",
        )
        .needs("services:read")
        .takes::<TestServices>()
        .answers::<TestedServices>(200, "What would happen."),
    );
    calls.add(
        Call::delete(
            "removeService",
            "/services/{id}",
            "Removes a service and what is known of its calls.",
        )
        .needs("services:write")
        .done("It is removed."),
    );
}

fn opt_outs(calls: &mut Calls) {
    calls.group("Opt-outs");
    calls.add(
        Call::get("listOptOuts", "/optouts", "Lists numbers that are sent nothing, by number.")
            .needs("optouts:read")
            .asks::<ListOptOuts>()
            .answers::<OptOuts>(200, "The numbers."),
    );
    calls.add(
        Call::post("addOptOuts", "/optouts", "Says that numbers are to be sent nothing more.")
            .needs("optouts:manage")
            .takes::<NewOptOuts>()
            .answers::<OptedOut>(200, "How many of them were sent messages before."),
    );
    calls.add(
        Call::get("showOptOut", "/optouts/{number}", "Shows what was said of a number.")
            .needs("optouts:read")
            .answers::<OptOutHistory>(200, "How it is now, and how it came to that."),
    );
    calls.add(
        Call::delete(
            "removeOptOut",
            "/optouts/{number}",
            "Says that a number is sent messages again.",
        )
        .needs("optouts:manage")
        .done("It is sent messages again."),
    );
}

fn webhooks(calls: &mut Calls) {
    calls.group("Webhooks");
    calls.add(
        Call::get("listWebhooks", "/webhooks", "Lists endpoints.")
            .needs("webhooks:read")
            .answers::<Webhooks>(200, "The endpoints."),
    );
    calls.add(
        Call::post("addWebhook", "/webhooks", "Makes an endpoint that is told of events.")
            .needs("webhooks:write")
            .takes::<NewWebhook>()
            .answers::<Webhook>(201, "The endpoint, with its secret, which is shown this once."),
    );
    calls.add(
        Call::get("showWebhook", "/webhooks/{id}", "Shows an endpoint.")
            .needs("webhooks:read")
            .answers::<Webhook>(200, "The endpoint."),
    );
    calls.add(
        Call::patch(
            "changeWebhook",
            "/webhooks/{id}",
            "Changes an endpoint, disables or enables it.",
        )
        .needs("webhooks:write")
        .takes::<WebhookChanges>()
        .answers::<Webhook>(200, "The endpoint as it is now."),
    );
    calls.add(
        Call::delete("removeWebhook", "/webhooks/{id}", "Removes an endpoint and its log.")
            .needs("webhooks:write")
            .done("It is removed."),
    );
    calls.add(
        Call::post(
            "rotateWebhookSecret",
            "/webhooks/{id}/rotate",
            "Gives an endpoint another secret.",
        )
        .needs("webhooks:write")
        .answers::<Webhook>(200, "The endpoint, with its new secret, which is shown this once."),
    );
    calls.add(
        Call::post(
            "testWebhook",
            "/webhooks/{id}/test",
            "Sends a test to an endpoint, and waits for its end.",
        )
        .needs("webhooks:write")
        .answers::<WebhookDelivery>(200, "The test, and what the endpoint answered."),
    );
    calls.add(
        Call::get(
            "listDeliveries",
            "/webhooks/{id}/deliveries",
            "Lists what an endpoint was told, newest first.",
        )
        .needs("webhooks:read")
        .asks::<ListDeliveries>()
        .answers::<WebhookDeliveries>(200, "A page."),
    );
    calls.add(
        Call::post(
            "replayDeliveries",
            "/webhooks/{id}/deliveries/replay",
            "Sends events to an endpoint again.",
        )
        .needs("webhooks:write")
        .takes::<ReplayDeliveries>()
        .answers::<Replayed>(202, "How many."),
    );
}

fn events(calls: &mut Calls) {
    calls.group("Events");
    calls.add(
        Call::get("followEvents", "/events", "Tells what happens, as server-sent events.")
            .asks::<FollowEvents>()
            .header("Last-Event-ID", "The `id` of the last event that came; goes before `after`.")
            .answers_with::<Happened>(
                200,
                "Events, each with its `id`, its type as `event` and this as `data`; first one that is called `begin`, or \
                 `gap` where something is not kept any more.",
                "text/event-stream",
            ),
    );
    calls.add(
        Call::get("nextEvents", "/events/next", "Waits for what happens next.")
            .asks::<NextEvents>()
            .answers::<Events>(200, "What happened, within 20 seconds."),
    );
}

fn gateway(calls: &mut Calls) {
    calls.group("Gateway");
    calls.add(
        Call::get("showGateway", "/gateway", "Shows what is done to the gateway as a whole.")
            .needs("modems:operate")
            .answers::<GatewayState>(200, "What is done."),
    );
    for (id, path, what) in [
        ("suspendGateway", "/gateway/suspend", "Stops all modems; what is received is kept."),
        (
            "isolateGateway",
            "/gateway/isolate",
            "Keeps what is received, and tells it to no endpoint and no keyword service; messages go out.",
        ),
        (
            "resumeGateway",
            "/gateway/resume",
            "Starts the modems again that were stopped together, and tells what was received meanwhile.",
        ),
    ] {
        calls.add(
            Call::post(id, path, what)
                .needs("modems:operate")
                .answers::<GatewayState>(200, "What is done then."),
        );
    }
    calls.add(
        Call::get(
            "listAlerts",
            "/alerts",
            "Lists what is wrong with the gateway, and where its messages are.",
        )
        .needs("gateway:operate")
        .asks::<ListAlerts>()
        .answers::<Alerts>(200, "What is wrong, newest first."),
    );
    calls.add(
        Call::get("listDeadLetters", "/dead", "Lists what was given up, newest first.")
            .needs("gateway:operate")
            .asks::<ListDead>()
            .answers::<DeadLetters>(200, "A page."),
    );
    calls.add(
        Call::post(
            "makeSetupLink",
            "/setup-link",
            "Makes a new one-time link for the first administrator.",
        )
        .needs("gateway:operate")
        .answers::<SetupLink>(200, "The link."),
    );
    calls.add(
        Call::post(
            "importHistory",
            "/history",
            "Keeps messages that another gateway sent and received.",
        )
        .needs("history:import")
        .takes::<NewHistory>()
        .answers::<HistoryMade>(200, "How many were made."),
    );
    calls.add(
        Call::get("showDocument", "/openapi.json", "Shows this document.")
            .for_everybody()
            .answers_in(200, "The document.", "application/json")
            .without_body(304, "It is the one whose `ETag` stands in `If-None-Match`."),
    );
}
