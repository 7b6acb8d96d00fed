//! The brokers that a gateway may have: those that are deployed, and one release after the other.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use modem_sim::Make;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::gateway::{PATIENCE, command};
use crate::rig::Rig;

/// A nats-server with a configuration of `deploy/nats`.
struct Deployed {
    url: String,
    is_old: bool,
    _child: Child,
    _folder: tempfile::TempDir,
}

/// The passwords of the gateway and of another service.
const PASSWORDS: [&str; 2] = ["a-password", "another-password"];

impl Deployed {
    /// Starts one. Only what must be a test's own differs from the file: address, port and folder, and another
    /// service may publish, as the file shows in a comment.
    async fn start(program: &Path, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = format!("store_dir: \"{}\"", folder.path().join("store").display());
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats").join(config);
        let text = std::fs::read_to_string(&file).unwrap();
        let own = text.replace("store_dir: /data", &store).replace(
            "# { user: shop, password: \"…\"",
            &format!("{{ user: shop, password: \"{}\"", PASSWORDS[1]),
        );
        assert!(own.contains(&store) && own.contains(PASSWORDS[1]), "{own}");
        let path = folder.path().join(config);
        std::fs::write(&path, own).unwrap();
        let child = Command::new(program)
            .arg("-c")
            .arg(&path)
            .args(["-a", "127.0.0.1", "-p", "-1"])
            .arg("--ports_file_dir")
            .arg(folder.path())
            .env("NATS_PASSWORD", PASSWORDS[0])
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let what = format!("{} with {config}", program.display());
        let url = testkit::wait_for(&what, || async { port(folder.path()) }).await;
        Self { url, is_old: is_old(program), _child: child, _folder: folder }
    }

    /// What a gateway is told.
    fn settings(&self) -> [(&str, &str); 3] {
        [
            ("MERPATI__NATS__URL", &self.url),
            ("MERPATI__NATS__USER", "merpati"),
            ("MERPATI__NATS__PASSWORD", PASSWORDS[0]),
        ]
    }
}

/// The address that a server wrote into its ports file.
fn port(folder: &Path) -> Option<String> {
    let mut files = std::fs::read_dir(folder).unwrap().flatten();
    let file = files.find(|file| file.path().extension().is_some_and(|e| e == "ports"))?;
    let ports: Value = serde_json::from_str(&std::fs::read_to_string(file.path()).ok()?).ok()?;
    Some(ports["nats"][0].as_str()?.to_owned())
}

fn is_old(program: &Path) -> bool {
    let said = std::process::Command::new(program).arg("--version").output().unwrap();
    String::from_utf8_lossy(&said.stdout).contains("v2.9.")
}

/// Each installed release with each configuration that is for it: that of 2.9 does for a newer one, too.
fn deployments() -> Vec<(PathBuf, &'static str)> {
    let servers = testkit::nats_servers();
    let with = |config: &'static str| move |program: &PathBuf| (program.clone(), config);
    let old = servers.iter().map(with("nats-server-2.9.conf"));
    let newer = servers.iter().filter(|program| !is_old(program)).map(with("nats-server.conf"));
    old.chain(newer).collect()
}

/// The findings about the broker that `merpati doctor` has, with these settings.
async fn doctor(data: &Path, settings: &[(&str, &str)]) -> Vec<Value> {
    let output = command(data)
        .args(["--json", "doctor"])
        .envs(settings.iter().copied())
        .output()
        .await
        .unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = said["findings"].as_array().unwrap().clone();
    let about = |finding: &Value| finding["code"].as_str().unwrap().starts_with("nats-");
    findings.into_iter().filter(about).collect()
}

