//! The calls of broadcasts.

use super::call::{Call, Calls};
use crate::{
    Acceptance, Broadcast, BroadcastChanges, BroadcastRecipients, Broadcasts,
    ListBroadcastRecipients, ListByName, NewBroadcast, TestBroadcast,
};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Broadcasts");
    calls.add(
        Call::get("listBroadcasts", "/broadcasts", "Lists broadcasts by name.")
            .needs("broadcasts:read")
            .asks::<ListByName>()
            .answers::<Broadcasts>(200, "A page."),
    );
    calls.add(
        Call::post("addBroadcast", "/broadcasts", "Makes a broadcast, as a draft.")
            .needs("broadcasts:write")
            .takes::<NewBroadcast>()
            .answers::<Broadcast>(201, "The broadcast."),
    );
    calls.add(
        Call::get("showBroadcast", "/broadcasts/{id}", "Shows a broadcast and how far it is.")
            .needs("broadcasts:read")
            .answers::<Broadcast>(200, "The broadcast."),
    );
    calls.add(
        Call::patch("changeBroadcast", "/broadcasts/{id}", "Changes a draft.")
            .needs("broadcasts:write")
            .takes::<BroadcastChanges>()
            .answers::<Broadcast>(200, "The broadcast as it is now."),
    );
    calls.add(
        Call::delete("removeBroadcast", "/broadcasts/{id}", "Removes a broadcast.")
            .needs("broadcasts:write")
            .done("It is removed; what it sent stays."),
    );
    for (id, path, what) in [
        ("startBroadcast", "/broadcasts/{id}/start", "Starts a draft, now or at its time."),
        ("pauseBroadcast", "/broadcasts/{id}/pause", "Pauses a broadcast."),
        ("resumeBroadcast", "/broadcasts/{id}/resume", "Lets a paused broadcast go on."),
        ("cancelBroadcast", "/broadcasts/{id}/cancel", "Ends a broadcast."),
    ] {
        calls.add(
            Call::post(id, path, what)
                .needs("broadcasts:write")
                .answers::<Broadcast>(200, "The broadcast as it is now."),
        );
    }
    calls.add(
        Call::post("testBroadcast", "/broadcasts/{id}/test", "Sends the text to one number.")
            .needs("broadcasts:write")
            .takes::<TestBroadcast>()
            .header(
                "Idempotency-Key",
                "A name for this one request, so that it is accepted once however often it comes.",
            )
            .answers::<Acceptance>(202, "The broker has the message."),
    );
    calls.add(
        Call::get(
            "listBroadcastRecipients",
            "/broadcasts/{id}/recipients",
            "Lists who a broadcast is for, and what became of each.",
        )
        .needs("broadcasts:read")
        .asks::<ListBroadcastRecipients>()
        .answers::<BroadcastRecipients>(
            200,
            "A page. With `Accept: text/csv`, all of them as CSV.",
        ),
    );
}
