//! The disk gets full beside a running gateway: nothing accepted is lost, and all goes on by itself.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use modem_sim::{Fault, Make};
use serde_json::json;
use testkit::{SmallDisk, nats_servers, wait_for_within};

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_in_words_and_all_goes_on_when_there_is_space() {
    for program in nats_servers() {
        let Some(disk) = SmallDisk::mount(60) else { return };
        let environment = [
            ("MERPATI__NATS__PROGRAM", program.to_str().unwrap()),
            ("MERPATI__DISK__RESERVE", "10MB"),
        ];
        let rig = Rig::start_in(disk.path(), &[Make::Wavecom, Make::Huawei], &environment).await;
        // Slow enough that most of them wait when the disk gets full.
        for place in [1, 2] {
            rig.modem(place).fault(Fault::SubmitTime(Duration::from_millis(200)));
        }
        let to: Vec<String> = (0..100).map(|n| format!("+62876{n:07}")).collect();
        let body = json!({ "to": to, "text": "sebelum penuh" });
        let (status, answer) = rig.gateway.post("/messages", &body).await;
        assert_eq!(status, 202, "{answer}");
        rig.network().sent_at_least(6).await;
        let first_broker = rig.gateway.broker_pid();
        disk.fill();

        let refused = wait_for_within(PATIENCE, "new messages to be refused", || async {
            let body = json!({ "to": ["+6281234567890"], "text": "terlalu banyak" });
            let (status, problem) = rig.gateway.post("/messages", &body).await;
            // In the second in which the disk is looked at next, the broker's own words come.
            (status == 503 && problem["code"] == "disk-full").then_some(problem)
        })
        .await;
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.starts_with("The disk of ") && detail.contains(" is full"), "{detail}");
        let kannel = reqwest::get(format!(
            "{}/cgi-bin/sendsms?username=tester&password={}&to=%2B6281234567890&text=x",
            rig.gateway.url,
            rig.gateway.key()
        ));
        let kannel = kannel.await.unwrap();
        assert_eq!(kannel.status(), 503);
        assert!(kannel.text().await.unwrap().contains("disk is full"));
        let doctor = run(rig.gateway.data(), &["doctor"], None).await;
        let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
        // The test's own command line has another reserve, so the disk is smaller than what it keeps.
        assert!(said.contains("PROBLEM The disk of"), "{said}");

        // The modems go on with what they can, until the broker stores nothing any more.
        let ready = wait_for_within(PATIENCE, "the silence of streams to be told", || async {
            let ready = readyz(&rig).await;
            ready.1.contains("does not store anything in").then_some(ready)
        })
        .await;
        assert_eq!(ready.0, 503);
        let doctor = run(rig.gateway.data(), &["doctor"], None).await;
        let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(said.contains("does not store anything in"), "{said}");
        assert!(ready.1.contains("the disk of") && ready.1.contains("is full"), "{}", ready.1);

        disk.empty();
        let freed = Instant::now();
        wait_for_within(PATIENCE, "the gateway to be ready", || async {
            (readyz(&rig).await.0 == 200).then_some(())
        })
        .await;
        println!("{}: ready {:?} after there was space", program.display(), freed.elapsed());
        let again =
            if rig.gateway.broker_pid() == first_broker { "as it was" } else { "started again" };
        println!("{}: the broker is {again}", program.display());
        // Beside them goes what was accepted in the moment before the refusal.
        let times = || {
            let mut times: HashMap<String, usize> = HashMap::new();
            for sent in rig.network().sent() {
                *times.entry(sent.to()).or_default() += 1;
            }
            times.retain(|to, _| to.starts_with("+62876"));
            times
        };
        wait_for_within(PATIENCE, "all to be on the air", || async {
            (times().len() == 100).then_some(())
        })
        .await;
        println!("{}: all sent {:?} after there was space", program.display(), freed.elapsed());
        assert!(times().values().all(|times| *times == 1), "twice: {:?}", times());
        wait_for_within(PATIENCE, "all to be told as sent", || async {
            let sent = rig.gateway.get("/messages?state=sent,delivered&limit=200").await.1;
            let sent = sent["messages"].as_array().unwrap();
            let told = sent.iter().filter(|message| message["text"] == "sebelum penuh").count();
            (told == 100).then_some(())
        })
        .await;
        let id = rig.gateway.send("+6281234567890", "sesudahnya").await;
        // The database may be asked again only seconds after it could be written.
        wait_for_within(PATIENCE, "the row of the message", || async {
            (rig.gateway.get(&format!("/messages/{id}")).await.0 == 200).then_some(())
        })
        .await;
        rig.gateway.until(&id, &["sent", "delivered"]).await;
    }
}

/// `GET /readyz`: status and words.
pub(crate) async fn readyz(rig: &Rig) -> (u16, String) {
    let answer = reqwest::get(format!("{}/readyz", rig.gateway.url)).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}
