//! What the gateway needs stops answering without an end, or runs out: it says so, and goes on by itself.

use modem_sim::Make;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use testkit::wait_for_within;

use crate::disk::readyz;
use crate::gateway::PATIENCE;
use crate::rig::Rig;

/// SIGSTOP: it takes connections and bytes, and answers nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_stands_still_is_started_again() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let first = rig.gateway.broker_pid();
    let pid = Pid::from_raw(i32::try_from(first).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let ready = wait_for_within(PATIENCE, "the silence to be told", || async {
        let ready = readyz(&rig).await;
        (ready.0 == 503).then_some(ready.1)
    })
    .await;
    assert!(ready.contains("NATS"), "{ready}");
    wait_for_within(PATIENCE, "another broker", || async {
        (rig.gateway.broker_pid() != first).then_some(())
    })
    .await;
    wait_for_within(PATIENCE, "the gateway to be ready", || async {
        (readyz(&rig).await.0 == 200).then_some(())
    })
    .await;
    let id = rig.gateway.send("+6281234567890", "lanjut").await;
    rig.gateway.until(&id, &["sent", "delivered"]).await;
    let log = std::fs::read_dir(rig.gateway.data().join("nats")).unwrap().flatten();
    let kept = log.filter(|file| file.file_name() == "nats-server.log.1").count();
    assert_eq!(kept, 1, "the log of the one before is kept");
}

/// Somebody opens connections until the process may open no more files: those in hand go on, and new ones are taken
/// when the strangers were thrown out, which sent no request.
#[tokio::test(flavor = "multi_thread")]
async fn open_files_run_out_and_come_back() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let process = Pid::from_raw(i32::try_from(rig.gateway.pid()).unwrap());
    let limit = Rlimit { current: Some(256), maximum: Some(256) };
    prlimit(process, Resource::Nofile, limit).unwrap();
    let address = rig.gateway.url.trim_start_matches("http://").to_owned();
    let mut strangers = Vec::new();
    for _ in 0..400 {
        strangers.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    // The message is accepted as soon as there is a file for its connection.
    let id = rig.gateway.send("+6281234567890", "tetap jalan").await;
    rig.gateway.until(&id, &["sent", "delivered"]).await;
    assert_eq!(rig.network().sent_count(), 1);
    drop(strangers);
    wait_for_within(PATIENCE, "the gateway to be ready", || async {
        (readyz(&rig).await.0 == 200).then_some(())
    })
    .await;
}
