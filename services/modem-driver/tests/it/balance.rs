//! What is on the SIM, asked for on a schedule; and what the network says unasked.

use bus::Event;
use contracts::control::{Call, UssdReply, UssdRequest};
use contracts::modem::{Balance, ModemEvent, ModemEventKind, ModemState};
use contracts::{EventId, MtState, Timestamp};
use modem_driver::Settings;
use modem_sim::{FaultRule, Make, SimulationConfig};
use platform::config::BalanceQuery;
use testkit::wait_for;

use crate::control::ask;
use crate::rig::{Rig, Running};

const PULSA: &str = r"pulsa (Rp [\d.]+)";

/// Returns a rig with one modem whose SIM has this balance, of which each message costs 4000.
async fn rig_with(make: Make, balance: u32) -> Rig {
    let mut simulation = SimulationConfig::of_makes(1, &[make]);
    simulation.modems[0].balance = balance;
    simulation.modems[0].price = 4000;
    Rig::with(simulation).await
}

fn settings(rig: &Rig, code: &str, pattern: &str, every: &str) -> Settings {
    let mut settings = rig.settings(&[1]);
    settings.modems.balance = vec![BalanceQuery {
        network: "00101".to_owned(),
        code: code.to_owned(),
        pattern: pattern.parse().unwrap(),
        low: Some("5000".parse().unwrap()),
        every: every.parse().unwrap(),
    }];
    settings
}

async fn start(rig: &Rig, every: &str) -> Running {
    rig.driver_with(settings(rig, "*888#", PULSA, every)).await
}

/// Waits for the one modem to show a balance that fits.
async fn shown(rig: &Rig, what: &str, fits: impl Fn(&Balance) -> bool) -> Balance {
    wait_for(what, || async { rig.states().await.pop()?.balance.filter(&fits) }).await
}

async fn amount_is(rig: &Rig, amount: &str) -> Balance {
    let amount = amount.parse().unwrap();
    let what = format!("the balance to be {amount}");
    shown(rig, &what, |balance| balance.amount == Some(amount) && balance.problem.is_none()).await
}

async fn problem_is(rig: &Rig, code: &str) -> Balance {
    let is = |balance: &Balance| balance.problem.as_ref().is_some_and(|p| p.code == code);
    shown(rig, code, is).await
}

/// Sends a message, and waits until it is out.
async fn send(rig: &Rig, text: &str) {
    let message = rig.dispatch(text).await;
    rig.events.until(message, MtState::Sent).await;
}

fn of_kind(rig: &Rig, kind: ModemEventKind) -> Vec<ModemEvent> {
    let is = |event| match event {
        Event::Modem(event) if event.kind == kind => Some(event),
        _ => None,
    };
    rig.events.all().into_iter().filter_map(is).collect()
}

/// Returns the events of a kind, when all that were told before this have arrived.
async fn all_of_kind(rig: &Rig, kind: ModemEventKind) -> Vec<ModemEvent> {
    let mark = ModemEvent {
        id: EventId::new(),
        kind: ModemEventKind::MissedCall,
        modem: rig.states().await.remove(0).id,
        sim: None,
        text: "The mark.".to_owned(),
        from: None,
        at: Timestamp::now(),
    };
    rig.bus.publish(&mark).await.unwrap();
    let is_mark = |event: &Event| matches!(event, Event::Modem(e) if e.id == mark.id).then_some(());
    rig.events.find("the mark", is_mark).await;
    of_kind(rig, kind)
}

async fn dial(rig: &Rig, modem: &ModemState, code: &str) -> Result<UssdReply, String> {
    ask(rig, modem.id, Call::Ussd, &UssdRequest { code: code.to_owned() }).await
}

#[tokio::test]
async fn a_balance_is_asked_for_at_start_and_not_again_before_its_time() {
    for make in [Make::Wavecom, Make::Huawei] {
        let rig = rig_with(make, 25_000).await;
        let driver = start(&rig, "1h").await;
        let told = amount_is(&rig, "25000").await;
        assert_eq!((told.text.as_str(), told.low), ("Rp 25.000", false));
        let state = rig.online(1).await.remove(0);
        assert_eq!(Some(told.sim), state.sim.as_ref().map(|sim| sim.id));
        driver.stop().await;
        assert_eq!(rig.states().await.remove(0).balance, Some(told.clone()));

        // What is known is young enough. A code by hand comes behind what the driver itself would ask.
        rig.sim.modem(1).top_up(5000);
        let driver = start(&rig, "1h").await;
        rig.online(1).await;
        let by_hand = dial(&rig, &state, "*888#").await.unwrap();
        assert!(by_hand.text.contains("Rp 30.000"), "{by_hand:?}");
        let state: ModemState = ask(&rig, state.id, Call::Info, &()).await.unwrap();
        assert_eq!(state.balance, Some(told));
        driver.stop().await;

        // Now it is too old.
        let _driver = start(&rig, "1ms").await;
        amount_is(&rig, "30000").await;
    }
}