/// What a service says until it is connected.
async fn said_at_the_start(data: &Path, settings: &[(&str, &str)]) -> String {
    let mut router = command(data)
        .arg("router")
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(router.stderr.take().unwrap()).lines();
    let read = async {
        let mut said = String::new();
        while !said.contains("connected to NATS") {
            let line =
                lines.next_line().await.unwrap().unwrap_or_else(|| panic!("it ended: {said}"));
            said.push_str(&line);
            said.push('\n');
        }
        said
    };
    tokio::time::timeout(PATIENCE, read).await.expect("it connects")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_runs_on_each_that_is_deployed_and_says_what_it_may_lose() {
    for (program, config) in deployments() {
        let broker = Deployed::start(&program, config).await;
        let rig = Rig::start_with(&[Make::Wavecom, Make::Wavecom], &broker.settings()).await;
        let to = rig.number(2);
        let id = rig.gateway.send(&to, "Halo").await;
        rig.gateway.until(&id, &["delivered"]).await;

        let (tell, mut refusals) = tokio::sync::mpsc::unbounded_channel();
        let options = async_nats::ConnectOptions::with_user_and_password(
            "shop".to_owned(),
            PASSWORDS[1].to_owned(),
        )
        .event_callback(move |event| {
            if let async_nats::Event::ServerError(error) = event {
                tell.send(error.to_string()).unwrap();
            }
            async {}
        });
        let client = options.connect(&broker.url).await.unwrap();
        let shop = async_nats::jetstream::new(client.clone());
        let request = json!({ "to": to, "text": "Your order is ready." }).to_string();
        shop.publish("sms.v1.mt.request.normal", request.into()).await.unwrap().await.unwrap();
        assert_eq!(rig.gateway.inbox(2).await[0]["text"], "Your order is ready.");
        client.publish("sms.v1.event.mt.sent", "{}".into()).await.unwrap();
        let refusal = tokio::time::timeout(PATIENCE, refusals.recv()).await.unwrap().unwrap();
        assert!(refusal.to_lowercase().contains("permissions violation"), "{refusal}");

        let other = tempfile::tempdir().unwrap();
        let findings = doctor(other.path(), &broker.settings()).await;
        let said = said_at_the_start(other.path(), &broker.settings()).await;
        let (code, costs) =
            if broker.is_old { ("nats-old", true) } else { ("nats-external", false) };
        assert_eq!(findings[0]["code"], code, "{findings:?}");
        for said in [findings[0].to_string(), said] {
            assert_eq!(said.contains("power cut"), costs, "{said}");
            assert_eq!(said.contains("Install nats-server 2.10"), costs, "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_there_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let findings =
        doctor(folder.path(), &[("MERPATI__NATS__URL", &format!("nats://{closed}"))]).await;
    assert_eq!(
        (&findings[0]["code"], &findings[0]["grade"]),
        (&json!("nats-unusable"), &json!("problem"))
    );
}

/// As the start and the doctor advise. The way back is refused, for 2.9 would start and then answer nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_broker_goes_on_with_what_an_older_one_kept_and_not_the_other_way_round() {
    let servers = testkit::nats_servers();
    let [old, newer] = servers.as_slice() else { return };
    let [old, newer] = [old, newer].map(|program| program.to_str().unwrap());
    let program = |program| [("MERPATI__NATS__PROGRAM", program)];
    let mut rig = Rig::start_with(&[Make::Wavecom], &program(old)).await;
    let findings = doctor(rig.gateway.data(), &program(newer)).await;
    assert_eq!(findings[0]["code"], "nats-other-runs", "{findings:?}");
    rig.modem(1).unplug().await;
    let mut waiting = Vec::new();
    for number in 0..20 {
        waiting.push(rig.gateway.send(&format!("+62877{number:07}"), "Halo").await);
    }
    rig.gateway.stop().await;
    rig.gateway.restart_with(&program(newer)).await;
    rig.modem(1).replug(None).await.unwrap();
    for id in &waiting {
        rig.gateway.until(id, &["sent", "delivered"]).await;
    }
    assert_eq!(rig.network().sent().len(), waiting.len());
    let findings = doctor(rig.gateway.data(), &program(newer)).await;
    assert_eq!(findings[0]["code"], "nats-found", "{findings:?}");

    let findings = doctor(rig.gateway.data(), &program(old)).await;
    assert_eq!(findings[0]["code"], "nats-older", "{findings:?}");
    rig.gateway.stop().await;
    let refused = command(rig.gateway.data()).arg("up").envs(program(old)).output().await.unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("cannot read"), "{said}");
    rig.gateway.restart_with(&program(newer)).await;
    rig.gateway.modems_ready(1).await;
}
