//! What was admitted when its account still might send, and waits when it no longer may.

use std::collections::HashSet;

use bus::{Bucket, Event, Stream};
use contracts::config_kv::{Access, Account, OptOut, Sim};
use contracts::modem::ModemStatus;
use contracts::mt::{MtChange, MtRequest};
use contracts::{MessageId, MtState, OrgId, PhoneNumber, Priority, SimId, UserId};
use testkit::wait_for;

use crate::gateway::{Gateway, config, pool, to};

async fn set_account(gateway: &Gateway, account: UserId, enabled: bool) {
    let kv = gateway.bus.kv::<Account>(Bucket::Config).await.unwrap();
    let setting = Account { org: OrgId::default_org(), enabled, admin: false };
    kv.put(&format!("account.{account}"), &setting).await.unwrap();
}

async fn set_senders(gateway: &Gateway, sim: SimId, senders: Access) {
    let kv = gateway.bus.kv::<Sim>(Bucket::Config).await.unwrap();
    let number = Some(PhoneNumber::parse("+62811000001").unwrap());
    let setting = Sim { number, senders, ..Sim::unset(OrgId::default_org()) };
    kv.put(&format!("sim.{sim}"), &setting).await.unwrap();
}

async fn refusal(gateway: &mut Gateway, id: MessageId) -> (String, String) {
    match gateway.change(id, MtState::Rejected).await {
        MtChange::Rejected { error } => (error.code, error.text),
        other => panic!("{other}"),
    }
}

async fn nothing_waits(gateway: &Gateway) {
    wait_for("the queue to be empty", || async {
        let left = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
        left.is_empty().then_some(())
    })
    .await;
}

/// Two of many are given to the only modem; the others wait, and the account is disabled.
#[tokio::test]
async fn what_waits_behind_others_is_refused_when_its_account_is_disabled() {
    let mut gateway = Gateway::start().await;
    gateway.modem("a", ModemStatus::Ready).await;
    let account = UserId::derived("budi");
    let ids = gateway.request_many(account, Priority::Normal, 10).await;
    let (mut admitted, mut released) = (0, HashSet::new());
    while admitted < 10 || released.len() < 2 {
        let (id, state) = gateway
            .event(|event| match event {
                Event::Mt(event) => Some((event.message, event.change.state())),
                _ => None,
            })
            .await;
        match state {
            MtState::Admitted => admitted += 1,
            MtState::Released => drop(released.insert(id)),
            other => panic!("{id}: {other}"),
        }
    }
    set_account(&gateway, account, false).await;
    let mut refused = HashSet::new();
    while refused.len() < 8 {
        let (id, change) = gateway
            .event(|event| match event {
                Event::Mt(event) => Some((event.message, event.change.clone())),
                _ => None,
            })
            .await;
        let MtChange::Rejected { error } = change else { panic!("{id}: {change}") };
        assert_eq!(error.code, "account-disabled");
        assert_eq!(error.text, "The account was disabled before the message was given to a modem.");
        refused.insert(id);
    }
    assert!(ids.iter().all(|id| released.contains(id) != refused.contains(id)));
    nothing_waits(&gateway).await;
    // What a modem could already have taken goes out, and others go on.
    let other = gateway.request_many(UserId::derived("ani"), Priority::Normal, 1).await;
    released.extend(other);
    for _ in 0..3 {
        let item = gateway.take(&pool(), Priority::Normal).await;
        assert!(released.remove(&gateway.send(item).await));
    }
}

/// Nobody waits for the modem to come back only to be told.
#[tokio::test]
async fn what_waits_for_a_modem_that_is_away_is_refused_too() {
    let mut gateway = Gateway::start().await;
    let (budi, ani) = (UserId::derived("budi"), UserId::derived("ani"));
    let sim = SimId::derived("a");
    let mut ids = Vec::new();
    for owner in [budi, ani] {
        let mut request = MtRequest::text(to(), "through that SIM only");
        (request.owner, request.sim) = (owner, Some(sim));
        let id = gateway.request(Priority::Normal, request).await;
        gateway.change(id, MtState::Admitted).await;
        ids.push(id);
    }
    set_senders(&gateway, sim, Access::only([ani])).await;
    let (code, text) = refusal(&mut gateway, ids[0]).await;
    assert_eq!(code, "sim-not-allowed");
    assert!(text.contains("may no longer send through the SIM +62811000001"), "{text}");
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.change(ids[1], MtState::Released).await;
    nothing_waits(&gateway).await;
}

/// The setting came while no router ran; an account that was enabled again in time loses nothing.
#[tokio::test]
async fn what_waited_while_no_router_ran_is_looked_at_as_well() {
    let mut gateway = Gateway::start().await;
    let (budi, siti) = (UserId::derived("budi"), UserId::derived("siti"));
    let refused = gateway.request_many(budi, Priority::Normal, 1).await[0];
    gateway.change(refused, MtState::Admitted).await;
    let kept = gateway.request_many(siti, Priority::Normal, 1).await[0];
    gateway.change(kept, MtState::Admitted).await;
    gateway.stop_router().await;
    set_account(&gateway, budi, false).await;
    set_account(&gateway, siti, false).await;
    set_account(&gateway, siti, true).await;
    gateway.start_router(config()).await;
    assert_eq!(refusal(&mut gateway, refused).await.0, "account-disabled");
    gateway.modem("a", ModemStatus::Ready).await;
    let item = gateway.take(&pool(), Priority::Normal).await;
    assert_eq!(item.value.id, kept);
    gateway.send(item).await;
    nothing_waits(&gateway).await;
}

/// Whoever asks to be sent nothing more is not sent what waits for a modem either, and nobody may send anything else.
#[tokio::test]
async fn nobody_is_sent_what_they_opted_out_of() {
    let mut gateway = Gateway::start().await;
    let waits = gateway.request_many(UserId::derived("ani"), Priority::Normal, 1).await[0];
    gateway.change(waits, MtState::Admitted).await;
    let kv = gateway.bus.kv::<OptOut>(Bucket::Config).await.unwrap();
    let org = OrgId::default_org();
    kv.put(&OptOut::key(org, &to()), &OptOut { org, number: to(), out: true }).await.unwrap();
    gateway.modem("a", ModemStatus::Ready).await;
    let (code, text) = refusal(&mut gateway, waits).await;
    assert_eq!(code, "opted-out");
    assert!(text.contains("before the message was given to a modem"), "{text}");
    let late = gateway.request(Priority::Otp, MtRequest::text(to(), "a password")).await;
    let (code, text) = refusal(&mut gateway, late).await;
    assert_eq!(code, "opted-out");
    assert!(text.contains("until they ask for messages again"), "{text}");
    nothing_waits(&gateway).await;
}
