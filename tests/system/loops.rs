//! Two gateways answer each other: whoever they are, they stop within a handful of messages, and somebody is told.

use modem_sim::{Make, Simulation, SimulationConfig};
use serde_json::{Value, json};
use testkit::wait_for_within;
use tokio_util::sync::CancellationToken;

use crate::gateway::{Gateway, PATIENCE};
use crate::webhooks::{ALLOWED, Program, add_to};

/// After so many messages of a sender within two minutes nothing is sent back, as the configuration has it.
const ANSWERED: u64 = 5;

/// A gateway with one of the modems, which answers whatever comes with what came.
async fn start(folder: &std::path::Path, simulation: &Simulation, modem: usize) -> Gateway {
    let environment = [
        ALLOWED[0],
        ("MERPATI__ALERTS__EVERY", "200ms"),
        // Whatever the disk of the machine that tests is like.
        ("MERPATI__ALERTS__DISK_FREE", "0B"),
    ];
    let port = simulation.modem(modem).address().unwrap().to_string();
    let data = folder.join(format!("gateway{modem}"));
    let arguments = ["--no-discovery", "--modem", &port];
    let gateway = Gateway::start_with(&data, &arguments, &environment).await;
    gateway.modems_ready(1).await;
    // The texts differ each time, so nothing that looks for the same text again would see it.
    let reply = format!("Dari {modem}: {{text}}");
    gateway.cli(&["service", "add", "rest", "--keyword", "default", "--reply", &reply]).await;
    gateway
}

/// The calls of the service, when there are so many and all are over.
async fn calls(gateway: &Gateway, count: u64) -> Vec<Value> {
    wait_for_within(PATIENCE, "the calls to be over", || async {
        let shown = gateway.cli(&["service", "show", "rest"]).await;
        let calls = shown["calls"].as_array()?.clone();
        let are_over = calls.iter().all(|call| call["state"] == "done");
        (are_over && calls.len() as u64 >= count).then_some(calls)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_that_answer_each_other_are_stopped_and_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let makes = [Make::Wavecom, Make::Huawei];
    let mut config = SimulationConfig::of_makes(makes.len(), &makes);
    config.dir = Some(folder.path().join("modems"));
    let simulation = Simulation::start(config, CancellationToken::new()).await.unwrap();
    let (network, numbers) =
        (simulation.network(), [1, 2].map(|modem| simulation.modem(modem).number()));
    let first = start(folder.path(), &simulation, 1).await;
    let second = start(folder.path(), &simulation, 2).await;
    let mut program = Program::start("127.0.0.1:0".parse().unwrap()).await;
    let events = ["loop.stopped", "alert.opened"];
    let (_, secret) = add_to(&second, &program.url(), &events).await;

    first.send(&numbers[1], "Halo").await;
    // The second hears the first message and answers it, and is the first to have answered enough.
    let mut told = Vec::new();
    while told.len() < 2 {
        let (_, one) = program.told(&secret).await;
        if one["type"] == "loop.stopped" || one["data"]["kind"] == "loop_stopped" {
            told.push(one);
        }
    }
    told.sort_by_key(|one| one["type"].to_string());
    let [alert, stopped] = &told[..] else { panic!("{told:?}") };
    let from = (&stopped["data"]["from"], &stopped["data"]["replies"]);
    assert_eq!(from, (&json!(numbers[0]), &json!(ANSWERED)), "{stopped}");
    assert_eq!(alert["type"], "alert.opened", "{alert}");
    assert_eq!(alert["data"]["kind"], "loop_stopped", "{alert}");
    let open = second.cli(&["alerts"]).await;
    let open = open["alerts"].as_array().unwrap();
    assert!(open.iter().any(|one| one["id"] == alert["data"]["id"]), "{open:?}");

    // Nothing is on its way any more: each has answered what came, but for the last that the second got.
    let ours = calls(&second, ANSWERED + 1).await;
    let theirs = calls(&first, ANSWERED).await;
    let unanswered = |calls: &[Value]| calls.iter().filter(|call| call["reply"].is_null()).count();
    assert_eq!((ours.len() as u64, unanswered(&ours)), (ANSWERED + 1, 1), "{ours:?}");
    assert_eq!((theirs.len() as u64, unanswered(&theirs)), (ANSWERED, 0), "{theirs:?}");
    assert_eq!(network.sent_count(), 1 + 2 * ANSWERED);
    // A person is answered all the same.
    network.send_text(2, "+6285711112222", "Halo").unwrap();
    calls(&second, ANSWERED + 2).await;
    let answered = network.sent_at_least(2 + 2 * ANSWERED).await;
    let last = answered.last().map(|sent| (sent.to(), sent.text()));
    assert_eq!(last, Some(("+6285711112222".to_owned(), "Dari 2: Halo".to_owned())));
}
