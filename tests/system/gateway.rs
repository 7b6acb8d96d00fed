//! A gateway as a process, and a program that talks to it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::wait_for_within;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The program that was built with these tests.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_merpati");

/// A running `merpati up`.
pub(crate) struct Gateway {
    child: Child,
    data: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    /// The one-time link, when there is no administrator yet.
    pub(crate) setup_link: Option<String>,
    key: String,
    http: reqwest::Client,
}

impl Gateway {
    /// Starts one on `data` with more arguments for `merpati up`, and makes a user with a key.
    pub(crate) async fn start(data: &Path, arguments: &[&str]) -> Self {
        Self::start_with(data, arguments, &[]).await
    }

    /// The same, with environment variables.
    pub(crate) async fn start_with(
        data: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let environment = owned(environment);
        let (child, url, setup_link) = launch(data, &arguments, &environment).await;
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let mut gateway = Self {
            child,
            data: data.to_owned(),
            arguments,
            environment,
            url,
            setup_link,
            key: String::new(),
            http,
        };
        gateway.key = gateway.new_key("tester").await;
        gateway
    }

    /// Adds a user and makes a key for them, with the command line.
    pub(crate) async fn new_key(&self, user: &str) -> String {
        let added = run(
            &self.data,
            &["user", "add", user, "--password-stdin"],
            Some("a long passphrase\n"),
        )
        .await;
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let key = self.cli(&["key", "add", user]).await;
        key["key"].as_str().expect("key add prints the key").to_owned()
    }

    /// Runs `merpati --json ARGUMENTS` on this gateway and reads what it prints.
    pub(crate) async fn cli(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(arguments);
        let output = run(&self.data, &all, None).await;
        assert!(
            output.status.success(),
            "merpati {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("merpati {arguments:?}: {error}: {}", String::from_utf8_lossy(&output.stdout))
        })
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// The process of its broker.
    pub(crate) fn broker_pid(&self) -> u32 {
        let pid = std::fs::read_to_string(self.data.join("nats/nats-server.pid")).unwrap();
        pid.trim().parse().unwrap()
    }

