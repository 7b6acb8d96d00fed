//! The SIM: PIN, removal, change.

use modem::{Event, ModemConfig, PinEvent, RefusedPin, SimSettings, Status};

use crate::SECOND;
use crate::bench::Bench;
use crate::peer::Peer;

fn locked(right: &str) -> Peer {
    let mut peer = Peer::new();
    peer.pin = Some((right.to_owned(), false));
    peer.answer("AT+CPINR=\"SIM PIN\"", "+CPINR: SIM PIN,3,3|OK");
    peer
}

fn config(pin: &str) -> ModemConfig {
    ModemConfig { pin: Some(pin.into()), ..ModemConfig::default() }
}

fn problem(bench: &Bench) -> &'static str {
    bench.modem.snapshot().problem.map_or("", |problem| problem.code)
}

fn pins(bench: &Bench) -> Vec<&PinEvent> {
    bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Pin(pin) => Some(pin),
            _ => None,
        })
        .collect()
}

#[test]
fn the_right_pin() {
    let mut bench = Bench::with(config("1234"), locked("1234"));
    bench.ready();
    assert_eq!(bench.peer.pins, ["1234"]);
    assert!(matches!(pins(&bench)[..], [PinEvent::Trying(_), PinEvent::Accepted(_)]));
}

#[test]
fn a_wrong_pin_is_entered_once() {
    let mut bench = Bench::with(config("0000"), locked("1234"));
    bench.wait(SECOND * 600);
    assert_eq!(bench.peer.pins, ["0000"]);
    assert_eq!((bench.status(), problem(&bench)), (Status::Blocked, "pin-wrong"));
    // Not after a restart of the modem, of the port, or when the same is set again.
    bench.says(b"\r\nRDY\r\n");
    bench.wait(SECOND * 60);
    bench.modem.handle_closed(bench.now);
    bench.modem.handle_opened(bench.now);
    bench.wait(SECOND * 60);
    bench.modem.set_pin(bench.now, "0000");
    bench.wait(SECOND * 60);
    bench.modem.restart(bench.now);
    bench.wait(SECOND * 60);
    assert_eq!(bench.peer.pins, ["0000"]);
    bench.modem.set_pin(bench.now, "1234");
    bench.ready();
    assert_eq!(bench.peer.pins, ["0000", "1234"]);
}

#[test]
fn a_pin_refused_in_an_earlier_run_is_not_entered() {
    let refused =
        RefusedPin { iccid: Some("8962101234567890123".into()), pin: "0000".into(), certain: true };
    let config = ModemConfig { refused_pins: vec![refused], ..config("0000") };
    let mut bench = Bench::with(config, locked("0000"));
    bench.wait(SECOND * 60);
    assert!(bench.peer.pins.is_empty());
    assert_eq!(problem(&bench), "pin-wrong");
}

/// It was entered, and nobody knows what came of it; a SIM with all its tries has refused none.
#[test]
fn a_pin_of_unknown_outcome_is_entered_again_only_with_all_tries_left() {
    let unknown = RefusedPin { iccid: None, pin: "1234".into(), certain: false };
    for (answer, entered) in
        [("+CPINR: SIM PIN,3,3|OK", 1), ("+CPINR: SIM PIN,2,3|OK", 0), ("ERROR", 0)]
    {
        let config = ModemConfig { refused_pins: vec![unknown.clone()], ..config("1234") };
        let mut peer = locked("1234");
        peer.answer("AT+CPINR=\"SIM PIN\"", answer);
        let mut bench = Bench::with(config, peer);
        bench.wait(SECOND * 60);
        assert_eq!(bench.peer.pins.len(), entered, "{answer}");
    }
}

#[test]
fn the_last_try_is_left_to_a_person() {
    let mut peer = locked("1234");
    peer.answer("AT+CPINR=\"SIM PIN\"", "+CPINR: SIM PIN,1,3|OK");
    let mut bench = Bench::with(config("1234"), peer);
    bench.wait(SECOND * 60);
    assert!(bench.peer.pins.is_empty());
    assert_eq!(problem(&bench), "pin-last-try");
}

