//! The clock of a host that was wrong.

use bus::{Bucket, Kv};
use contracts::mt::{Dispatched, MtItem, MtRequest};
use contracts::subject::Target;
use contracts::{MessageId, ModemId, MtState, PoolId, Priority, SimId, Timestamp};
use serde_json::{Value, json};

use crate::rig::{Rig, TO};

/// A driver wrote that it begins, by a clock that was an hour ahead, and died; or the clock of this host was set back
/// since. The message does not wait for that time to come again.
#[tokio::test]
async fn nobody_waits_for_the_time_that_a_dead_driver_wrote() {
    let rig = Rig::new(1).await;
    let journal: Kv<Value> = rig.bus.kv(Bucket::Attempts).await.unwrap();
    let id = MessageId::new();
    let at = Timestamp::now().plus(std::time::Duration::from_hours(1));
    let begun = json!({
        "stage": "writing", "modem": ModemId::derived("far"), "sim": SimId::derived("far"), "driver": "drv_dead",
        "lease": 1, "tries": 1, "round": 0, "sequence": 1, "ack": "", "parts": 1, "at": at, "message": id,
    });
    journal.create(&format!("{id}.1"), &begun).await.unwrap();
    let mut request = MtRequest::text(TO.parse().unwrap(), "begun by a dead driver");
    request.id = Some(id);
    let (priority, target) = (Priority::Normal, Target::Pool(PoolId::default_pool()));
    let item = MtItem { id, priority, target, parts: 1, request, rule: None, others: Vec::new() };
    rig.bus.publish(&Dispatched(&item)).await.unwrap();
    let _driver = rig.driver(&[1]).await;
    rig.events.until(id, MtState::Uncertain).await;
    rig.queue_is_empty().await;
    assert_eq!(rig.sim.network().sent_count(), 0, "nobody knows whether it is out");
}
