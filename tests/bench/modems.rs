//! How well modems are used, and what they cost: `cargo bench -p merpati --bench modems`.
//!
//! A gateway in a process of its own, simulated modems in this one. For each number of modems and each time the
//! network takes for a message it prints
//! * ready: from the start of the program until all modems are online (a first start: it makes broker and database);
//! * back: from a modem being plugged in again to its being ready, told nothing about it (asked each 10 ms);
//! * used: the time a modem is busy with a submit, from `AT+CMGS` to its result, ÷ the time from its first `AT+CMGS` to
//!   its last result (median of the modems);
//! * gap: the median time from a result to the next `AT+CMGS` at the same modem, journal included;
//! * CPU of the gateway and of its broker for a message;
//! * cores: the CPU time of the gateway (all services) ÷ the time from the first message to the last;
//! * memory for a modem: of the gateway, less what it takes with the first row's one modem, just started.
//!
//! Networks do not answer all modems in the same moment, so each modem's time differs a little: from 3 % less to 3 % more,
//! evenly. `BENCH=lockstep` gives all the same, so that all 256 end at once again and again: the worst there is.
//!
//! Figures of one run on one machine; nothing is asserted. `BENCH=quick` leaves the long rows out.

#![expect(clippy::disallowed_methods, reason = "how long things take is measured")]
#![expect(clippy::print_stdout, reason = "it prints figures")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod figures;
#[expect(dead_code, reason = "the system tests use more of it")]
#[path = "../system/gateway.rs"]
mod gateway;
#[expect(dead_code, reason = "the benchmark of the door uses more of it")]
mod process;

use std::time::{Duration, Instant};

use figures::{median, span, submits};
use gateway::Gateway;
use modem_sim::{Fault, FaultRule, Make, Sent, Simulation, SimulationConfig, Timing};
use process::{cpu_micros, resident_kib};
use serde_json::json;
use testkit::wait_for;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() {
    let how = std::env::var("BENCH").unwrap_or_default();
    let (quick, lockstep) = (how == "quick", how == "lockstep");
    println!(
        "{:>6} {:>7} {:>8} {:>9} {:>8} {:>7} {:>8} {:>8} {:>10} {:>10} {:>6} {:>10}",
        "modems",
        "ms",
        "messages",
        "ready ms",
        "back ms",
        "used",
        "gap ms",
        "msg/s",
        "cpu µs/msg",
        "nats µs/m",
        "cores",
        "KiB/modem"
    );
    let mut baseline = None;
    for (modems, submit_ms, each) in [
        (1, 0, 300),
        (1, 50, 60),
        (1, 1000, 8),
        (8, 0, 100),
        (8, 50, 40),
        (8, 1000, 6),
        (64, 0, 25),
        (64, 50, 20),
        (64, 1000, 5),
        (256, 1000, 6),
    ] {
        if quick && (modems > 8 || submit_ms > 50) {
            continue;
        }
        row(modems, submit_ms, each, lockstep, &mut baseline).await;
    }
}

async fn row(
    modems: usize,
    submit_ms: u64,
    each: usize,
    lockstep: bool,
    baseline: &mut Option<u64>,
) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = SimulationConfig::of_makes(modems, &[Make::Wavecom]);
    config.dir = Some(folder.path().join("modems"));
    let config =
        config.timing(Timing { submit: Duration::from_millis(submit_ms), ..Timing::INSTANT });
    let simulation = Simulation::start(config, CancellationToken::new()).await.unwrap();
    if !lockstep && modems > 1 {
        for place in 1..=modems {
            let spread = 0.97 + 0.06 * (place - 1) as f64 / (modems - 1) as f64;
            let time = Duration::from_millis(submit_ms).mul_f64(spread);
            simulation.modem(place).fault(FaultRule::always(Fault::SubmitTime(time)));
        }
    }
    let ports: Vec<String> = simulation.ports().iter().map(|p| p.address.to_string()).collect();
    let mut arguments = vec!["--no-discovery"];
    for port in &ports {
        arguments.extend(["--modem", port]);
    }
    let quiet = [("MERPATI__TELEMETRY__LOG", "warn")];
    let begun = Instant::now();
    let gateway = Gateway::start_with(&folder.path().join("data"), &arguments, &quiet).await;
    gateway.modems_ready(modems).await;
    let ready = begun.elapsed();
    let pid = gateway.pid();
    let broker = gateway.broker_pid();
    let memory = resident_kib(pid);
    let base = *baseline.get_or_insert(memory);

    let modem = simulation.modem(1);
    modem.unplug().await;
    wait_for("the modem to be gone", || async {
        let online = gateway.modems_ready(0).await.iter().filter(|m| m["online"] == true).count();
        (online < modems).then_some(())
    })
    .await;
    let plugged = Instant::now();
    modem.replug(None).await.unwrap();
    gateway.modems_ready(modems).await;
    let back = plugged.elapsed();

    let count = modems * each;
    let (cpu, cpu_broker) = (cpu_micros(pid), cpu_micros(broker));
    let to: Vec<String> = (0..count).map(|n| format!("+62899{n:07}")).collect();
    for to in to.chunks(1000) {
        let body = json!({ "to": to, "text": "benchmark", "report": false });
        let (status, answer) = gateway.post("/messages", &body).await;
        assert_eq!(status, 202, "{answer}");
    }
    let sent = simulation.network().sent_at_least(count as u64).await;
    let (cpu, cpu_broker) = (cpu_micros(pid) - cpu, cpu_micros(broker) - cpu_broker);
    let figures = figures(&sent);
    println!(
        "{modems:>6} {submit_ms:>7} {count:>8} {:>9.0} {:>8.0} {:>7} {:>8.2} {:>8.1} {:>10.0} {:>10.0} {:>6.2} {:>10}",
        ready.as_secs_f64() * 1e3,
        back.as_secs_f64() * 1e3,
        format!("{:.3}", figures.used),
        figures.gap.as_secs_f64() * 1e3,
        figures.rate,
        cpu as f64 / count as f64,
        cpu_broker as f64 / count as f64,
        cpu as f64 / 1e6 / (count as f64 / figures.rate),
        memory.saturating_sub(base) / modems as u64,
    );
}

struct Figures {
    used: f64,
    gap: Duration,
    rate: f64,
}

fn figures(sent: &[Sent]) -> Figures {
    let mut used = Vec::new();
    let mut gaps = Vec::new();
    for submits in submits(sent).values() {
        let (Some((first, _)), Some((_, last))) = (submits.first(), submits.last()) else {
            continue;
        };
        let busy: Duration = submits.iter().map(|(begin, end)| end.since(*begin)).sum();
        used.push(busy.as_secs_f64() / last.since(*first).as_secs_f64().max(1e-6));
        gaps.extend(submits.windows(2).map(|pair| pair[1].0.since(pair[0].1)));
    }
    Figures {
        used: median(used, f64::total_cmp),
        gap: median(gaps, Duration::cmp),
        rate: sent.len() as f64 / span(sent).as_secs_f64().max(1e-6),
    }
}
