//! The broker comes back without the end of a stream: a full disk or a power cut took what it had confirmed.

use std::fs;
use std::path::{Path, PathBuf};

use bus::{Bus, Durable};
use contracts::Priority;
use contracts::mt::MtRequest;
use testkit::{NatsServer, nats_servers};

use crate::{connect, publish_request, within};

/// Publishes so many requests and reads them by both kinds of reader.
async fn publish_and_read(bus: &Bus, count: usize) {
    let mut router =
        bus.consume::<MtRequest>(&Durable::RouterRequests(Priority::Normal)).await.unwrap();
    let mut persistence = bus.consume::<MtRequest>(&Durable::PersistenceRequests).await.unwrap();
    for n in 0..count {
        let sent = publish_request(bus, Priority::Normal, &format!("{n}")).await;
        for reader in [&mut router, &mut persistence] {
            let delivery = within(reader.next()).await;
            assert_eq!(delivery.value, sent);
            delivery.ack().await.unwrap();
        }
    }
    for durable in [Durable::RouterRequests(Priority::Normal), Durable::PersistenceRequests] {
        within(bus.caught_up(&durable)).await.unwrap();
    }
}

/// The folder of a stream's messages; the places of its consumers lie beside it.
fn messages(server: &NatsServer) -> PathBuf {
    server.dir().join("store/jetstream/$G/streams/SMS_REQUEST/msgs")
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[tokio::test]
async fn what_is_published_next_is_delivered_all_the_same() {
    for program in nats_servers() {
        let mut server = NatsServer::start_program(program, "").await;
        let bus = connect(&server).await;
        publish_and_read(&bus, 3).await;
        server.stop();
        let kept = server.dir().join("kept");
        copy(&messages(&server), &kept);
        server.restart().await;
        publish_and_read(&bus, 40).await;
        server.stop();
        copy(&kept, &messages(&server));
        server.restart().await;
        publish_and_read(&bus, 1).await;
    }
}
