//! What each make says, in its own words.

use std::time::Duration;

use modem_sim::{Interfaces, Make, ModemConfig, Role, Timing};

use crate::rig::{PDU, Rig, message, report};

#[test]
fn wavecom() {
    let mut rig = Rig::of(Make::Wavecom);
    assert_eq!(rig.at("ATI"), "ATI\r\r\n WAVECOM MODEM\r\n MULTIBAND  900E  1800 \r\n\r\nOK\r\n");
    assert_eq!(rig.at("ATE0"), "ATE0\r\r\nOK\r\n");
    assert_eq!(rig.at("AT+CPIN?"), "\r\n+CPIN: READY\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CSMS=?"), "\r\n+CSMS: (0,1)\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CCID"), "\r\n+CCID: \"8962010000000000019\"\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CPMS=?"), "\r\n+CPMS: ((\"SM\",\"SR\"),(\"SM\"))\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT^CURC=0"), "\r\nERROR\r\n");
    assert_eq!(rig.at("AT+CEREG?"), "\r\nERROR\r\n");
    assert_eq!(rig.at("AT+CNMI=2,1,0,2,0"), "\r\nOK\r\n");
    rig.offer(message(None)).unwrap();
    assert_eq!(rig.offer(report(1)).unwrap(), "\r\n+CDSI: \"SR\",1\r\n");
    rig.at("AT+CPMS=\"SR\"");
    assert!(rig.at("AT+CMGR=1").contains("+CMGR: 0,,"));
}

#[test]
fn huawei() {
    let mut rig = Rig::quiet(Make::Huawei);
    let identity = rig.at("ATI");
    assert!(identity.starts_with("\r\nManufacturer: huawei\r\nModel: E173\r\n"), "{identity}");
    assert!(identity.contains("\r\nIMEI: 359001000000013\r\n"), "{identity}");
    assert_eq!(rig.at("AT^ICCID?"), "\r\n^ICCID: 8962010000000000019\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CCID"), "\r\nCOMMAND NOT SUPPORT\r\n");
    assert_eq!(rig.at("AT^CPIN?"), "\r\n^CPIN: READY,3,10,3,10,3\r\n\r\nOK\r\n");
    // Slots from 0.
    rig.at("AT+CNMI=2,1,0,2,0");
    assert_eq!(rig.offer(message(None)).unwrap(), "\r\n+CMTI: \"SM\",0\r\n");
    // Reports among the messages.
    assert_eq!(rig.offer(report(1)).unwrap(), "\r\n+CDSI: \"SM\",1\r\n");
    // Flash is given though messages are stored.
    assert_eq!(rig.offer(message(Some(0))).unwrap(), format!("\r\n+CMT: ,35\r\n{PDU}\r\n"));
    // Packed USSD, both ways: *888#.
    assert_eq!(rig.at("AT+CUSD=1,\"2A1C0E3702\",15"), "\r\nOK\r\n");
    let answer = rig.millis(1);
    assert!(answer.starts_with("\r\n+CUSD: 0,\"D3F4"), "{answer}");
    assert!(rig.at("AT+CPMS=\"SM\",\"SM\",\"SM\"").contains("+CPMS: 2,30,2,30,2,30"));
}

#[test]
fn huawei_chatters_until_told_not_to() {
    let mut config = ModemConfig::new(Make::Huawei, 1);
    config.timing.noise = Some(Duration::from_secs(5));
    let mut rig = Rig::with(config);
    let noise = rig.millis(11_000);
    assert_eq!(noise, "\r\n^BOOT:20155436,0,0,0,75\r\n\r\n^RSSI:15\r\n");
    rig.at("AT^CURC=0");
    assert_eq!(rig.millis(60_000), "");
}