#[test]
fn a_busy_sim_has_not_looked_at_the_pin() {
    let mut peer = locked("1234");
    peer.answers("AT+CPIN=", &["+CME ERROR: 14", "OK"]);
    let mut bench = Bench::with(config("1234"), peer);
    bench.wait(SECOND * 2);
    assert_eq!(bench.peer.pins, ["1234", "1234"]);
    assert!(matches!(
        pins(&bench)[..],
        [PinEvent::Trying(_), PinEvent::NotTried(_), PinEvent::Trying(_), PinEvent::Accepted(_)]
    ));
}

/// The event is out before the bytes, so that it can be kept first.
#[test]
fn the_try_is_told_before_it_is_made() {
    let mut bench = Bench::with(config("1234"), locked("1234"));
    bench.until(SECOND * 5, |bench| !bench.peer.pins.is_empty());
    assert!(matches!(pins(&bench)[..], [PinEvent::Trying(_)]));
}

#[test]
fn the_puk_is_never_entered() {
    let mut peer = Peer::new();
    peer.answer("AT+CPIN?", "+CPIN: SIM PUK|OK");
    let mut bench = Bench::with(config("1234"), peer);
    bench.wait(SECOND * 600);
    assert!(bench.peer.pins.is_empty());
    assert_eq!(problem(&bench), "puk-needed");
}

#[test]
fn a_sim_taken_out_and_another_put_in() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND * 100);
    bench.peer.answer("AT+CPIN?", "+CME ERROR: 10");
    bench.says(b"\r\n+CPIN: NOT INSERTED\r\n");
    bench.wait(SECOND);
    assert_eq!((bench.status(), problem(&bench)), (Status::Blocked, "no-sim"));
    assert!(!bench.modem.can_submit());
    bench
        .peer
        .answer("AT+CPIN?", "+CPIN: READY|OK")
        .answer("AT+CCID", "+CCID: 8962109999999999999|OK");
    bench.ready();
    assert!(bench.events.contains(&Event::SimChanged));
    assert_eq!(bench.modem.snapshot().sim.unwrap().iccid.as_deref(), Some("8962109999999999999"));
}

#[test]
fn a_sim_that_goes_without_a_word_is_noticed_within_a_minute() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.answer("AT+CPIN?", "+CME ERROR: 10");
    bench.wait(SECOND * 60);
    assert_eq!(problem(&bench), "no-sim");
}

#[test]
fn an_empty_service_centre_is_filled_from_the_configuration() {
    let mut peer = Peer::new();
    peer.answers("AT+CSCA?", &["+CSCA: \"\",129|OK", "+CSCA: \"+62816124\",145|OK"]);
    peer.answer("AT+CSCA=\"+62816124\",145", "OK");
    let config = ModemConfig { smsc: Some("+62816124".into()), ..ModemConfig::default() };
    let mut bench = Bench::with(config, peer);
    bench.ready();
    assert!(bench.text().contains("AT+CSCA=\"+62816124\",145\r"));
    assert_eq!(bench.modem.snapshot().sim.unwrap().smsc.as_deref(), Some("+62816124"));
}

#[test]
fn a_service_centre_set_by_a_person_unblocks() {
    let mut peer = Peer::new();
    peer.answer("AT+CSCA?", "+CSCA: \"\",129|OK").answer("AT+CSCA=\"+62816124\",145", "OK");
    let mut bench = Bench::new(peer);
    bench.wait(SECOND);
    assert_eq!(problem(&bench), "no-smsc");
    bench.peer.answers("AT+CSCA?", &["+CSCA: \"\",129|OK", "+CSCA: \"+62816124\",145|OK"]);
    bench.modem.set_smsc(bench.now, Some("+62816124".into()));
    bench.ready();
}

#[test]
fn flight_mode_and_back() {
    let mut peer = Peer::new();
    peer.answer("AT+CFUN=4", "OK").answer("AT+CFUN=1", "OK");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    bench.modem.set_flight_mode(bench.now, true);
    bench.wait(SECOND);
    assert!(bench.text().contains("AT+CFUN=4\r"));
    assert_eq!(problem(&bench), "flight-mode");
    bench.peer.answer("AT+CFUN?", "+CFUN: 4|OK");
    bench.modem.set_flight_mode(bench.now, false);
    bench.ready();
    assert!(bench.text().contains("AT+CFUN=1\r"));
}

