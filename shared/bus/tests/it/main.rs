//! The bus against a real nats-server.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod connect;
mod consume;
mod health;
mod kv;
mod restart;
mod topology;
mod traces;
mod truncated;

use std::time::Duration;

use bus::{Bus, NatsConfig};
use contracts::mt::{MtItem, MtRequest, PrioritisedRequest, Waiting};
use contracts::subject::Target;
use contracts::{MessageId, PhoneNumber, PoolId, Priority};
use testkit::NatsServer;
use tokio_util::sync::CancellationToken;

/// How a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

async fn connect(server: &NatsServer) -> Bus {
    let config = NatsConfig::new(server.url(), server.user(), server.password());
    Bus::connect(&config, "test", &CancellationToken::new()).await.expect("connected")
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it came in time")
}

fn request(text: &str) -> MtRequest {
    let mut request = MtRequest::text(PhoneNumber::parse("+628123456789").unwrap(), text);
    request.id = Some(MessageId::new());
    request
}

async fn publish_request(bus: &Bus, priority: Priority, text: &str) -> MtRequest {
    let request = request(text);
    bus.publish(&PrioritisedRequest { priority, request: &request }).await.expect("published");
    request
}

fn item(text: &str, priority: Priority) -> MtItem {
    let request = request(text);
    MtItem {
        id: request.id.unwrap(),
        rule: None,
        others: Vec::new(),
        priority,
        target: Target::Pool(PoolId::default_pool()),
        parts: 1,
        request,
    }
}

async fn publish_waiting(bus: &Bus, text: &str) -> MtItem {
    let item = item(text, Priority::Normal);
    bus.publish(&Waiting(&item)).await.expect("published");
    item
}
