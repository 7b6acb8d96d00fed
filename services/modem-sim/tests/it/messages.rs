use std::time::Duration;

use modem_sim::{Fault, FaultRule, Make, Simulation, SimulationConfig};
use tokio_util::sync::CancellationToken;
use tpdu::{Deliver, Pdu, StatusReport};

use crate::client::{Client, submits};

async fn start(modems: usize) -> Simulation {
    start_with(SimulationConfig { tcp: true, ..SimulationConfig::new(modems) }).await
}

async fn start_with(config: SimulationConfig) -> Simulation {
    Simulation::start(config, CancellationToken::new()).await.unwrap()
}

async fn open(sim: &Simulation, place: usize) -> Client {
    Client::open(&sim.modem(place).address().unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_message_goes_from_modem_to_modem_and_its_report_comes_back() {
    let sim = start(2).await;
    let (mut one, mut two) = (open(&sim, 1).await, open(&sim, 2).await);
    one.set_up("2,1,0,1,0").await;
    two.set_up("2,1,0,1,0").await;

    let submit = &submits(&sim.modem(2).number(), "Halo, apa kabar?")[0];
    assert_eq!(one.send(submit).await, "\r\n+CMGS: 1\r\n\r\nOK\r\n");

    two.until("+CMTI: \"SM\",0\r\n").await;
    let answer = two.at("AT+CMGR=0").await;
    let pdu = answer.lines().nth(2).unwrap();
    let deliver = Pdu::<Deliver>::from_hex(pdu).unwrap();
    assert_eq!(deliver.smsc.unwrap().to_string(), "+6281200000000");
    assert_eq!(deliver.tpdu.origin.to_string(), "+6281200000001");
    assert_eq!(deliver.tpdu.text().as_deref(), Some("Halo, apa kabar?"));
    let age = jiff::Timestamp::now().as_second() - deliver.tpdu.timestamp.to_timestamp().unwrap();
    assert!((0..60).contains(&age), "{age}");

    one.until("+CDS: ").await;
    let lines = one.until("\r\n").await + &one.until("\r\n").await;
    let report = Pdu::<StatusReport>::from_hex(lines.lines().nth(1).unwrap()).unwrap().tpdu;
    assert_eq!(report.reference, 1);
    assert_eq!(report.recipient.to_string(), "+6281200000002");
    assert_eq!(report.status, tpdu::Status::RECEIVED);

    let sent = sim.network().sent_at_least(1).await;
    assert_eq!(
        (sent[0].modem, sent[0].to(), sent[0].text()),
        (1, "+6281200000002".into(), "Halo, apa kabar?".into())
    );
    assert_eq!(sent[0].submit.reference, 1);
}

#[tokio::test]
async fn a_long_text_arrives_in_parts() {
    let sim = start(1).await;
    let mut client = open(&sim, 1).await;
    client.set_up("2,1,0,0,0").await;
    let text = "Selamat pagi. ".repeat(20);
    sim.network().send_text(1, "+628155667788", &text).unwrap();
    client.until("+CMTI: \"SM\",1\r\n").await;
    client.until("+CMTI: \"SM\",2\r\n").await;
    let answer = client.at("AT+CMGL=4").await;
    let parts: Vec<_> = answer
        .lines()
        .filter(|line| line.starts_with("0891"))
        .map(|pdu| Pdu::<Deliver>::from_hex(pdu).unwrap().tpdu)
        .collect();
    let bodies: Vec<_> = parts.iter().map(Deliver::body).collect();
    assert_eq!(tpdu::join(&bodies), tpdu::Content::Text(text));
}

#[tokio::test]
async fn what_a_modem_cannot_take_waits_at_the_network() {
    let sim = start(2).await;
    let mut one = open(&sim, 1).await;
    one.set_up("2,1,0,1,0").await;
    sim.modem(2).unplug().await;
    one.send(&submits(&sim.modem(2).number(), "later")[0]).await;
    assert_eq!(sim.network().waiting(2), 1);

    sim.modem(2).replug(None).await.unwrap();
    // Delivered, so the report comes.
    one.until("+CDS: ").await;
    let mut two = open(&sim, 2).await;
    two.at("ATE0").await;
    assert!(two.at("AT+CMGL=4").await.contains("+CMGL: 0,0,,"));
}

#[tokio::test]
async fn a_full_sim_takes_more_when_drained() {
    let sim = start_with(SimulationConfig {
        tcp: true,
        ..SimulationConfig::of_makes(1, &[Make::Huawei])
    })
    .await;
    sim.modem(1).fault(Fault::SimFull);
    let mut client = open(&sim, 1).await;
    client.set_up("2,1,0,1,0").await;
    sim.network().send_text(1, "+628999", "one too many").unwrap();
    client.until("^SMMEMFULL: \"SM\"").await;
    assert_eq!(sim.network().waiting(1), 1);
    client.write("AT+CMGD=7\r").await;
    client.until("+CMTI: \"SM\",7").await;
    assert_eq!(sim.network().waiting(1), 0);
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again() {
    let mut config = SimulationConfig { tcp: true, ..SimulationConfig::new(1) };
    config.modems[0].timing.acknowledge = Duration::from_millis(50);
    config.network.redelivery = Duration::from_millis(50);
    let sim = start_with(config).await;
    let mut client = open(&sim, 1).await;
    client.set_up("2,2,0,1,0").await;
    client.at("AT+CSMS=1").await;
    sim.network().send_text(1, "+628999", "kept").unwrap();
    client.until("+CMT: ,").await;
    // No +CNMA: it comes again, stored now, because +CNMI fell back.
    loop {
        if client.at("AT+CMGL=4").await.contains("+CMGL: 1,") {
            break;
        }
    }
    assert!(client.at("AT+CNMI?").await.contains("+CNMI: 2,0,0,0,0"));
}

#[tokio::test]
async fn the_real_message_of_the_tutorial_can_be_given() {
    let sim = start(1).await;
    let mut client = open(&sim, 1).await;
    client.set_up("2,2,0,0,0").await;
    client.at("AT+CSMS=1").await;
    let pdu = "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    sim.network().send_hex(1, pdu).unwrap();
    client.until(&format!("\r\n+CMT: ,35\r\n{pdu}\r\n")).await;
    client.at("AT+CNMA").await;
    client.write("AT+CNMA\r").await;
    client.until("+CMS ERROR: 340").await;
}

#[tokio::test]
async fn faults_of_a_submit() {
    let sim = start(1).await;
    let modem = sim.modem(1);
    let mut client = open(&sim, 1).await;
    client.set_up("2,1,0,1,0").await;
    let submit = &submits("+628111222333", "x")[0];
    let octets = submit.encode().unwrap();
    let pdu = format!("00{}\u{1a}", tpdu::to_hex(&octets));
    let command = format!("AT+CMGS={}\r", octets.len());

    modem.fault(FaultRule::times(Fault::Cms(38), 1));
    client.write(&command).await;
    client.until("> ").await;
    client.write(&pdu).await;
    client.until("+CMS ERROR: 38\r\n").await;
    assert_eq!(sim.network().sent_count(), 0);
    client.send(submit).await;

    modem.fault(FaultRule::times(Fault::AcceptedSilent, 1));
    client.write(&command).await;
    client.until("> ").await;
    client.write(&pdu).await;
    sim.network().sent_at_least(2).await;
    assert_eq!(client.at("AT").await.matches("CMGS").count(), 0);

    modem.fault(FaultRule::times(Fault::UnplugAfter, 1));
    client.write(&command).await;
    client.until("> ").await;
    client.write(&pdu).await;
    client.gone().await;
    assert_eq!(sim.network().sent_at_least(3).await.len(), 3);
}

#[tokio::test]
async fn a_report_can_come_first_twice_or_never() {
    let sim = start(1).await;
    let modem = sim.modem(1);
    let mut client = open(&sim, 1).await;
    client.set_up("2,1,0,1,0").await;
    let submit = &submits("+628111222333", "x")[0];
    modem.fault(FaultRule::times(Fault::ReportFirst, 1));
    let answer = client.send(submit).await;
    assert!(answer.find("+CDS: ").unwrap() < answer.find("+CMGS: 1").unwrap(), "{answer:?}");
    modem.fault(FaultRule::times(Fault::NoReport, 1));
    client.send(submit).await;
    modem.fault(FaultRule::times(Fault::DuplicateReport, 1));
    client.send(submit).await;
    for _ in 0..2 {
        client.until("+CDS: ").await;
        assert!(client.until("\r\n0").await.len() < 10);
    }
    assert_eq!(modem.status().received, 3);
}

#[tokio::test]
async fn a_message_comes_in_between() {
    let sim = start(1).await;
    let mut client = open(&sim, 1).await;
    client.set_up("2,2,0,0,0").await;
    sim.modem(1).fault(FaultRule::times(Fault::MoDuringSubmit, 1));
    let octets = submits("+628111222333", "x")[0].encode().unwrap();
    client.write(&format!("AT+CMGS={}\r", octets.len())).await;
    assert!(client.until("> ").await.contains("+CMT: ,"));
    client.write(&format!("00{}\u{1a}", tpdu::to_hex(&octets))).await;
    assert!(client.until("+CMGS: 1").await.contains("+CMT: ,"));
}

#[tokio::test]
async fn another_sim_has_another_number() {
    let config = SimulationConfig::of_makes(2, &[Make::Quectel]);
    let sim = start_with(SimulationConfig { tcp: true, ..config }).await;
    let (mut one, mut two) = (open(&sim, 1).await, open(&sim, 2).await);
    one.set_up("2,1,0,0,0").await;
    two.set_up("2,1,0,0,0").await;
    sim.modem(2).swap_sim(77);
    two.until("+CPIN: NOT READY").await;
    two.until("+CPIN: READY").await;
    assert!(two.at("AT+CIMI").await.contains("001010000000077"));
    assert_eq!(sim.modem(2).number(), "+6281200000077");
    // The old number is nobody's now; the new one is dialled the national way.
    one.send(&submits("+6281200000002", "old")[0]).await;
    one.send(&submits("081200000077", "new")[0]).await;
    two.until("+CMTI: \"SM\",0").await;
    assert_eq!(sim.modem(2).status().stored, 1);
}
