//! What can be asked of a modem, and what becomes of it.

use std::path::Path;
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use contracts::control::{
    AtReply, AtRequest, COMMAND_NOT_ALLOWED, Call, FlightRequest, LinesReply, NumberRequest,
    PinReply, PinRequest, TraceReply, TraceRequest, UssdReply, UssdRequest,
};
use contracts::modem::{ModemState, ModemStatus};
use contracts::{ModemId, MtState};
use modem_driver::Settings;
use modem_sim::{Fault, Make, SimulationConfig};
use serde::Serialize;
use serde::de::DeserializeOwned;
use testkit::wait_for;

use crate::rig::Rig;

const PIN: &str = "40718293";

/// Asks, and waits for the answer; what is refused is in words.
pub(crate) async fn ask<T: DeserializeOwned>(
    rig: &Rig,
    modem: ModemId,
    call: Call,
    body: &impl Serialize,
) -> Result<T, String> {
    let payload = serde_json::to_vec(body).unwrap();
    let reply = wait_for("the modem's control service", || {
        let request = async_nats::Request::new()
            .payload(payload.clone().into())
            .timeout(Some(Duration::from_secs(60)));
        let asked = rig.bus.client().send_request(call.subject(modem), request);
        async move {
            match asked.await {
                // Control is offered a moment after the state is told.
                Err(error) if error.kind() == RequestErrorKind::NoResponders => None,
                answered => Some(answered.unwrap()),
            }
        }
    })
    .await;
    if let Some(words) = reply.headers.as_ref().and_then(|all| all.get("Nats-Service-Error")) {
        return Err(words.to_string());
    }
    let payload: &[u8] = if reply.payload.is_empty() { b"null" } else { &reply.payload };
    Ok(serde_json::from_slice(payload).unwrap())
}

pub(crate) async fn tell(rig: &Rig, modem: ModemId, call: Call, body: &impl Serialize) {
    ask::<()>(rig, modem, call, body).await.unwrap();
}

async fn at(rig: &Rig, modem: ModemId, command: &str) -> Result<Vec<String>, String> {
    let body = AtRequest { command: command.to_owned() };
    Ok(ask::<AtReply>(rig, modem, Call::At, &body).await?.lines)
}

/// Returns the first line of the answer, as soon as the modem has been set up so far that it can be asked.
async fn line_of(rig: &Rig, modem: ModemId, command: &str) -> String {
    wait_for(command, || async { Some(at(rig, modem, command).await.ok()?.swap_remove(0)) }).await
}

/// Waits for the one modem to have a problem.
async fn problem(rig: &Rig, code: &str) -> ModemState {
    wait_for(code, || async {
        let state = rig.states().await.pop()?;
        (state.problem.as_ref()?.code == code).then_some(state)
    })
    .await
}

/// Returns a rig with one modem, and settings that keep notes.
pub(crate) async fn rig_of(
    make: Make,
    change: impl FnOnce(&mut modem_sim::ModemConfig),
) -> (Rig, Settings) {
    let mut simulation = SimulationConfig::of_makes(1, &[make]);
    change(&mut simulation.modems[0]);
    let rig = Rig::with(simulation).await;
    let settings = Settings { state: Some(rig.path("notes")), ..rig.settings(&[1]) };
    (rig, settings)
}

#[tokio::test]
async fn a_code_is_dialled_and_a_menu_answered() {
    for make in Make::ALL {
        let (rig, settings) = rig_of(make, |_| {}).await;
        let _driver = rig.driver_with(settings).await;
        let modem = rig.online(1).await[0].id;
        let dial = |code: &str| {
            let body = UssdRequest { code: code.to_owned() };
            let rig = &rig;
            async move { ask::<UssdReply>(rig, modem, Call::Ussd, &body).await }
        };
        let balance = dial("*888#").await.unwrap();
        assert!(balance.text.contains("Rp 25.000") && !balance.answer_wanted, "{balance:?}");
        let menu = dial("*123#").await.unwrap();
        assert!(menu.text.contains("2. Nomor saya") && menu.answer_wanted, "{menu:?}");
        let number = dial("2").await.unwrap();
        assert!(number.text.ends_with(&rig.sim.modem(1).number()), "{number:?}");
        assert_eq!(dial("*7#").await.unwrap_err(), "the network does not know this code");
        rig.sim.modem(1).fault(Fault::NotRegistered);
        let words = dial("*888#").await.unwrap_err();
        assert!(words.starts_with("the modem refused: +CME ERROR: 30"), "{words}");
    }
}

