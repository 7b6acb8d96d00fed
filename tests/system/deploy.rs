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
    assert!(image.contains("/usr/local/bin/nats-server") && image.contains("USER merpati"));
    // Both containers have the same broker.
    let broker = image.lines().find_map(|line| line.strip_prefix("COPY --from=nats:")).unwrap();
    let broker = broker.split(' ').next().unwrap();
    assert!(file("docker-compose.yml").contains(&format!("image: nats:{broker}\n")), "{broker}");
    assert!(!file("docker-compose.yml").contains("changeme"), "no default password");
}