#[test]
fn a_radio_that_is_off_is_turned_on() {
    let mut peer = Peer::new();
    peer.answer("AT+CFUN?", "+CFUN: 0|OK").answer("AT+CFUN=1", "OK");
    let mut bench = Bench::new(peer);
    bench.ready();
    assert!(bench.text().contains("AT+CFUN=1\r"));
}

#[test]
fn what_was_said_of_a_sim_is_for_that_sim() {
    let said = SimSettings { number: Some("+628111".into()), smsc: Some("+62855000000".into()) };
    let mut peer = Peer::new();
    peer.answer("AT+CSCA=\"+62855000000\",145", "OK");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    let sim = |bench: &Bench| bench.modem.snapshot().sim.unwrap();
    let iccid = sim(&bench).iccid.unwrap();
    let of_itself = sim(&bench).number;
    // Of another SIM: nothing changes.
    bench.modem.set_sim(bench.now, "8962000000000000000", said.clone());
    bench.wait(SECOND);
    assert_eq!(sim(&bench).number, of_itself);
    assert!(!bench.text().contains("AT+CSCA="));
    bench.modem.set_sim(bench.now, &iccid, said);
    bench.wait(SECOND);
    assert_eq!(sim(&bench).number.as_deref(), Some("+628111"));
    assert_eq!(bench.text().matches("AT+CSCA=\"+62855000000\"").count(), 1);
    // Taken back: the SIM is asked.
    bench.modem.set_sim(bench.now, &iccid, SimSettings::default());
    bench.wait(SECOND);
    assert_eq!(sim(&bench).number, of_itself);
}

/// Each spelling that 27.007 and the makers have, where it is the only one that a modem knows.
#[test]
fn the_iccid_in_every_spelling() {
    for (command, answer) in [
        ("AT+CCID", "+CCID: \"8962101234567890123\"|OK"),
        ("AT^ICCID?", "^ICCID: 8962101234567890123F|OK"),
        ("AT+QCCID", "8962101234567890123F|OK"),
        ("AT+ICCID", "+ICCID: 8962101234567890123|OK"),
        ("AT+CICCID", "+ICCID: 8962101234567890123|OK"),
        ("AT#CCID", "#CCID: 8962101234567890123|OK"),
        ("AT+CCID?", "+CCID: 8962101234567890123|OK"),
        ("AT+CRSM=176,12258,0,0,10", "+CRSM: 144,0,\"982601214365870921F3\"|OK"),
        ("AT+ZGETICCID", "+ZGETICCID: 8962101234567890123|OK"),
        ("AT+ZICCID?", "+ZICCID: 8962101234567890123|OK"),
        ("AT^SCID", "^SCID: 8962101234567890123F|OK"),
        ("AT+EICCID?", "+EICCID: \"8962101234567890123\"|OK"),
        ("AT!ICCID?", "!ICCID: 8962101234567890123|OK"),
    ] {
        let mut peer = Peer::new();
        peer.answer("AT+CCID", "ERROR").answer(command, answer);
        let mut bench = Bench::new(peer);
        bench.ready();
        let sim = bench.modem.snapshot().sim.unwrap();
        assert_eq!(sim.iccid.as_deref(), Some("8962101234567890123"), "{command}");
    }
}

/// A first answer that is no identity is not the last question.
#[test]
fn the_imei_in_every_spelling() {
    let imei = "356938035643809";
    for (first, command, answer) in [
        ("356938035643809|OK", "AT+CGSN", "356938035643809|OK"),
        ("0000012345|OK", "AT+GSN", "356938035643809|OK"),
        ("+CME ERROR: memory failure", "AT+CGSN=1", "+CGSN: \"356938035643809\"|OK"),
        ("000000000000000|OK", "AT+EGMR=0,7", "+EGMR: \"356938035643809\"|OK"),
        ("ERROR", "ATI", "Manufacturer: huawei|Model: E173|IMEI: 356938035643809|OK"),
    ] {
        let mut peer = Peer::new();
        peer.answer("AT+CGSN", first).answer(command, answer);
        let mut bench = Bench::new(peer);
        bench.ready();
        assert_eq!(bench.modem.snapshot().identity.imei.as_deref(), Some(imei), "{command}");
    }
    // One that has none works without.
    let mut peer = Peer::new();
    peer.answer("AT+CGSN", "+CME ERROR: memory failure");
    let mut bench = Bench::new(peer);
    bench.ready();
    assert_eq!(bench.modem.snapshot().identity.imei, None);
}