#[tokio::test]
async fn a_command_is_answered_or_refused_and_the_modem_is_put_right_after_it() {
    let (rig, settings) = rig_of(Make::Quectel, |_| {}).await;
    let _driver = rig.driver_with(settings).await;
    let modem = rig.online(1).await[0].id;
    assert_eq!(at(&rig, modem, "AT+CGSN").await.unwrap().last().unwrap(), "OK");
    assert_eq!(at(&rig, modem, "AT+NONSENSE").await.unwrap(), ["ERROR"]);
    for (command, word) in [
        ("AT+CMGS=18", "merpati send"),
        ("AT+CPIN=\"1234\"", "merpati pin"),
        ("ATD0812;", "dial"),
        ("AT+CSQ;D0812;", "dial"),
        ("hello", "begins with AT"),
    ] {
        let words = at(&rig, modem, command).await.unwrap_err();
        assert!(words.contains(word), "{command}: {words}");
    }
    // Whoever asks can tell such a command from an answer of the modem.
    let hello = serde_json::to_vec(&AtRequest { command: "hello".to_owned() }).unwrap();
    let reply = rig.bus.client().request(Call::At.subject(modem), hello.into()).await.unwrap();
    let code = reply.headers.unwrap().get("Nats-Service-Error-Code").unwrap().to_string();
    assert_eq!(code, COMMAND_NOT_ALLOWED.to_string());
    // In text mode no message would go out.
    assert_eq!(at(&rig, modem, "AT+CMGF=1").await.unwrap(), ["OK"]);
    let id = rig.dispatch("after it").await;
    rig.events.until(id, MtState::Sent).await;
    let mode = at(&rig, modem, "AT+CMGF?").await.unwrap();
    assert_eq!(mode[0], "+CMGF: 0");
}

#[tokio::test]
async fn a_restart_of_either_kind_loses_and_doubles_nothing() {
    for (call, marks) in [(Call::Restart, "> AT\\r"), (Call::Reset, "> AT+CFUN=1,1\\r")] {
        let rig = Rig::slow(1, Duration::from_millis(400)).await;
        let _driver = rig.driver(&[1]).await;
        let modem = rig.online(1).await[0].id;
        let ids = [rig.dispatch("at hand").await, rig.dispatch("behind it").await];
        rig.events.until(ids[0], MtState::Sending).await;
        let trace = ask::<TraceReply>(&rig, modem, Call::Trace, &TraceRequest { seconds: 3 });
        let restart = async {
            tell(&rig, modem, call, &()).await;
            for id in ids {
                rig.events.until(id, MtState::Sent).await;
            }
        };
        let (trace, ()) = tokio::join!(trace, restart);
        let trace = trace.unwrap().transcript;
        assert!(trace.contains(marks), "{call:?}: {trace}");
        assert_eq!((rig.times_sent("at hand"), rig.times_sent("behind it")), (1, 1), "{call:?}");
        rig.online(1).await;
        for id in ids {
            let states = rig.events.states_of(id);
            // The one behind may have been given back by the modem and taken again.
            let fits =
                |state| matches!(state, MtState::Sending | MtState::Deferred | MtState::Sent);
            assert!(states.iter().copied().all(fits), "{call:?}: {states:?}");
        }
    }
}

#[tokio::test]
async fn flight_mode_lasts_over_a_restart_of_the_driver() {
    let (rig, settings) = rig_of(Make::Wavecom, |_| {}).await;
    let driver = rig.driver_with(settings.clone()).await;
    let modem = rig.online(1).await[0].id;
    tell(&rig, modem, Call::Flight, &FlightRequest { on: true }).await;
    let state = problem(&rig, "flight-mode").await;
    assert_eq!(state.status, ModemStatus::Blocked);
    assert_eq!(state.text, "The modem's radio is turned off.");
    assert_eq!(rig.sim.modem(1).status().registration, 0);
    driver.stop().await;

    let _driver = rig.driver_with(settings).await;
    wait_for("the new driver to see it", || async {
        (rig.states().await[0].status == ModemStatus::Blocked).then_some(())
    })
    .await;
    assert_eq!(rig.sim.modem(1).status().registration, 0);
    let id = rig.dispatch("on the ground").await;
    assert!(rig.events.of(id).is_empty());
    tell(&rig, modem, Call::Flight, &FlightRequest { on: false }).await;
    rig.events.until(id, MtState::Sent).await;
    assert!(rig.online(1).await[0].problem.is_none());
}