    /// The key of the test's user.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// `GET /api/v1PATH`: status and JSON.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.key);
        answer(request).await
    }

    /// `POST /api/v1PATH`: status and JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request =
            self.http.post(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.key).json(body);
        answer(request).await
    }

    /// `DELETE /api/v1PATH`: status and JSON.
    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        let request = self.http.delete(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.key);
        answer(request).await
    }

    /// Sends and gives the message's id.
    pub(crate) async fn send(&self, to: &str, text: &str) -> String {
        self.send_with(json!({ "to": [to], "text": text })).await
    }

    /// Sends a request of one's own and gives the first message's id.
    pub(crate) async fn send_with(&self, body: Value) -> String {
        let (status, answer) = self.post("/messages", &body).await;
        assert_eq!(status, 202, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// The message, when it is in one of `states`. Each request waits for a change at the gateway.
    pub(crate) async fn until(&self, id: &str, states: &[&str]) -> Value {
        let waited = tokio::time::timeout(PATIENCE, async {
            let mut known = String::new();
            loop {
                let (status, message) = self.get(&format!("/messages/{id}?after={known}")).await;
                assert_eq!(status, 200, "{message}");
                let state = message["state"].as_str().unwrap().to_owned();
                if states.contains(&state.as_str()) {
                    return message;
                }
                known = message["version"].to_string();
            }
        });
        match waited.await {
            Ok(message) => message,
            Err(tokio::time::error::Elapsed { .. }) => {
                panic!("{id} is not {states:?}: {}", self.get(&format!("/messages/{id}")).await.1)
            }
        }
    }

    /// Received messages, newest first, when there are at least `count`; as the gateway's own user sees them.
    pub(crate) async fn inbox(&self, count: usize) -> Vec<Value> {
        wait_for_within(PATIENCE, &format!("{count} received messages"), || async {
            at_least(&self.cli(&["inbox", "--limit", "200"]).await, "messages", count)
        })
        .await
    }

    /// The modems, when `count` of them are ready.
    pub(crate) async fn modems_ready(&self, count: usize) -> Vec<Value> {
        wait_for_within(PATIENCE, &format!("{count} modems to be ready"), || async {
            let (_, answer) = self.get("/modems").await;
            let modems = answer["modems"].as_array().unwrap();
            let ready = modems.iter().filter(|modem| modem["online"] == true).count();
            (ready >= count).then(|| modems.clone())
        })
        .await
    }

    /// The modems, when `count` of them are known, whatever their state.
    pub(crate) async fn modems_known(&self, count: usize) -> Vec<Value> {
        wait_for_within(PATIENCE, &format!("{count} modems"), || async {
            at_least(&self.get("/modems").await.1, "modems", count)
        })
        .await
    }

    /// What was given up, when there are at least `count`.
    pub(crate) async fn dead(&self, count: usize) -> Vec<Value> {
        wait_for_within(PATIENCE, &format!("{count} dead letters"), || async {
            at_least(&self.cli(&["dead"]).await, "dead", count)
        })
        .await
    }

    /// Ends it as a power cut would, the broker with it when asked.
    pub(crate) async fn kill(&mut self, broker_too: bool) {
        let broker = i32::try_from(self.broker_pid()).ok();
        self.child.kill().await.unwrap();
        if broker_too {
            let pid = broker.and_then(rustix::process::Pid::from_raw);
            rustix::process::kill_process(pid.unwrap(), rustix::process::Signal::KILL).unwrap();
        }
    }

    /// Starts it again on its folder.
    pub(crate) async fn restart(&mut self) {
        let (child, url, setup_link) = launch(&self.data, &self.arguments, &self.environment).await;
        self.child = child;
        self.url = url;
        self.setup_link = setup_link;
    }

    /// Starts it again on its folder, with these environment variables in place of those it had.
    pub(crate) async fn restart_with(&mut self, environment: &[(&str, &str)]) {
        self.environment = owned(environment);
        self.restart().await;
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(&mut self) {
        let pid = i32::try_from(self.pid()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        assert!(status.expect("it stops in time").unwrap().success());
    }
}

/// A test that ended leaves no broker behind.
impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        if let Ok(pid) = std::fs::read_to_string(self.data.join("nats/nats-server.pid"))
            && let Some(pid) = pid.trim().parse().ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

fn owned(environment: &[(&str, &str)]) -> Vec<(String, String)> {
    environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn launch(
    data: &Path,
    arguments: &[String],
    environment: &[(String, String)],
) -> (Child, String, Option<String>) {
    let mut child = command(data)
        .args(["--json", "up", "--http", "127.0.0.1:0"])
        .args(arguments)
        .envs(environment.iter().map(|(k, v)| (k, v)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = child.stderr.take().unwrap();
    let log = tokio::spawn(async move {
        // Kept for the panic message of a gateway that does not start, and read so that it never blocks.
        let mut text = Vec::new();
        let mut kept = std::env::var_os("GATEWAY_LOG")
            .and_then(|file| std::fs::OpenOptions::new().append(true).create(true).open(file).ok());
        while let Ok(1..) = log.read_buf(&mut text).await {
            if let Some(kept) = &mut kept {
                let _ = std::io::Write::write_all(kept, &text);
                text.clear();
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = tokio::time::timeout(PATIENCE, async {
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(value) = serde_json::from_str::<Value>(&line) else { continue };
            if value["event"] == "ready" {
                return Some(value);
            }
        }
        None
    })
    .await
    .expect("the gateway starts in time");
    let Some(ready) = ready else { panic!("the gateway did not start: {}", log.await.unwrap()) };
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let url = ready["http"].as_str().unwrap().to_owned();
    (child, url, ready["setup_link"].as_str().map(str::to_owned))
}

/// The program on a data folder, without what the environment of the test may say.
pub(crate) fn command(data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MERPATI")) {
        command.env_remove(name);
    }
    command.env("MERPATI__METRICS__LISTEN", "127.0.0.1:0").arg("--data").arg(data);
    command
}

/// Runs the program to its end.
pub(crate) async fn run(data: &Path, arguments: &[&str], input: Option<&str>) -> Output {
    use tokio::io::AsyncWriteExt as _;
    let mut child = command(data)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that fails before it reads has closed it.
    let _ = stdin.write_all(input.unwrap_or_default().as_bytes()).await;
    drop(stdin);
    tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap()
}

/// The list of that name, when it is long enough.
fn at_least(answer: &Value, name: &str, count: usize) -> Option<Vec<Value>> {
    let list = answer[name].as_array().unwrap_or_else(|| panic!("{answer}"));
    (list.len() >= count).then(|| list.clone())
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, value)
}