#[test]
fn sim800() {
    let mut rig = Rig::quiet(Make::Sim800);
    assert_eq!(rig.at("ATI"), "\r\nSIM800 R14.18\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CCID"), "\r\n8962010000000000019\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CNMI=2,1,0,2,0"), "\r\n+CMS ERROR: 303\r\n");
    assert_eq!(rig.at("AT+CNMI=2,1,0,1,0"), "\r\nOK\r\n");
    assert_eq!(rig.at("AT+CSQ"), "\r\n+CSQ: 15, 99\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+SPIC"), "\r\n+SPIC: 3,10,0,10\r\n\r\nOK\r\n");
    rig.at("AT+CUSD=1,\"*888#\",15");
    assert_eq!(
        rig.millis(1),
        "\r\n+CUSD: 0, \"Sisa pulsa Rp 25.000. Masa aktif s/d 31.12.2030.\", 15\r\n"
    );
}

#[test]
fn sim800_boots_with_its_lines_in_time() {
    let mut config = ModemConfig::new(Make::Sim800, 1);
    config.timing.boot = Duration::from_secs(10);
    let mut rig = Rig::with(config);
    rig.at("ATE0");
    assert_eq!(rig.at("AT+CFUN=1,1"), "\r\nOK\r\n");
    assert_eq!(rig.at("AT"), "");
    assert_eq!(rig.millis(2_900), "");
    assert_eq!(rig.millis(200), "\r\nRDY\r\n");
    assert_eq!(rig.millis(1_000), "\r\n+CFUN: 1\r\n");
    assert_eq!(rig.at("ATE0"), "ATE0\r\r\nOK\r\n");
    assert_eq!(rig.at("AT+CMGF=0;+CMEE=1"), "\r\nOK\r\n");
    assert_eq!(rig.at("AT+CSCA?"), "\r\n+CMS ERROR: 314\r\n");
    assert_eq!(rig.at("AT+CIMI"), "\r\n+CME ERROR: 14\r\n");
    assert_eq!(rig.millis(4_500), "\r\n+CPIN: READY\r\n\r\nCall Ready\r\n");
    assert_eq!(rig.millis(2_000), "\r\nSMS Ready\r\n");
    assert!(rig.at("AT+CSCA?").contains("+CSCA: \"+6281200000000\",145"));
}

#[test]
fn quectel() {
    let mut rig = Rig::quiet(Make::Quectel);
    assert_eq!(rig.at("ATI"), "\r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A06M4G\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+QCCID"), "\r\n+QCCID: 8962010000000000019\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CEREG=2"), "\r\nOK\r\n");
    assert_eq!(rig.at("AT+CEREG?"), "\r\n+CEREG: 2,1,\"0101\",\"001A2B03\",7\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CESQ"), "\r\n+CESQ: 99,99,255,255,22,37\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+QPINC?"), "\r\n+QPINC: \"SC\",3,10\r\n\r\nOK\r\n");
    assert!(rig.at("AT+COPS?").contains("+COPS: 0,0,\"Merpati Net\",7"));
    // The report is announced where it is not.
    assert_eq!(rig.at("AT+CNMI=2,1,0,2,0"), "\r\nOK\r\n");
    assert_eq!(rig.offer(report(9)).unwrap(), "\r\n+CDSI: \"SM\",0\r\n");
    assert_eq!(rig.at("AT+CMGR=0"), "\r\n+CMS ERROR: 321\r\n");
    rig.at("AT+CPMS=\"SR\",\"SM\",\"SM\"");
    assert!(rig.at("AT+CMGL=4").contains("+CMGL: 0,0,,"));
    // MT is another name of ME.
    assert!(rig.at("AT+CPMS=\"MT\",\"MT\",\"MT\"").contains("+CPMS: 0,255,0,255,0,255"));
    assert!(rig.at("AT+CPMS?").contains("\"MT\",0,255"));
    assert_eq!(rig.offer(message(None)).unwrap(), "\r\n+CMTI: \"ME\",0\r\n");
}

