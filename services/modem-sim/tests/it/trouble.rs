//! Every fault, in virtual time.

use std::time::Duration;

use modem_sim::machine::Output;
use modem_sim::{Fault, FaultRule, Make, ModemConfig};

use crate::rig::{Rig, message, report, submit};

fn faulty(fault: Fault) -> Rig {
    faulty_rule(FaultRule::times(fault, 1))
}

fn faulty_rule(rule: FaultRule) -> Rig {
    let mut rig = Rig::quiet(Make::Wavecom);
    rig.at("AT+CNMI=2,1,0,1,0");
    rig.wishes.clear();
    rig.machine.set_fault(rig.now, rule);
    rig
}

fn submitted(rig: &Rig) -> usize {
    rig.wishes.iter().filter(|wish| matches!(wish, Output::Submit(_))).count()
}

#[test]
fn errors_of_a_submit() {
    for (fault, answer) in [
        (Fault::Cms(38), "\r\n+CMS ERROR: 38\r\n"),
        (Fault::Cme(30), "\r\n+CME ERROR: 30\r\n"),
        (Fault::Error, "\r\nERROR\r\n"),
    ] {
        let mut rig = faulty(fault);
        assert_eq!(rig.send(), answer);
        assert_eq!(submitted(&rig), 0);
        assert_eq!(rig.send(), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    }
}

#[test]
fn errors_of_another_command() {
    let mut rig = faulty_rule(FaultRule::always(Fault::Cme(14)).on("CSQ"));
    for _ in 0..3 {
        assert_eq!(rig.at("AT+CSQ"), "\r\n+CME ERROR: 14\r\n");
    }
    assert_eq!(rig.at("AT+CREG?"), "\r\n+CREG: 0,1\r\n\r\nOK\r\n");
    rig.machine.clear_faults(rig.now, Some("cme-14"));
    assert!(rig.at("AT+CSQ").ends_with("OK\r\n"));
}

#[test]
fn no_prompt_silence_and_garbage() {
    let mut rig = faulty(Fault::NoPrompt);
    assert_eq!(rig.at("AT+CMGS=14"), "");
    assert_eq!(rig.typed("\u{1b}"), "");
    assert_eq!(rig.at("AT"), "\r\nOK\r\n");

    let mut rig = faulty(Fault::Silence);
    assert_eq!(rig.at("AT"), "");
    assert_eq!(rig.millis(600_000), "");
    assert_eq!(rig.at("AT"), "\r\nOK\r\n");

    let mut rig = faulty(Fault::Garbage);
    let noise = rig.at("AT");
    assert!(noise.len() > 20 && !noise.contains("OK"), "{noise:?}");
    assert_eq!(rig.at("AT"), "\r\nOK\r\n");
}

#[test]
fn byte_by_byte_and_slow() {
    let mut rig = faulty_rule(Fault::ByteByByte.into());
    assert_eq!(rig.at("AT"), "");
    rig.now += Duration::from_millis(3);
    rig.machine.handle_timeout(rig.now);
    let pieces: Vec<_> = std::iter::from_fn(|| rig.machine.poll_output()).collect();
    assert_eq!(pieces.len(), 3);
    assert_eq!(rig.millis(10), "K\r\n");

    let mut rig = faulty_rule(Fault::Slow(Duration::from_millis(300)).into());
    assert_eq!(rig.at("AT"), "");
    assert_eq!(rig.millis(299), "");
    assert_eq!(rig.millis(1), "\r\nOK\r\n");
    let mut rig = faulty_rule(Fault::SubmitTime(Duration::from_millis(50)).into());
    assert_eq!(rig.send(), "");
    assert_eq!(rig.millis(50), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
}

#[test]
fn the_network_is_lost_and_found() {
    for (fault, stat) in [(Fault::NotRegistered, 2), (Fault::Denied, 3)] {
        let mut rig = Rig::quiet(Make::Wavecom);
        rig.at("AT+CREG=1");
        rig.machine.set_fault(rig.now, fault.into());
        assert_eq!(rig.said(), format!("\r\n+CREG: {stat}\r\n"));
        assert_eq!(rig.send(), "\r\n+CMS ERROR: 331\r\n");
        assert!(rig.offer(message(None)).is_err());
        rig.wishes.clear();
        rig.machine.clear_faults(rig.now, None);
        assert_eq!(rig.said(), "\r\n+CREG: 1\r\n");
        assert_eq!(rig.wishes, [Output::Available]);
    }
}

#[test]
fn flight_mode() {
    let mut rig = Rig::quiet(Make::Wavecom);
    rig.at("AT+CREG=1");
    assert_eq!(rig.at("AT+CFUN=4"), "\r\n+CREG: 0\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CSQ"), "\r\n+CSQ: 99,99\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CFUN=1"), "\r\n+CREG: 1\r\n\r\nOK\r\n");
}

