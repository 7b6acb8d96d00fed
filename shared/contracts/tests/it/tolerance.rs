//! Enum values of a later version.

use contracts::cancellation::FirstPart;
use contracts::dlr::DlrOutcome;
use contracts::modem::{ModemEventKind, ModemStatus};
use contracts::mt::{Body, Encoding, Gate, Keeper, MtChange, MtEvent, MtRequest, WhenUncertain};
use contracts::{Languages, MtState, PhoneNumber};
use serde::de::DeserializeOwned;

fn of_tomorrow<T: DeserializeOwned>() -> T {
    serde_json::from_str("\"of_tomorrow\"").unwrap()
}

#[test]
fn each_enum_has_a_place_for_what_it_does_not_know() {
    assert_eq!(of_tomorrow::<MtState>(), MtState::Unknown);
    assert_eq!(of_tomorrow::<ModemStatus>(), ModemStatus::Unknown);
    assert_eq!(of_tomorrow::<ModemEventKind>(), ModemEventKind::Unknown);
    assert_eq!(of_tomorrow::<Gate>(), Gate::Other);
    assert_eq!(of_tomorrow::<Keeper>(), Keeper::Broker);
    assert_eq!(of_tomorrow::<DlrOutcome>(), DlrOutcome::Buffered);
    assert_eq!(of_tomorrow::<Encoding>(), Encoding::Auto);
    assert_eq!(of_tomorrow::<WhenUncertain>(), WhenUncertain::Hold);
}

#[test]
fn a_change_of_tomorrow_is_an_event_all_the_same() {
    let event: MtEvent = serde_json::from_str(
        r#"{"message":"msg_00000000000000000000000000000001","org":"org_00000000000000000000000000000002",
            "owner":"usr_00000000000000000000000000000003","at":"2026-11-23T18:00:00Z",
            "state":"teleported","where":{"to":"Mars"}}"#,
    )
    .unwrap();
    assert_eq!(event.change, MtChange::Unknown);
    assert_eq!(event.change.state(), MtState::Unknown);
}

#[test]
fn a_part_at_a_stage_that_is_not_known_is_taken() {
    for stage in ["writing", "sent", "uncertain", "of_tomorrow"] {
        let entry = format!(r#"{{"stage":"{stage}","modem":"mdm_x","at":"2026-11-23T18:00:00Z"}}"#);
        assert_eq!(serde_json::from_str::<FirstPart>(&entry).unwrap(), FirstPart::Taken, "{stage}");
    }
}

#[test]
fn a_request_of_tomorrow_is_still_a_request() {
    let request: MtRequest = serde_json::from_str(
        r#"{"to":"+628123456789","text":"Halo","encoding":"emoji","when_uncertain":"ask",
            "options":{"class":0,"colour":"red","languages":["tlh","tr"]},"template":"greeting"}"#,
    )
    .unwrap();
    assert_eq!(request.to, PhoneNumber::parse("+628123456789").unwrap());
    assert_eq!(request.body, Body::Text { text: "Halo".to_owned(), encoding: Encoding::Auto });
    assert_eq!(request.options.class, Some(0));
    assert_eq!(request.options.languages, Languages::parse(["tr"]).unwrap());
}

#[test]
fn what_is_no_request_says_why() {
    for (text, words) in [
        (r#"{"to":"+628123456789"}"#, "needs either `text` or `data`"),
        (r#"{"text":"Halo"}"#, "`to`"),
        (r#"{"to":"bob","text":"Halo"}"#, "'b'"),
        ("[]", "invalid"),
    ] {
        let error = serde_json::from_str::<MtRequest>(text).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}