#[test]
fn all_makes_send_and_tell_of_registration() {
    for make in Make::ALL {
        let mut rig = Rig::quiet(make);
        assert_eq!(rig.at("AT+CREG=1"), "\r\nOK\r\n");
        assert_eq!(rig.at("AT+CREG?"), "\r\n+CREG: 1,1\r\n\r\nOK\r\n", "{make}");
        assert_eq!(rig.at("AT+CNMI=2,1,0,1,0;+CSMS=1"), "\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n");
        assert_eq!(rig.send(), "\r\n+CMGS: 1\r\n\r\nOK\r\n", "{make}");
        assert!(rig.offer(report(1)).unwrap().starts_with("\r\n+CDS: 25\r\n000601"), "{make}");
        // The next one waits for +CNMA.
        assert!(rig.offer(report(2)).is_err());
        assert_eq!(rig.at("AT+CNMA"), "\r\nOK\r\n");
        assert_eq!(rig.at("AT+CNMA"), "\r\n+CMS ERROR: 340\r\n");
        assert!(rig.at("AT+CNUM").contains("\"+6281200000001\",145"), "{make}");
        assert_eq!(rig.at("AT+CMGD=15"), "\r\nOK\r\n", "{make}");
        assert_eq!(rig.at("AT+CMGD=999"), "\r\n+CMS ERROR: 321\r\n", "{make}");
    }
}

#[test]
fn a_long_submit_is_waited_for_and_typing_ahead_is_kept() {
    let mut config = ModemConfig::new(Make::Wavecom, 1);
    config.timing = Timing { noise: None, answer: Duration::ZERO, ..Timing::REALISTIC };
    let mut rig = Rig::with(config);
    rig.at("ATE0");
    rig.at("AT+CMMS=2");
    assert_eq!(rig.send(), "");
    assert_eq!(rig.at("AT"), "");
    assert_eq!(rig.millis(1_599), "");
    assert_eq!(rig.millis(2), "\r\n+CMGS: 1\r\n\r\nOK\r\n\r\nOK\r\n");
    // The link is still open.
    assert_eq!(rig.send(), "");
    assert_eq!(rig.millis(1_201), "\r\n+CMGS: 2\r\n\r\nOK\r\n");
}

#[test]
fn stored_messages_are_written_sent_and_marked() {
    let mut rig = Rig::quiet(Make::Wavecom);
    let octets = crate::rig::submit(false);
    assert_eq!(rig.at(&format!("AT+CMGW={}", octets.len())), "\r\n> ");
    let pdu = format!("00{}", tpdu::to_hex(&octets));
    assert_eq!(rig.typed(&format!("{pdu}\u{1a}")), "\r\n+CMGW: 1\r\n\r\nOK\r\n");
    assert!(rig.at("AT+CMGR=1").contains(&format!("+CMGR: 2,,{}\r\n{pdu}", octets.len())));
    assert_eq!(rig.at("AT+CMSS=1"), "\r\n+CMSS: 1\r\n\r\nOK\r\n");
    assert!(rig.at("AT+CMGR=1").contains("+CMGR: 3,,"));
    assert_eq!(rig.at("AT+CMSS=7"), "\r\n+CMS ERROR: 321\r\n");
}

