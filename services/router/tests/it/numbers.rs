//! Numbers of a gateway that has a home country.

use bus::Bucket;
use contracts::batch::{MtBatch, PrioritisedBatch};
use contracts::config_kv::OptOut;
use contracts::modem::ModemStatus;
use contracts::mt::{MtChange, MtRequest};
use contracts::{MessageId, MtState, OrgId, PhoneNumber, Priority};

use crate::gateway::{Gateway, pool};

fn request(to: &str) -> MtRequest {
    let mut request = MtRequest::text(PhoneNumber::parse(to).unwrap(), "Halo");
    request.id = Some(MessageId::new());
    request
}

async fn code(gateway: &mut Gateway, id: MessageId) -> String {
    match gateway.change(id, MtState::Rejected).await {
        MtChange::Rejected { error } => error.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_number_goes_out_as_networks_know_it_or_is_refused_before_it_costs_money() {
    let mut gateway = Gateway::start_at_home("ID").await;
    gateway.modem("a", ModemStatus::Ready).await;
    for (written, dialled) in [("0812-3456-789", "+628123456789"), ("888", "888")] {
        let id = gateway.request(Priority::Normal, request(written)).await;
        let item = gateway.take(&pool(), Priority::Normal).await;
        assert_eq!((item.value.id, item.value.request.to.as_str()), (id, dialled));
        gateway.send(item).await;
    }
    for (to, refused) in [
        ("+62812", "number-impossible"),
        ("+6591234567", "destination-not-allowed"),
        ("112", "destination-not-allowed"),
        ("08091234567", "premium-number"),
    ] {
        let id = gateway.request(Priority::Otp, request(to)).await;
        assert_eq!(code(&mut gateway, id).await, refused, "{to}");
    }
    gateway.stop_router().await;
}

#[tokio::test]
async fn a_batch_goes_to_those_of_its_recipients_that_it_may() {
    let mut gateway = Gateway::start_at_home("ID").await;
    gateway.modem("a", ModemStatus::Ready).await;
    let requests = ["08123456781", "+6591234567", "628123456782"].map(request);
    let ids: Vec<MessageId> = requests.iter().filter_map(|request| request.id).collect();
    let batches = MtBatch::gather(requests.to_vec());
    assert_eq!(batches.len(), 1);
    let batch = PrioritisedBatch { priority: Priority::Normal, batch: &batches[0] };
    gateway.bus.publish(&batch).await.unwrap();
    assert_eq!(code(&mut gateway, ids[1]).await, "destination-not-allowed");
    for (id, dialled) in [(ids[0], "+628123456781"), (ids[2], "+628123456782")] {
        let item = gateway.take(&pool(), Priority::Normal).await;
        assert_eq!((item.value.id, item.value.request.to.as_str()), (id, dialled));
        gateway.send(item).await;
    }
}

#[tokio::test]
async fn who_opted_out_is_known_in_each_writing() {
    let mut gateway = Gateway::start_at_home("ID").await;
    let kv = gateway.bus.kv::<OptOut>(Bucket::Config).await.unwrap();
    let org = OrgId::default_org();
    let number = PhoneNumber::parse("+628123456789").unwrap();
    kv.put(&OptOut::key(org, &number), &OptOut { org, number, out: true }).await.unwrap();
    for written in ["08123456789", "8123456789", "628123456789", "+62 (0) 812 3456 789"] {
        // The setting may be heard a moment after a request: ask until it counts.
        loop {
            let id = gateway.request(Priority::Normal, request(written)).await;
            let is_settled =
                |change: &MtChange| matches!(change.state(), MtState::Rejected | MtState::Admitted);
            let change = gateway
                .event(|event| match event {
                    bus::Event::Mt(event) if event.message == id && is_settled(&event.change) => {
                        Some(event.change.clone())
                    }
                    _ => None,
                })
                .await;
            if let MtChange::Rejected { error } = change {
                assert_eq!(error.code, "opted-out", "{written}");
                break;
            }
        }
    }
}
