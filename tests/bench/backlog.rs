//! What a long queue costs, and what it holds up: `cargo bench -p merpati --bench backlog`.
//!
//! A gateway in a process of its own and a simulated modem in this one, whose network takes two seconds for a message.
//! * idle: CPU time of gateway and broker ÷ time, with nothing to do;
//! * then a hundred thousand messages of priority `bulk` are given to it by `POST /api/v1/batches`, and after the one-time
//!   passwords as many again: messages/s, and memory of gateway and broker once they are at rest but for sending;
//! * one-time passwords, one by one, each given at another moment of the modem's two seconds: from the request until the
//!   network has it, until a program that waits for the message reads `sent`, and how much of that a bulk message that was
//!   already with the modem took;
//! * killed: gateway and broker end by SIGKILL and are started again: until the portal answers, and until the modem
//!   begins with the next message.
//!
//! Nothing is asserted. `BENCH=quick` takes a tenth of the messages.

#![expect(clippy::disallowed_methods, reason = "how long things take is measured")]
#![expect(clippy::print_stdout, reason = "it prints figures")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[expect(dead_code, reason = "the benchmark of modems uses more of it")]
mod figures;
#[expect(dead_code, reason = "the system tests use more of it")]
#[path = "../system/gateway.rs"]
mod gateway;
#[expect(dead_code, reason = "the benchmark of the door uses more of it")]
mod process;

use std::time::{Duration, Instant};

use contracts::Timestamp;
use figures::median;
use gateway::Gateway;
use modem_sim::{Make, Sent, Simulation, SimulationConfig, Timing};
use process::{cpu_micros, resident_kib};
use serde_json::json;
use testkit::wait_for_within;
use tokio_util::sync::CancellationToken;

/// What the network takes for a message.
const SUBMIT: Duration = Duration::from_secs(2);
/// How many recipients a request has.
const A_BATCH: usize = 10_000;
/// How many one-time passwords are sent.
const PASSWORDS: usize = 12;
/// How long it is looked what the gateway takes when there is nothing to do.
const IDLE: Duration = Duration::from_secs(20);
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(5);

const SETTINGS: [(&str, &str); 3] = [
    ("MERPATI__TELEMETRY__LOG", "warn"),
    ("MERPATI__LIMITS__KEY_MESSAGES", ""),
    ("MERPATI__LIMITS__USER_MESSAGES", ""),
];

#[tokio::main]
async fn main() {
    let quick = std::env::var("BENCH").is_ok_and(|how| how == "quick");
    let half = if quick { 10_000 } else { 100_000 };
    let folder = tempfile::tempdir().unwrap();
    let mut config = SimulationConfig::of_makes(1, &[Make::Wavecom]);
    config.dir = Some(folder.path().join("modems"));
    let config = config.timing(Timing { submit: SUBMIT, ..Timing::INSTANT });
    let simulation = Simulation::start(config, CancellationToken::new()).await.unwrap();
    let port = simulation.ports()[0].address.to_string();
    let arguments = ["--no-discovery", "--modem", &port];
    let data = folder.path().join("data");
    let mut gateway = Gateway::start_with(&data, &arguments, &SETTINGS).await;
    gateway.modems_ready(1).await;

    rest(&gateway).await;
    let (gateway_cpu, broker_cpu) = cpu_over(&gateway, IDLE).await;
    println!("idle: gateway {gateway_cpu:.2} %, broker {broker_cpu:.2} % of a core");

    queue(&gateway, half).await;
    println!("{half} queued: {}", memory(&gateway));
    passwords(&gateway, &simulation).await;
    queue(&gateway, half).await;
    println!("{} queued: {}", 2 * half, memory(&gateway));

    gateway.kill(true).await;
    let killed = Timestamp::now();
    let begun = Instant::now();
    gateway.restart().await;
    let ready = begun.elapsed();
    let next = wait_for_within(PATIENCE, "the next message", || async {
        simulation.network().sent().iter().map(began).find(|began| *began > killed)
    })
    .await;
    println!(
        "killed with {} queued: the portal answered after {:.2} s, the modem had the next message after {:.2} s",
        2 * half,
        ready.as_secs_f64(),
        next.since(killed).as_secs_f64(),
    );
}

/// When a modem began with a message.
fn began(sent: &Sent) -> Timestamp {
    Timestamp::from(sent.at).minus(sent.took)
}

/// Queues so many messages, and waits until that is all that is to be done but sending.
async fn queue(gateway: &Gateway, count: usize) {
    let begun = Instant::now();
    for first in (0..count).step_by(A_BATCH) {
        let to: Vec<String> = (first..first + A_BATCH).map(|n| format!("+62899{n:07}")).collect();
        let body = json!({ "to": to, "text": "benchmark", "priority": "bulk", "report": false });
        let (status, answer) = gateway.post("/batches", &body).await;
        assert_eq!(status, 202, "{answer}");
    }
    println!("{count} taken in: {:.0} messages/s", count as f64 / begun.elapsed().as_secs_f64());
    rest(gateway).await;
}

async fn rest(gateway: &Gateway) {
    process::at_rest(&[gateway.pid(), gateway.broker_pid()], PATIENCE).await;
}

fn memory(gateway: &Gateway) -> String {
    let mib = |pid| resident_kib(pid) / 1024;
    let (own, broker) = (mib(gateway.pid()), mib(gateway.broker_pid()));
    format!("gateway {own} MiB, broker {broker} MiB resident")
}

/// Percents of a core of gateway and broker.
async fn cpu_over(gateway: &Gateway, time: Duration) -> (f64, f64) {
    let now = || (cpu_micros(gateway.pid()), cpu_micros(gateway.broker_pid()));
    let before = now();
    tokio::time::sleep(time).await;
    let after = now();
    let percent = |micros: u64| micros as f64 / 1e4 / time.as_secs_f64();
    (percent(after.0 - before.0), percent(after.1 - before.1))
}

/// Sends one-time passwords behind all that is queued, and prints how long they took.
async fn passwords(gateway: &Gateway, simulation: &Simulation) {
    let (mut on_air, mut shown, mut waited) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..PASSWORDS {
        // At another moment of the message that the modem has.
        let sent = simulation.network().sent_count();
        simulation.network().sent_at_least(sent + 1).await;
        tokio::time::sleep(SUBMIT.mul_f64(number as f64 / PASSWORDS as f64)).await;
        let to = format!("+62877{number:07}");
        let (asked, begun) = (Timestamp::now(), Instant::now());
        let body = json!({ "to": [&to], "text": "123456", "priority": "otp", "report": false });
        let id = gateway.send_with(body).await;
        gateway.until(&id, &["sent", "delivered"]).await;
        shown.push(begun.elapsed());
        let all = simulation.network().sent();
        let password = all.iter().find(|sent| sent.to() == to).expect("it was sent");
        on_air.push(Timestamp::from(password.at).since(asked));
        let busy = all.iter().filter(|sent| began(sent) < asked);
        waited.extend(busy.map(|sent| Timestamp::from(sent.at).since(asked)).max());
    }
    let words = |all: &[Duration]| {
        let most = all.iter().max().copied().unwrap_or_default();
        let median = median(all.to_vec(), Duration::cmp);
        format!("median {:.2} s, at most {:.2} s", median.as_secs_f64(), most.as_secs_f64())
    };
    println!("one-time passwords on the air: {}", words(&on_air));
    println!("one-time passwords shown as sent: {}", words(&shown));
    println!("of that for the bulk message that the modem had: {}", words(&waited));
}