#[test]
fn text_mode_works_too() {
    let mut rig = Rig::quiet(Make::Sim800);
    rig.at("AT+CMGF=1");
    rig.at("AT+CNMI=2,1,0,0,0");
    assert_eq!(rig.at("AT+CMGS=\"+628111222333\""), "\r\n> ");
    assert_eq!(rig.typed("Halo\u{1a}"), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    let sent = rig.wishes.iter().find_map(|wish| match wish {
        modem_sim::machine::Output::Submit(submission) => Some(submission.tpdu.clone()),
        _ => None,
    });
    let submit = tpdu::Submit::decode(&sent.unwrap()).unwrap();
    assert_eq!(submit.text().as_deref(), Some("Halo"));
    rig.offer(message(None)).unwrap();
    assert_eq!(
        rig.at("AT+CMGR=1"),
        "\r\n+CMGR: \"REC UNREAD\",\"+628159919457\",,\"06/02/16,09:14:26+28\"\r\n\
         PV admin ari jelek\r\n\r\nOK\r\n"
    );
    rig.at("AT+CSCS=\"UCS2\"");
    assert!(rig.at("AT+CMGL=\"ALL\"").contains("002B003600320038"));
}

#[test]
fn a_pin_is_asked_for_and_tries_are_counted() {
    let mut config = ModemConfig::new(Make::Quectel, 1);
    config.pin = Some("2468".into());
    let mut rig = Rig::with(config);
    rig.at("ATE0;+CMEE=1;+CREG=1");
    assert_eq!(rig.at("AT+CPIN?"), "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CIMI"), "\r\n+CME ERROR: 11\r\n");
    assert_eq!(rig.at("AT+CMGL=4"), "\r\n+CMS ERROR: 311\r\n");
    // The ICCID can be read: it is how a driver knows which PIN to try.
    assert!(rig.at("AT+QCCID").contains("8962010000000000019"));
    assert_eq!(rig.at("AT+CPIN=\"0000\""), "\r\n+CME ERROR: 16\r\n");
    assert!(rig.at("AT+QPINC?").contains("\"SC\",2,10"));
    let answer = rig.at("AT+CPIN=\"2468\"");
    assert!(answer.starts_with("\r\nOK\r\n\r\n+CPIN: READY\r\n"), "{answer}");
    assert!(answer.ends_with("+QIND: PB DONE\r\n\r\n+CREG: 1\r\n"), "{answer}");
    // Three wrong ones block it.
    rig.machine.reboot(rig.now);
    rig.millis(1);
    rig.at("ATE0;+CMEE=1");
    for _ in 0..3 {
        assert_eq!(rig.at("AT+CPIN=\"0000\""), "\r\n+CME ERROR: 16\r\n");
    }
    assert_eq!(rig.at("AT+CPIN?"), "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CPIN=\"2468\""), "\r\n+CME ERROR: 12\r\n");
    assert!(rig.at("AT+CPIN=\"12345678\",\"1357\"").starts_with("\r\nOK\r\n"));
    assert_eq!(rig.at("AT+CPIN?"), "\r\n+CPIN: READY\r\n\r\nOK\r\n");
}

#[test]
fn a_ussd_menu_is_a_session() {
    let mut rig = Rig::quiet(Make::Wavecom);
    rig.at("AT+CUSD=1,\"*123#\",15");
    assert!(rig.millis(1).starts_with("\r\n+CUSD: 1,\"Merpati Net\n1. Pulsa"));
    rig.at("AT+CUSD=1,\"2\",15");
    assert_eq!(rig.millis(1), "\r\n+CUSD: 0,\"Nomor Anda +6281200000001\",15\r\n");
    rig.at("AT+CUSD=1,\"*999#\",15");
    assert_eq!(rig.millis(1), "\r\n+CUSD: 4\r\n");
    rig.at("AT+CUSD=1,\"*123#\",15");
    rig.millis(1);
    assert_eq!(rig.millis(61_000), "\r\n+CUSD: 5\r\n");
}

#[test]
fn a_ussd_text_comes_unasked() {
    for (make, said) in [
        (Make::Wavecom, "\r\n+CUSD: 0,\"Bonus!\",15\r\n"),
        (Make::Huawei, "\r\n+CUSD: 0,\"C2B7BB3E0F01\",15\r\n"),
    ] {
        let mut rig = Rig::quiet(make);
        rig.machine.push_ussd(rig.now, "Bonus!");
        assert_eq!(rig.said(), "", "it was not switched on");
        rig.at("AT+CUSD=1");
        rig.machine.push_ussd(rig.now, "Bonus!");
        assert_eq!(rig.said(), said);
    }
}

