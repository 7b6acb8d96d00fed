//! The deployment files: what they run exists, what they set is a setting.

use std::path::Path;

use crate::gateway::run;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The JSON lists after `key` in a file, one a line.
fn lists(text: &str, key: &str) -> Vec<Vec<String>> {
    let after = text.lines().filter_map(|line| line.trim().strip_prefix(key));
    after.map(|list| serde_json::from_str(list.trim()).expect(list)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_line_is_one() {
    let compose = file("docker-compose.yml");
    let mut commands = lists(&compose, "command:");
    commands.retain(|command| command[0] != "-c");
    assert!(commands.len() >= 7, "one a service");
    commands.extend(lists(&file("deploy/Dockerfile"), "CMD"));
    let unit = file("deploy/systemd/merpati.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    commands.push(start.split(' ').skip(1).map(str::to_owned).collect());
    let folder = tempfile::tempdir().unwrap();
    for command in commands {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let output = run(folder.path(), &arguments, None).await;
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_variable_is_a_setting() {
    let compose = file("docker-compose.yml");
    let names = compose.lines().filter_map(|line| line.trim().split_once(": "));
    let names: Vec<&str> =
        names.map(|(name, _)| name).filter(|n| n.starts_with("MERPATI__")).collect();
    assert!(!names.is_empty());
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        // An unknown one would be refused with its name; these take any text.
        let output = crate::gateway::command(folder.path())
            .args(["--json", "doctor"])
            .env("MERPATI__NATS__USER", "x")
            .env("MERPATI__NATS__PASSWORD", "x")
            .env(name, "nats://x")
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("no such setting"), "{said}");
    }
}

#[test]
fn the_image_has_what_the_program_needs() {
    let image = file("deploy/Dockerfile");
    assert!(image.contains("nats-server") && image.contains("USER merpati"));
    assert!(!file("docker-compose.yml").contains("changeme"), "no default password");
}

/// One for nats-server 2.9, and one for what came after it. Both are started, and take what the services need.
#[tokio::test(flavor = "multi_thread")]
async fn the_brokers_configurations_start_it() {
    for program in testkit::nats_servers() {
        let said = std::process::Command::new(&program).arg("--version").output().unwrap();
        let is_old = String::from_utf8_lossy(&said.stdout).contains("v2.9.");
        let fitting = ["nats-server-2.9.conf", "nats-server.conf"];
        for config in fitting.iter().take(if is_old { 1 } else { 2 }) {
            let folder = tempfile::tempdir().unwrap();
            // Only what must be this test's own differs: address, port and folder.
            let store = folder.path().join("store");
            let text = file(&format!("deploy/nats/{config}"));
            let own =
                text.replace("store_dir: /data", &format!("store_dir: \"{}\"", store.display()));
            assert_ne!(text, own);
            let path = folder.path().join(config);
            std::fs::write(&path, own).unwrap();
            let _broker = tokio::process::Command::new(&program)
                .arg("-c")
                .arg(&path)
                .args(["-a", "127.0.0.1", "-p", "-1"])
                .arg("--ports_file_dir")
                .arg(folder.path())
                .env("NATS_PASSWORD", "a-password")
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            let url =
                testkit::wait_for(&format!("{} with {config}", program.display()), || async {
                    let mut files = std::fs::read_dir(folder.path()).unwrap().flatten();
                    let file =
                        files.find(|file| file.path().extension().is_some_and(|e| e == "ports"))?;
                    let ports: serde_json::Value =
                        serde_json::from_str(&std::fs::read_to_string(file.path()).ok()?).ok()?;
                    Some(ports["nats"][0].as_str()?.to_owned())
                })
                .await;
            let settings = bus::NatsConfig::new(url, "merpati", "a-password");
            let bus =
                bus::Bus::connect(&settings, "test", &tokio_util::sync::CancellationToken::new())
                    .await
                    .unwrap();
            bus.healthy().await.unwrap();
        }
    }
}