#[tokio::test]
async fn a_balance_that_falls_low_is_told_once_until_it_was_higher() {
    let rig = rig_with(Make::Wavecom, 10_000).await;
    let _driver = start(&rig, "100ms").await;
    assert!(!amount_is(&rig, "10000").await.low);
    send(&rig, "one").await;
    send(&rig, "two").await;
    let low = amount_is(&rig, "2000").await;
    assert!(low.low);
    // Asked again, and still low.
    shown(&rig, "the next answer", |balance| balance.at > low.at).await;
    let told = all_of_kind(&rig, ModemEventKind::LowBalance).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].sim, Some(low.sim));
    assert!(told[0].text.contains("Rp 2.000"), "{told:?}");

    rig.sim.modem(1).top_up(5000);
    assert!(!amount_is(&rig, "7000").await.low);
    send(&rig, "three").await;
    assert!(amount_is(&rig, "3000").await.low);
    assert_eq!(all_of_kind(&rig, ModemEventKind::LowBalance).await.len(), 2);
}

#[tokio::test]
async fn a_low_balance_is_not_told_again_after_a_restart() {
    let rig = rig_with(Make::Wavecom, 2000).await;
    let driver = start(&rig, "100ms").await;
    let low = amount_is(&rig, "2000").await;
    driver.stop().await;
    let _driver = start(&rig, "100ms").await;
    shown(&rig, "the next answer", |balance| balance.at > low.at).await;
    rig.online(1).await;
    assert_eq!(all_of_kind(&rig, ModemEventKind::LowBalance).await.len(), 1);
}

#[tokio::test]
async fn a_query_that_fails_keeps_what_was_known() {
    let rig = rig_with(Make::Wavecom, 25_000).await;
    let _driver = start(&rig, "100ms").await;
    amount_is(&rig, "25000").await;
    rig.sim.modem(1).fault("cme-100 on=CUSD".parse::<FaultRule>().unwrap());
    let failed = problem_is(&rig, "balance-refused").await;
    assert_eq!((failed.text.as_str(), failed.low), ("Rp 25.000", false));
    let problem = failed.problem.unwrap();
    assert!(problem.text.contains("+CME ERROR: 100") && problem.at > failed.at, "{problem:?}");
    rig.sim.modem(1).clear(None);
    assert!(amount_is(&rig, "25000").await.at > problem.at);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_said_to_be_so() {
    for pattern in [r"Kuota (\d+)", "aktif (.*)"] {
        let rig = rig_with(Make::Wavecom, 2000).await;
        let _driver = rig.driver_with(settings(&rig, "*888#", pattern, "1h")).await;
        let unread = problem_is(&rig, "balance-unread").await;
        assert_eq!((unread.amount, unread.text.as_str(), unread.low), (None, "", false));
        assert!(unread.problem.unwrap().advice.contains("pattern"));
        assert_eq!(all_of_kind(&rig, ModemEventKind::LowBalance).await, []);
    }
}

#[tokio::test]
async fn a_dialogue_that_the_network_leaves_open_is_ended() {
    let rig = rig_with(Make::Wavecom, 25_000).await;
    let _driver = rig.driver_with(settings(&rig, "*123#", r"(\d)\. Nomor", "1h")).await;
    amount_is(&rig, "2").await;
    let state = rig.online(1).await.remove(0);
    // In the menu it would give the number.
    assert_eq!(dial(&rig, &state, "2").await.unwrap_err(), "the network does not know this code");
}

#[tokio::test]
async fn another_sim_has_another_balance() {
    let rig = rig_with(Make::Wavecom, 25_000).await;
    let _driver = start(&rig, "1h").await;
    let first = amount_is(&rig, "25000").await;
    rig.sim.modem(1).swap_sim(101);
    let other = shown(&rig, "the other SIM's", |balance| balance.sim != first.sim).await;
    let state = rig.online(1).await.remove(0);
    assert_eq!(state.sim.map(|sim| sim.id), Some(other.sim));
}

#[tokio::test]
async fn a_text_that_nobody_asked_for_is_told() {
    for make in [Make::Wavecom, Make::Huawei] {
        let rig = rig_with(make, 25_000).await;
        let _driver = rig.driver(&[1]).await;
        let state = rig.online(1).await.remove(0);
        rig.sim.modem(1).push_ussd("Anda dapat\nbonus 100 SMS");
        let told = rig
            .events
            .find("the text", |event| match event {
                Event::Modem(event) if event.kind == ModemEventKind::Ussd => Some(event.clone()),
                _ => None,
            })
            .await;
        assert_eq!(told.text, "Anda dapat\nbonus 100 SMS");
        assert_eq!((told.modem, told.sim), (state.id, state.sim.map(|sim| sim.id)));
        assert_eq!(rig.states().await.remove(0).balance, None, "nobody asks for one");
    }
}