#[tokio::test]
async fn numbers_that_a_person_says_stay_with_their_sim() {
    let (rig, settings) = rig_of(Make::Huawei, |modem| {
        modem.tells_number = false;
        modem.smsc = String::new();
    })
    .await;
    let driver = rig.driver_with(settings.clone()).await;
    let modem = problem(&rig, "no-smsc").await.id;
    let said = |number: &str| NumberRequest { number: Some(number.parse().unwrap()) };
    tell(&rig, modem, Call::Smsc, &said("+62816124")).await;
    rig.online(1).await;
    tell(&rig, modem, Call::Number, &said("+62811000111")).await;
    let number = |wanted: Option<&'static str>| {
        let rig = &rig;
        wait_for("the number", move || async move {
            let sim = rig.states().await.pop()?.sim?;
            (sim.number.as_ref().map(ToString::to_string).as_deref() == wanted).then_some(sim)
        })
    };
    assert_eq!(number(Some("+62811000111")).await.smsc.as_deref(), Some("+62816124"));
    driver.stop().await;

    // The SIM loses it, as some do: it is set again from the notes.
    rig.sim.modem(1).fault(Fault::EmptySmsc);
    let driver = rig.driver_with(settings.clone()).await;
    rig.online(1).await;
    number(Some("+62811000111")).await;
    // Another SIM is another number, and what was said is not written to it.
    rig.sim.modem(1).swap_sim(101);
    let other = number(None).await;
    assert_eq!(other.smsc, None);
    problem(&rig, "no-smsc").await;
    rig.sim.modem(1).swap_sim(1);
    let own = number(Some("+62811000111")).await;
    assert_ne!(own.id, other.id);
    rig.online(1).await;
    // Taken back.
    tell(&rig, modem, Call::Number, &NumberRequest { number: None }).await;
    number(None).await;
    let no_number = serde_json::json!({ "number": "zero" });
    let words = ask::<()>(&rig, modem, Call::Smsc, &no_number).await.unwrap_err();
    assert!(words.starts_with("the request is wrong: "), "{words}");
    driver.stop().await;
}

/// Asserts that the PIN stands in no file.
fn is_sealed(folder: &Path) {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let octets = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&octets).contains(PIN));
        files += 1;
    }
    assert!(files >= 2, "a key and a note");
}

#[tokio::test]
async fn the_right_pin_is_kept_sealed_and_entered_at_each_start() {
    let (rig, settings) = rig_of(Make::Huawei, |modem| modem.pin = Some(PIN.to_owned())).await;
    let driver = rig.driver_with(settings.clone()).await;
    let modem = problem(&rig, "pin-needed").await.id;
    let wrong = PinRequest { pin: "12x4".to_owned() };
    let words = ask::<()>(&rig, modem, Call::Pin, &wrong).await.unwrap_err();
    assert_eq!(words, "a PIN has 4 to 8 digits");
    let right = PinRequest { pin: PIN.to_owned() };
    let reply = ask::<PinReply>(&rig, modem, Call::Pin, &right).await;
    assert_eq!(reply, Ok(PinReply { entered: true }), "the SIM's own verdict");
    rig.online(1).await;
    is_sealed(&rig.path("notes"));
    driver.stop().await;

    rig.sim.modem(1).reboot();
    let driver = rig.driver_with(settings.clone()).await;
    let trace = ask::<TraceReply>(&rig, modem, Call::Trace, &TraceRequest { seconds: 3 });
    let again = async {
        rig.online(1).await;
        rig.sim.modem(1).reboot();
        let id = rig.dispatch("open again").await;
        rig.events.until(id, MtState::Sent).await;
    };
    let (trace, ()) = tokio::join!(trace, again);
    let trace = trace.unwrap().transcript;
    assert!(trace.contains("AT+CPIN=\"00000000\"") && !trace.contains(PIN), "{trace}");
    driver.stop().await;
}

