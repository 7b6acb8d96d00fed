//! Programs that send, and people who write to the modems.

use std::sync::Arc;
use std::time::Duration;

use modem_sim::Network;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::world::{PATIENCE, World};

/// Between two messages to be sent.
const SENDING: Duration = Duration::from_millis(200);
/// Between two messages to a modem.
const WRITING: Duration = Duration::from_millis(700);
/// Longer than one part has room for.
const LONG: usize = 200;

/// What was asked of the gateway.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Messages that were accepted.
    pub(crate) sent: Vec<Accepted>,
    /// Texts that were written to the modems.
    pub(crate) written: Vec<String>,
}

/// A message that the gateway accepted.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) parts: usize,
}

/// See the module.
pub(crate) struct Load {
    stop: CancellationToken,
    asked: Arc<Mutex<Asked>>,
    sending: JoinHandle<()>,
    writing: JoinHandle<()>,
}

impl Load {
    pub(crate) fn start(world: &World) -> Self {
        let stop = CancellationToken::new();
        let asked = Arc::new(Mutex::new(Asked::default()));
        let sender = Sender {
            http: reqwest::Client::builder().timeout(Duration::from_secs(15)).build().unwrap(),
            url: world.url.clone(),
            key: world.key.clone(),
            asked: Arc::clone(&asked),
        };
        let sending = tokio::spawn(send_all(sender, stop.clone()));
        let writing =
            tokio::spawn(write_all(world.network().clone(), Arc::clone(&asked), stop.clone()));
        Self { stop, asked, sending, writing }
    }

    /// Ends when everything that was begun is accepted.
    pub(crate) async fn stop(self, world: &mut World) -> Asked {
        self.stop.cancel();
        let ended = async {
            self.writing.await.unwrap();
            self.sending.await.unwrap();
        };
        tokio::pin!(ended);
        let all = async {
            loop {
                tokio::select! {
                    () = &mut ended => break,
                    () = sleep(Duration::from_secs(1)) => world.revive(),
                }
            }
        };
        tokio::time::timeout(PATIENCE, all).await.expect("every message is accepted in the end");
        std::mem::take(&mut *self.asked.lock().await)
    }
}

#[derive(Clone)]
struct Sender {
    http: reqwest::Client,
    url: String,
    key: String,
    asked: Arc<Mutex<Asked>>,
}

async fn send_all(sender: Sender, stop: CancellationToken) {
    let under_way = TaskTracker::new();
    let mut n = 0;
    while stop.run_until_cancelled(sleep(SENDING)).await.is_some() {
        let sender = sender.clone();
        under_way.spawn(async move { sender.send(n).await });
        n += 1;
    }
    under_way.close();
    under_way.wait().await;
}

impl Sender {
    /// Asks with one idempotency key until the gateway accepts it, as a careful program does.
    async fn send(&self, n: u64) {
        let to = format!("+62855{n:08}");
        let parts = if n.is_multiple_of(5) { 2 } else { 1 };
        let text = format!("{n} ").repeat(if parts == 2 { LONG / 2 } else { 1 });
        let text: String = text.chars().take(if parts == 2 { LONG } else { 20 }).collect();
        let body = json!({ "to": [to], "text": text });
        loop {
            let request = self.http.post(format!("{}/messages", self.url)).bearer_auth(&self.key);
            let request = request.header("Idempotency-Key", format!("chaos-{n}")).json(&body);
            if let Ok(response) = request.send().await
                && response.status().as_u16() == 202
                && let Ok(answer) = response.json::<Value>().await
                && let Some(id) = answer["messages"][0]["id"].as_str()
            {
                let accepted = Accepted { id: id.to_owned(), to, parts };
                self.asked.lock().await.sent.push(accepted);
                return;
            }
            sleep(Duration::from_millis(500)).await;
        }
    }
}

async fn write_all(network: Network, asked: Arc<Mutex<Asked>>, stop: CancellationToken) {
    let mut n = 0;
    while stop.run_until_cancelled(sleep(WRITING)).await.is_some() {
        let mut text = format!("Pesan {n}.");
        if n % 4 == 0 {
            text.push_str(&" panjang".repeat(30));
        }
        network.send_text(1 + n % World::modems(), "+628770000", &text).unwrap();
        asked.lock().await.written.push(text);
        n += 1;
    }
}