#[test]
fn the_sim_is_out_locked_or_without_a_centre() {
    let mut rig = faulty_rule(Fault::NoSim.into());
    assert_eq!(rig.said(), "\r\n+WIND: 0\r\n");
    assert_eq!(rig.at("AT+CPIN?"), "\r\n+CME ERROR: 10\r\n");
    assert_eq!(rig.at("AT+CMGS=14"), "\r\n+CMS ERROR: 310\r\n");
    rig.machine.clear_faults(rig.now, Some("no-sim"));
    rig.said();
    assert!(rig.at("AT+CPIN?").contains("READY"));

    let mut rig = faulty_rule(Fault::PinLocked.into());
    assert!(rig.at("AT+CPIN?").contains("SIM PIN"));
    assert!(rig.at("AT+CPIN=\"1234\"").starts_with("\r\nOK\r\n"));
    assert!(rig.at("AT+CPIN?").contains("READY"));

    let mut rig = faulty_rule(Fault::PukLocked.into());
    assert!(rig.at("AT+CPIN?").contains("SIM PUK"));

    let mut rig = faulty_rule(Fault::EmptySmsc.into());
    assert_eq!(rig.at("AT+CSCA?"), "\r\n+CSCA: \"\",129\r\n\r\nOK\r\n");
    assert_eq!(rig.send(), "\r\n+CMS ERROR: 330\r\n");
    rig.at("AT+CSCA=\"+62811\",145");
    assert_eq!(rig.send(), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
}

#[test]
fn a_full_sim_turns_away_until_drained() {
    let mut rig = faulty_rule(Fault::SimFull.into());
    assert!(rig.at("AT+CPMS?").contains("\"SM\",20,20"));
    assert!(rig.offer(message(None)).is_err());
    assert!(rig.at("AT+CMGL=4").contains("+CMGL: 20,1,,"));
    rig.wishes.clear();
    rig.at("AT+CMGD=3");
    assert_eq!(rig.wishes, [Output::Available]);
    assert_eq!(rig.offer(message(None)).unwrap(), "\r\n+CMTI: \"SM\",3\r\n");
}

#[test]
fn settings_fall_back_without_a_word() {
    let mut rig = Rig::quiet(Make::Sim800);
    rig.at("AT+CNMI=2,1,0,1,0");
    rig.machine.set_fault(rig.now, Fault::BrownOut.into());
    assert_eq!(rig.said(), "");
    assert!(rig.at("AT+CNMI?").contains("AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0"));
}

#[test]
fn reports_and_messages_go_wrong() {
    let flags = |rig: &mut Rig| {
        rig.wishes.clear();
        rig.send();
        match rig.wishes.as_slice() {
            [Output::Submit(submission)] => {
                (submission.no_report, submission.report_first, submission.duplicate_report)
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(flags(&mut faulty(Fault::NoReport)), (true, false, false));
    assert_eq!(flags(&mut faulty(Fault::DuplicateReport)), (false, false, true));
    let mut rig = faulty(Fault::ReportFirst);
    assert_eq!(flags(&mut rig), (false, true, false));
    let answer = rig.offer(report(1)).unwrap();
    assert!(answer.starts_with("\r\n+CDS: "), "{answer}");
    assert!(answer.ends_with("\r\n+CMGS: 1\r\n\r\nOK\r\n"), "{answer}");

    let mut rig = faulty(Fault::DuplicateMo);
    rig.offer(message(None)).unwrap();
    assert_eq!(rig.wishes, [Output::Again(message(None))]);
    let mut rig = faulty(Fault::NoCmti);
    assert_eq!(rig.offer(message(None)).unwrap(), "");
    let mut rig = faulty(Fault::WrongCmti);
    assert_eq!(rig.offer(message(None)).unwrap(), "\r\n+CMTI: \"SM\",-1\r\n");
    let mut rig = faulty_rule(Fault::SameReference.into());
    for _ in 0..2 {
        assert_eq!(rig.send(), "\r\n+CMGS: 0\r\n\r\nOK\r\n");
    }
}

#[test]
fn a_report_that_never_comes_first_does_not_stop_the_answer() {
    let mut rig = faulty(Fault::ReportFirst);
    assert_eq!(rig.send(), "");
    assert_eq!(rig.millis(2_000), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
}

#[test]
fn an_answer_is_lost() {
    for (fault, taken, said) in [
        (Fault::AcceptedSilent, 1, ""),
        (Fault::LostSilent, 0, ""),
        (Fault::MissingOk, 1, "\r\n+CMGS: 1\r\n"),
    ] {
        let mut rig = faulty(fault);
        assert_eq!(rig.send(), said);
        assert_eq!(submitted(&rig), taken);
        assert_eq!(rig.millis(600_000), "");
        assert_eq!(rig.at("AT"), "\r\nOK\r\n");
    }
}

#[test]
fn it_reboots_or_falls_off_in_the_middle() {
    for (fault, taken) in [(Fault::RebootBefore, 0), (Fault::RebootAfter, 1)] {
        let mut rig = faulty(fault);
        let said = rig.send();
        assert!(said.contains("+WIND: 4") && !said.contains("CMGS"), "{said}");
        assert_eq!(submitted(&rig), taken);
        assert_eq!(rig.at("AT"), "AT\r\r\nOK\r\n");
    }
    for (fault, taken) in [(Fault::UnplugBefore, 0), (Fault::UnplugAfter, 1)] {
        let mut rig = faulty(fault);
        assert_eq!(rig.send(), "");
        assert_eq!(submitted(&rig), taken);
        assert_eq!(rig.wishes.last(), Some(&Output::Unplug));
        assert_eq!(rig.at("AT"), "");
        rig.machine.power_on(rig.now);
        rig.said();
        assert_eq!(rig.at("AT"), "AT\r\r\nOK\r\n");
    }
}

#[test]
fn the_echo_stays() {
    let mut rig = Rig::of(Make::Wavecom);
    rig.machine.set_fault(rig.now, Fault::EchoStuck.into());
    assert_eq!(rig.at("ATE0"), "ATE0\r\r\nOK\r\n");
    assert_eq!(rig.at("AT"), "AT\r\r\nOK\r\n");
    let octets = submit(true);
    rig.at(&format!("AT+CMGS={}", octets.len()));
    let typed = format!("00{}", tpdu::to_hex(&octets));
    assert!(rig.typed(&format!("{typed}\u{1a}")).starts_with(&typed));
}

#[test]
fn unacknowledged_messages_go_back() {
    let mut rig = Rig::quiet(Make::Wavecom);
    rig.at("AT+CSMS=1");
    rig.at("AT+CNMI=2,2,0,1,0");
    rig.wishes.clear();
    rig.offer(message(None)).unwrap();
    rig.millis(14_999);
    assert_eq!(rig.wishes, []);
    rig.millis(1);
    assert_eq!(rig.wishes, [Output::Returned(message(None))]);
    assert!(rig.at("AT+CNMI?").contains("+CNMI: 2,0,0,0,0"));

    // Refused by the driver.
    rig.at("AT+CNMI=2,2,0,1,0");
    rig.offer(message(None)).unwrap();
    rig.wishes.clear();
    assert_eq!(rig.at("AT+CNMA=2"), "\r\nOK\r\n");
    assert_eq!(rig.wishes, [Output::Returned(message(None))]);
    // Class 2 goes to the SIM all the same.
    assert_eq!(rig.offer(message(Some(2))).unwrap(), "\r\n+CMTI: \"SM\",1\r\n");
}

#[test]
fn a_sim_without_credit() {
    let mut config = ModemConfig::new(Make::Wavecom, 1);
    (config.balance, config.price) = (500, 350);
    let mut rig = Rig::with(config);
    rig.at("ATE0");
    assert_eq!(rig.send(), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    assert_eq!(rig.machine.status().balance, 150);
    assert_eq!(rig.send(), "\r\n+CMS ERROR: 38\r\n");
}

#[test]
fn a_lock_that_was_cleared_does_not_come_back() {
    let mut rig = faulty_rule(Fault::PinLocked.into());
    rig.machine.clear_faults(rig.now, Some("pin-locked"));
    rig.machine.reboot(rig.now);
    rig.said();
    assert!(rig.at("AT+CPIN?").contains("READY"));
}

/// The length is taken for a number, and the PDU for a text.
#[test]
fn in_text_mode_a_pdu_goes_out_as_a_text_to_its_length() {
    for fault in [Fault::TextOnly, Fault::TextStored] {
        let mut rig = faulty_rule(fault.clone().into());
        assert_eq!(rig.at("AT+CMGF?"), "\r\n+CMGF: 1\r\n\r\nOK\r\n");
        assert_eq!(rig.at("AT+CMGS=18"), "\r\n> ");
        let pdu = "0021000C91535810112232000005E8329BFD06";
        rig.typed(&format!("{pdu}\u{1a}"));
        let sent = rig.wishes.iter().find_map(|wish| match wish {
            Output::Submit(submission) => tpdu::Submit::decode(&submission.tpdu).ok(),
            _ => None,
        });
        let sent = sent.unwrap();
        assert_eq!((sent.destination.to_string(), sent.text()), ("18".into(), Some(pdu.into())));
        rig.typed("ATZ\r");
        rig.at("ATE0");
        assert!(rig.at("AT+CMGF?").contains("+CMGF: 1"));
        let refused = fault == Fault::TextOnly;
        assert_eq!(rig.at("AT+CMGF=0").contains("ERROR"), refused);
        let offer = if refused { "+CMGF: (1)\r" } else { "+CMGF: (0,1)\r" };
        assert!(rig.at("AT+CMGF=?").contains(offer));
    }
}

#[test]
fn a_fault_lasts_as_long_as_it_is_said() {
    let rule = FaultRule::lasting(Fault::Cme(3517), Duration::from_secs(15)).on("CMGF");
    let mut rig = faulty_rule(rule);
    for _ in 0..14 {
        assert_eq!(rig.at("AT+CMGF=0"), "\r\n+CME ERROR: 3517\r\n");
        rig.millis(1000);
    }
    // Also over a restart.
    rig.machine.reboot(rig.now);
    rig.millis(900);
    rig.at("ATE0");
    assert!(rig.at("AT+CMGF=0").contains("ERROR"));
    rig.millis(200);
    assert_eq!(rig.at("AT+CMGF=0"), "\r\nOK\r\n");
    assert!(rig.machine.status().faults.is_empty());
}