/// A run of digits that could be a number.
fn longest_run(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default()
}

#[tokio::test]
async fn the_last_lines_are_told_without_what_is_private() {
    let (rig, settings) = rig_of(Make::Huawei, |modem| modem.pin = Some(PIN.to_owned())).await;
    let driver = rig.driver_with(settings).await;
    let modem = problem(&rig, "pin-needed").await.id;
    let right = PinRequest { pin: PIN.to_owned() };
    let reply = ask::<PinReply>(&rig, modem, Call::Pin, &right).await;
    assert_eq!(reply, Ok(PinReply { entered: true }));
    rig.online(1).await;
    let id = rig.dispatch("what nobody else reads").await;
    rig.events.until(id, MtState::Sent).await;
    let reply = ask::<LinesReply>(&rig, modem, Call::Lines, &()).await.unwrap();
    assert!(!reply.lines.is_empty() && reply.lines.len() <= 100, "{reply:?}");
    let text: Vec<&str> = reply.lines.iter().map(|line| line.text.as_str()).collect();
    let text = text.join("\n");
    assert!(text.contains("AT+CMGS=") && text.contains("(PDU, "), "{text}");
    assert!(!text.contains(PIN) && longest_run(&text) <= 5, "{text}");
    driver.stop().await;
}

#[tokio::test]
async fn a_wrong_pin_is_tried_once_whatever_restarts_and_the_puk_never() {
    let (rig, settings) = rig_of(Make::Huawei, |modem| modem.pin = Some(PIN.to_owned())).await;
    let mut driver = rig.driver_with(settings.clone()).await;
    let modem = problem(&rig, "pin-needed").await.id;
    let wrong = PinRequest { pin: "11112222".to_owned() };
    let words = ask::<PinReply>(&rig, modem, Call::Pin, &wrong).await.unwrap_err();
    assert!(words.contains("refused"), "the SIM's own verdict: {words}");
    let state = problem(&rig, "pin-wrong").await;
    assert_eq!(state.status, ModemStatus::Blocked);
    let told = state.problem.unwrap();
    assert!(told.advice.contains("is not tried again"), "{told:?}");
    let one_used = "^CPIN: SIM PIN,2,10,2,10,3";
    assert_eq!(line_of(&rig, modem, "AT^CPIN?").await, one_used);
    for pull_the_plug in [false, true] {
        driver.stop().await;
        if pull_the_plug {
            rig.sim.modem(1).reboot();
        }
        // The person says the same once more, and it stands in the configuration too.
        let mut settings = settings.clone();
        settings.modems.pin = Some(platform::config::Secret::new("11112222"));
        driver = rig.driver_with(settings).await;
        wait_for("the new driver to be at the PIN", || async {
            (rig.states().await[0].status == ModemStatus::Blocked).then_some(())
        })
        .await;
        let words = ask::<PinReply>(&rig, modem, Call::Pin, &wrong).await.unwrap_err();
        assert!(words.contains("is not tried again"), "it is known to be wrong: {words}");
        tell(&rig, modem, Call::Restart, &()).await;
        problem(&rig, "pin-wrong").await;
        assert_eq!(line_of(&rig, modem, "AT^CPIN?").await, one_used);
    }
    let right = PinRequest { pin: PIN.to_owned() };
    let reply = ask::<PinReply>(&rig, modem, Call::Pin, &right).await;
    assert_eq!(reply, Ok(PinReply { entered: true }));
    rig.online(1).await;

    rig.sim.modem(1).fault(Fault::PukLocked);
    tell(&rig, modem, Call::Restart, &()).await;
    problem(&rig, "puk-needed").await;
    let reply = ask::<PinReply>(&rig, modem, Call::Pin, &right).await;
    assert_eq!(reply, Ok(PinReply { entered: false }), "it is kept, the PUK comes first");
    tell(&rig, modem, Call::Restart, &()).await;
    let state = problem(&rig, "puk-needed").await;
    assert!(state.problem.unwrap().advice.contains("never tried here"));
    assert_eq!(line_of(&rig, modem, "AT^CPIN?").await, "^CPIN: SIM PUK,0,10,0,10,3");
    driver.stop().await;
}