#[test]
fn a_call_rings_until_hung_up() {
    let mut rig = Rig::quiet(Make::Wavecom);
    rig.at("AT+CLIP=1");
    rig.machine.ring(rig.now, "+628123", 5);
    assert_eq!(rig.said(), "\r\nRING\r\n\r\n+CLIP: \"+628123\",145,\"\",,\"\",0\r\n");
    assert!(rig.at("AT+CPAS").contains("+CPAS: 3"));
    assert!(rig.millis(3_001).starts_with("\r\nRING"));
    assert_eq!(rig.at("ATH"), "\r\nOK\r\n");
    assert_eq!(rig.millis(20_000), "");
    rig.machine.ring(rig.now, "", 1);
    rig.said();
    assert_eq!(rig.millis(3_001), "\r\nNO CARRIER\r\n");
}

#[test]
fn only_the_command_port_tells() {
    let mut config = ModemConfig::new(Make::Huawei, 1);
    config.interfaces = Interfaces::All;
    let mut rig = Rig::with(config);
    assert_eq!(rig.machine.ports(), [Role::Modem, Role::Mute, Role::Command]);
    assert_eq!(rig.at("AT+CNMI=2,1"), "AT+CNMI=2,1\r\r\nOK\r\n");
    rig.machine.handle_bytes(rig.now, 1, b"AT\r");
    assert_eq!(rig.said_on(1), "");
    rig.machine.offer(rig.now, message(None)).unwrap();
    assert_eq!(rig.said_on(2), "\r\n+CMTI: \"SM\",0\r\n");
}

#[test]
fn answers_take_the_form_that_was_asked_for() {
    let mut rig = Rig::of(Make::Wavecom);
    assert_eq!(rig.at("ATV0E0"), "ATV0E0\r0\r");
    assert_eq!(rig.at("AT+CSQ"), "+CSQ: 15,99\r\n0\r");
    assert_eq!(rig.at("AT+NONE"), "4\r");
    assert_eq!(rig.at("ATQ1"), "");
    assert_eq!(rig.at("AT"), "");
    assert_eq!(rig.at("ATZ"), "\r\nOK\r\n");
    assert_eq!(rig.at("ATE0"), "ATE0\r\r\nOK\r\n");
    assert_eq!(rig.at("AT+CMEE=2"), "\r\nOK\r\n");
    assert_eq!(rig.at("AT+CSCS=\"X\""), "\r\n+CME ERROR: incorrect parameters\r\n");
    assert_eq!(rig.at("A/"), "\r\n+CME ERROR: incorrect parameters\r\n");
}

#[test]
fn rubbish_is_answered_or_ignored_but_never_stops_it() {
    let mut rig = Rig::quiet(Make::Wavecom);
    // A PDU typed where a command is wanted has no AT in it.
    assert_eq!(rig.at("0011000C912618\u{1a}"), "");
    assert_eq!(rig.at("AT+CMGS=0"), "\r\n+CMS ERROR: 304\r\n");
    assert_eq!(rig.at("AT+CMGS=999"), "\r\n+CMS ERROR: 304\r\n");
    assert_eq!(rig.at("AT+CMGS=14"), "\r\n> ");
    assert_eq!(rig.typed("zz\u{1a}"), "\r\n+CMS ERROR: 304\r\n");
    assert_eq!(rig.at("AT+CMGS=14"), "\r\n> ");
    assert_eq!(rig.typed("0011\u{1b}"), "\r\nOK\r\n");
    for name in [
        "CMGR", "CMGL", "CMGD", "CMGS", "CMSS", "CMGW", "CNMI", "CPMS", "CSCA", "CUSD", "CPIN",
        "COPS", "CREG", "CFUN", "CSCS", "CSMS", "CMMS", "CSMP", "CMEE", "CNMA",
    ] {
        for tail in ["=", "=,,,", "=\"", "=99999999999", "=?", "?", "", "=\u{e9}"] {
            let answer = rig.at(&format!("AT+{name}{tail}"));
            if answer.ends_with("> ") {
                rig.typed("\u{1b}");
            }
        }
    }
    rig.millis(1);
    rig.at("ATZ");
    assert_eq!(rig.at("ATE0"), "ATE0\r\r\nOK\r\n");
}
