//! Endpoints, their lanes and their log.

use std::time::Duration;

use contracts::{
    Address, CallbackId, DeliveryId, MessageId, OrgId, SimId, UserId, WebhookEvent, WebhookId,
};
use sqlx::Connection as _;
use store::{
    AfterReply, AfterTry, Answered, Cap, CreateWebhookError, Cutoffs, DeliveryState, GatewayChange,
    MOST_PENDING, MOST_WEBHOOKS, NewDelivery, NewWebhook, Reach, Replay, ReplyCaps, ReplyText,
    Role, Store, StoreError, Webhook, WebhookAttempt, WebhookChange, WebhookDelivery,
    WebhookFilter, WebhookSecret,
};

use crate::sample::{at, everything, new_user, org};

const LEASE: Duration = Duration::from_mins(1);

pub(crate) fn new_webhook(owner: UserId) -> NewWebhook {
    NewWebhook {
        owner,
        url: "https://shop.example/hook".to_owned(),
        events: vec![WebhookEvent::SmsReceived, WebhookEvent::SmsDelivered],
        filter: WebhookFilter {
            sim: Some(SimId::derived("s")),
            sender: Some("BANK".to_owned()),
            keyword: None,
        },
        raw_pdu: true,
        form: store::WebhookForm::Smsgate,
        reply_with_body: false,
        max_messages: 1,
        secret: WebhookSecret::new("whsec_MQ==".to_owned()),
    }
}

pub(crate) fn delivery(webhook: WebhookId, name: &str) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::derived(&format!("{webhook}:{name}")),
        webhook,
        event: WebhookEvent::SmsReceived,
        owner: None,
        sim: Some(SimId::derived("s")),
        payload: format!("{{\"name\":\"{name}\"}}"),
    }
}

fn attempt(seconds: i64, error: Option<&str>) -> WebhookAttempt {
    WebhookAttempt {
        at: at(seconds),
        duration: Duration::from_millis(30),
        http_status: error.map(|_| 500).or(Some(200)),
        error: error.map(str::to_owned),
        answer: Some("well\0".to_owned()),
    }
}

async fn endpoint(store: &Store) -> Webhook {
    store.create_webhook(everything(), &new_webhook(UserId::internal()), at(0)).await.unwrap()
}

async fn add(store: &Store, webhook: WebhookId, names: &[&str], seconds: i64) -> u64 {
    let new: Vec<_> = names.iter().map(|name| delivery(webhook, name)).collect();
    store.create_deliveries(&new, at(seconds)).await.unwrap()
}

/// Takes the only lane at a time, for a minute, and returns what waits in it.
async fn take(store: &Store, seconds: i64) -> Vec<WebhookDelivery> {
    let taken = store.take_lanes(at(seconds), LEASE, 10, 10).await.unwrap();
    let [id] = *taken else { return Vec::new() };
    store.lane(id, at(seconds + 60), 10).await.unwrap().expect("a lane that was just taken").1
}

async fn now(store: &Store, webhook: &Webhook) -> Webhook {
    store.webhook(everything(), webhook.id).await.unwrap().unwrap()
}

pub(crate) async fn an_endpoint_is_made_changed_and_removed(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let made = store.create_webhook(ani.reach(), &new_webhook(ani.id), at(1)).await.unwrap();
    assert_eq!(store.webhooks(ani.reach()).await.unwrap(), std::slice::from_ref(&made));
    assert_eq!((made.owner, made.raw_pdu, made.pending), (ani.id, true, 0));
    let listeners = store.listeners(None).await.unwrap().unwrap();
    assert_eq!(listeners.all[0].reach, ani.reach());
    assert_eq!(store.listeners(Some(listeners.version)).await.unwrap(), None);
    // The service is told by the bucket.
    let setting = store.setting(&format!("webhooks.{}", org())).await.unwrap().unwrap();
    assert_eq!(setting.version, 1);

    let change = WebhookChange {
        events: Some(vec![WebhookEvent::CallMissed]),
        filter: Some(WebhookFilter::default()),
        enabled: Some(false),
        ..WebhookChange::default()
    };
    let changed =
        store.change_webhook(ani.reach(), made.id, &change, at(2)).await.unwrap().unwrap();
    assert_eq!(changed.events, [WebhookEvent::CallMissed]);
    assert_eq!((&changed.filter, &changed.url), (&WebhookFilter::default(), &made.url));
    assert_eq!(changed.disabled.as_ref().map(|d| (d.at, d.reason.clone())), Some((at(2), None)));
    assert_eq!(store.listeners(None).await.unwrap().unwrap().all, []);
    assert_eq!(add(&store, made.id, &["a"], 3).await, 0, "what is disabled is told nothing");
    let enable = WebhookChange { enabled: Some(true), ..WebhookChange::default() };
    let changed =
        store.change_webhook(ani.reach(), made.id, &enable, at(4)).await.unwrap().unwrap();
    assert_eq!(changed.disabled, None);
    // An account that is disabled is told nothing either.
    store.set_user_enabled(everything(), ani.id, false, at(5)).await.unwrap();
    assert_eq!(store.listeners(None).await.unwrap().unwrap().all, []);
    store.set_user_enabled(everything(), ani.id, true, at(5)).await.unwrap();

    let new = WebhookSecret::new("whsec_Mg==".to_owned());
    let rotated = store.rotate_webhook(ani.reach(), made.id, &new, at(90), at(6)).await.unwrap();
    let rotated = rotated.unwrap();
    assert_eq!((rotated.secret, rotated.old_secret), (new, Some((made.secret, at(90)))));

    for _ in 1..MOST_WEBHOOKS {
        store.create_webhook(ani.reach(), &new_webhook(ani.id), at(7)).await.unwrap();
    }
    let full = store.create_webhook(ani.reach(), &new_webhook(ani.id), at(7)).await.unwrap_err();
    assert!(matches!(full, CreateWebhookError::TooMany), "{full}");
    endpoint(&store).await;
    assert!(store.remove_webhook(ani.reach(), made.id, at(8)).await.unwrap());
    assert!(!store.remove_webhook(ani.reach(), made.id, at(8)).await.unwrap());
    assert_eq!(store.webhook(ani.reach(), made.id).await.unwrap(), None);
    store.create_webhook(ani.reach(), &new_webhook(ani.id), at(9)).await.unwrap();
    // Nobody makes one for an account of another organisation.
    let abroad = Reach::everything(OrgId::derived("abroad"));
    assert!(store.create_webhook(abroad, &new_webhook(ani.id), at(9)).await.is_err());
}

pub(crate) async fn events_wait_in_order_and_none_overtakes(store: Store) {
    let webhook = endpoint(&store).await;
    assert_eq!(store.next_lane_at(at(0), 10).await.unwrap(), None);
    assert_eq!(add(&store, webhook.id, &["a", "b"], 1).await, 2);
    assert_eq!(add(&store, webhook.id, &["b", "c"], 2).await, 1, "an event told twice is one");
    assert_eq!(store.next_lane_at(at(0), 10).await.unwrap(), Some(at(1)));
    assert!(take(&store, 0).await.is_empty(), "nothing is due yet");
    let waiting = take(&store, 5).await;
    let names: Vec<_> = waiting.iter().map(|one| one.payload.as_str()).collect();
    assert_eq!(names, [r#"{"name":"a"}"#, r#"{"name":"b"}"#, r#"{"name":"c"}"#]);
    assert!(take(&store, 6).await.is_empty(), "somebody has the lane");

    let held = at(65);
    let settle = async |delivery: &WebhookDelivery, held, attempt: &WebhookAttempt, after| {
        store.settle_delivery(delivery, held, attempt, &after).await.unwrap()
    };
    assert!(settle(&waiting[0], held, &attempt(6, None), AfterTry::Taken).await);
    assert!(!settle(&waiting[1], held, &attempt(7, Some("no")), AfterTry::Wait(at(50))).await);
    let between = now(&store, &webhook).await;
    assert_eq!((between.pending, between.failures, between.next_at), (2, 1, Some(at(50))));
    // What comes while the lane waits does not make it due.
    add(&store, webhook.id, &["d"], 8).await;
    assert!(take(&store, 49).await.is_empty());
    let waiting = take(&store, 50).await;
    assert_eq!((waiting.len(), waiting[0].tries), (3, 1));
    let held = at(110);
    assert!(settle(&waiting[0], held, &attempt(51, Some("never")), AfterTry::GivenUp(None)).await);
    assert_eq!(now(&store, &webhook).await.failures, 2, "it took nothing yet");
    assert!(settle(&waiting[1], held, &attempt(52, None), AfterTry::Taken).await);
    assert_eq!(now(&store, &webhook).await.failures, 0);
    assert!(settle(&waiting[2], held, &attempt(53, None), AfterTry::Taken).await);
    store.release_lane(webhook.id, held, at(54)).await.unwrap();
    assert_eq!(store.next_lane_at(at(0), 10).await.unwrap(), None);

    let log = store.webhook_log(everything(), webhook.id, None, 10).await.unwrap();
    let said: Vec<_> = log.iter().map(|one| (one.delivery.state, one.attempts.len())).collect();
    let done = DeliveryState::Done;
    // Those that came at one time stand by their ids.
    assert_eq!(said.len(), 4);
    assert_eq!((said[0], said[1]), ((done, 1), (done, 1)));
    let failed = log.iter().find(|one| one.delivery.state == DeliveryState::Failed).unwrap();
    assert_eq!(failed.attempts.len(), 2);
    assert_eq!(failed.attempts[1].answer.as_deref(), Some("well\u{fffd}"));
    let place = (log[0].delivery.created_at, log[0].delivery.id);
    let rest = store.webhook_log(everything(), webhook.id, Some(place), 2).await.unwrap();
    assert_eq!(rest, log[1..3]);
}

pub(crate) async fn a_lane_is_one_taker_s_or_another_s(store: Store) {
    let webhook = endpoint(&store).await;
    add(&store, webhook.id, &["a", "b"], 1).await;
    let take_once = async || store.take_lanes(at(2), LEASE, 10, 10).await.unwrap().len();
    let (one, other) = tokio::join!(take_once(), take_once());
    assert_eq!(one + other, 1);
    assert!(store.keep_lane(webhook.id, at(62), at(100)).await.unwrap());
    assert!(store.lane(webhook.id, at(62), 10).await.unwrap().is_none());
    let (_, waiting) = store.lane(webhook.id, at(100), 10).await.unwrap().unwrap();
    // The taker is silent for too long, and another one has the lane.
    assert_eq!(take(&store, 100).await.len(), 2);
    assert!(!store.keep_lane(webhook.id, at(100), at(200)).await.unwrap());
    let (tried, taken) = (attempt(101, None), AfterTry::Taken);
    let late = store.settle_delivery(&waiting[0], at(100), &tried, &taken).await;
    assert!(!late.unwrap(), "the lane is not the first taker's any more");
    let again = AfterTry::Wait(at(300));
    let failed = attempt(102, Some("no"));
    assert!(!store.settle_delivery(&waiting[0], at(160), &failed, &again).await.unwrap());
    let now = now(&store, &webhook).await;
    assert_eq!((now.pending, now.failures), (1, 0), "what was taken stays taken");
    // A release by who lost the lane does nothing.
    store.release_lane(webhook.id, at(100), at(103)).await.unwrap();
    assert_eq!(store.next_lane_at(at(0), 10).await.unwrap(), Some(at(300)));
}

pub(crate) async fn an_endpoint_that_is_disabled_keeps_what_waits(store: Store) {
    let webhook = endpoint(&store).await;
    add(&store, webhook.id, &["a", "b"], 1).await;
    let waiting = take(&store, 2).await;
    let gone = AfterTry::Disable("It answered 410.".to_owned());
    let failed = attempt(3, Some("gone"));
    assert!(!store.settle_delivery(&waiting[0], at(62), &failed, &gone).await.unwrap());
    let disabled = now(&store, &webhook).await;
    assert_eq!(disabled.disabled.unwrap().reason.as_deref(), Some("It answered 410."));
    assert_eq!((disabled.pending, disabled.next_at), (2, None));
    assert!(
        !store
            .test_webhook(everything(), webhook.id, DeliveryId::new(), "{}", at(4))
            .await
            .unwrap()
    );
    let replayed =
        store.replay_webhook(everything(), webhook.id, Replay::One(waiting[0].id), at(4));
    assert_eq!(replayed.await.unwrap(), Some(0), "it waits already");
    assert!(take(&store, 500).await.is_empty());
    let enable = WebhookChange { enabled: Some(true), ..WebhookChange::default() };
    let enabled = store.change_webhook(everything(), webhook.id, &enable, at(5)).await.unwrap();
    assert_eq!(enabled.unwrap().failures, 0);
    assert_eq!(take(&store, 5).await.len(), 2);
}

pub(crate) async fn tests_go_first_and_replays_in_their_old_order(store: Store) {
    let webhook = endpoint(&store).await;
    add(&store, webhook.id, &["a", "b", "c"], 1).await;
    let waiting = take(&store, 2).await;
    for (n, one) in (0..).zip(&waiting[..2]) {
        let (tried, after) = (attempt(3 + n, None), AfterTry::Taken);
        assert!(store.settle_delivery(one, at(62), &tried, &after).await.unwrap());
    }
    let tried = attempt(6, Some("no"));
    store.settle_delivery(&waiting[2], at(62), &tried, &AfterTry::Wait(at(900))).await.unwrap();
    let test = DeliveryId::new();
    assert!(store.test_webhook(everything(), webhook.id, test, "{}", at(7)).await.unwrap());
    // One that waits is enough.
    let second = store.test_webhook(everything(), webhook.id, DeliveryId::new(), "{}", at(7)).await;
    assert!(matches!(second, Err(StoreError::TestWaits)), "{second:?}");
    assert_eq!(now(&store, &webhook).await.pending, 2);
    let first = take(&store, 7).await;
    assert_eq!((first[0].id, first[0].event, first.len()), (test, None, 2));
    // A test that fails leaves the lane to wait as before.
    let after = AfterTry::GivenUp(Some(at(900)));
    store.settle_delivery(&first[0], at(67), &attempt(8, Some("no")), &after).await.unwrap();
    let between = now(&store, &webhook).await;
    assert_eq!((between.failures, between.pending, between.next_at), (1, 1, Some(at(900))));
    let shown = store.webhook_delivery(everything(), webhook.id, test).await.unwrap().unwrap();
    assert_eq!((shown.delivery.state, shown.attempts.len()), (DeliveryState::Failed, 1));

    let range = |all| Replay::Range { since: at(0), until: at(100), all };
    let replay = async |which, seconds| {
        store.replay_webhook(everything(), webhook.id, which, at(seconds)).await.unwrap()
    };
    assert_eq!(replay(range(false), 10).await, Some(0), "none of them was given up");
    assert_eq!(replay(range(true), 11).await, Some(2));
    let ids = |all: &[WebhookDelivery]| all.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(&take(&store, 11).await), ids(&waiting));
    assert_eq!(replay(Replay::One(test), 12).await, Some(1));
    assert_eq!(now(&store, &webhook).await.pending, 4);
    let nowhere = store.replay_webhook(everything(), WebhookId::new(), range(true), at(13)).await;
    assert_eq!(nowhere.unwrap(), None);
}

pub(crate) async fn old_events_of_endpoints_are_removed(store: Store) {
    let webhook = endpoint(&store).await;
    add(&store, webhook.id, &["a", "b"], 1).await;
    let waiting = take(&store, 2).await;
    store.settle_delivery(&waiting[0], at(62), &attempt(3, None), &AfterTry::Taken).await.unwrap();
    assert_eq!(store.remove_old_deliveries(None, 10).await.unwrap(), 0);
    assert_eq!(store.remove_old_deliveries(Some(at(1000)), 10).await.unwrap(), 1);
    let log = store.webhook_log(everything(), webhook.id, None, 10).await.unwrap();
    assert_eq!(log.len(), 1, "what waits is kept however old it is");
}

pub(crate) async fn what_waits_for_a_disabled_endpoint_is_removed_in_the_end(store: Store) {
    let webhook = endpoint(&store).await;
    add(&store, webhook.id, &["a", "b"], 1).await;
    assert_eq!(store.remove_old_deliveries(Some(at(500)), 10).await.unwrap(), 0);
    let disable = WebhookChange { enabled: Some(false), ..WebhookChange::default() };
    store.change_webhook(everything(), webhook.id, &disable, at(100)).await.unwrap();
    assert_eq!(store.remove_old_deliveries(Some(at(50)), 10).await.unwrap(), 0);
    assert_eq!(store.remove_old_deliveries(Some(at(500)), 1).await.unwrap(), 1);
    assert_eq!(now(&store, &webhook).await.pending, 1);
    assert_eq!(store.remove_old_deliveries(Some(at(500)), 10).await.unwrap(), 1);
    assert_eq!(now(&store, &webhook).await.pending, 0);
    // What waits for a disabled account goes, too.
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let of_ani = store.create_webhook(ani.reach(), &new_webhook(ani.id), at(1)).await.unwrap();
    add(&store, of_ani.id, &["a"], 1).await;
    store.set_user_enabled(everything(), ani.id, false, at(100)).await.unwrap();
    assert_eq!(store.remove_old_deliveries(Some(at(500)), 10).await.unwrap(), 1);
    assert_eq!(now(&store, &of_ani).await.pending, 0);
}

pub(crate) async fn the_lanes_of_one_account_leave_room_for_others(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    for n in 0..3 {
        let own = store.create_webhook(ani.reach(), &new_webhook(ani.id), at(n)).await.unwrap();
        add(&store, own.id, &["a"], 1).await;
    }
    let other = endpoint(&store).await;
    add(&store, other.id, &["a"], 2).await;
    let take = async |seconds| store.take_lanes(at(seconds), LEASE, 10, 2).await.unwrap();
    let taken = take(3).await;
    assert_eq!(taken.len(), 3, "two of one account, and that of the other");
    assert!(taken.contains(&other.id));
    assert!(take(4).await.is_empty(), "both places are taken");
    // Nobody is woken for a lane that has no place.
    assert_eq!(store.next_lane_at(at(4), 2).await.unwrap(), Some(at(63)));
    assert_eq!(store.next_lane_at(at(4), 3).await.unwrap(), Some(at(1)));
    let own = *taken.iter().find(|id| **id != other.id).unwrap();
    store.release_lane(own, at(63), at(500)).await.unwrap();
    assert_eq!(take(5).await.len(), 1, "a place is free again");
}

pub(crate) async fn replays_find_room_or_are_refused(store: Store) {
    let webhook = endpoint(&store).await;
    let all: Vec<_> = (0..MOST_PENDING + 3).map(|n| n.to_string()).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    add(&store, webhook.id, &names[..3], 1).await;
    for one in take(&store, 2).await {
        store.settle_delivery(&one, at(62), &attempt(3, None), &AfterTry::Taken).await.unwrap();
    }
    let most = usize::try_from(MOST_PENDING).unwrap();
    for some in names[3..=most].chunks(1_000) {
        add(&store, webhook.id, some, 5).await;
    }
    assert_eq!(now(&store, &webhook).await.pending, u64::from(MOST_PENDING) - 2);
    let replay = Replay::Range { since: at(0), until: at(4), all: true };
    let replayed = store.replay_webhook(everything(), webhook.id, replay, at(6)).await;
    assert_eq!(replayed.unwrap(), Some(2), "there is room for two");
    let refused = store.replay_webhook(everything(), webhook.id, replay, at(6)).await;
    assert!(matches!(refused, Err(StoreError::LaneFull)), "{refused:?}");
}

pub(crate) async fn what_an_account_may_not_see_is_withdrawn(store: Store) {
    let webhook = endpoint(&store).await;
    add(&store, webhook.id, &["a", "b"], 1).await;
    let waiting = take(&store, 2).await;
    assert_eq!((waiting[0].owner, waiting[0].sim), (None, Some(SimId::derived("s"))));
    let ids = [waiting[0].id];
    assert!(!store.withdraw_deliveries(webhook.id, at(61), &ids).await.unwrap(), "not its lane");
    assert!(store.withdraw_deliveries(webhook.id, at(62), &ids).await.unwrap());
    let log = store.webhook_log(everything(), webhook.id, None, 9).await.unwrap();
    assert_eq!((log.len(), log[0].delivery.id), (1, waiting[1].id));
    assert_eq!(now(&store, &webhook).await.pending, 1);
}

pub(crate) async fn an_answer_is_kept_with_what_was_taken(store: Store) {
    let webhook = endpoint(&store).await;
    add(&store, webhook.id, &["a", "b"], 1).await;
    let waiting = take(&store, 2).await;
    let id = |n| CallbackId::of_answer(webhook.id, MessageId::derived("m"), n);
    let answered = |seconds| Answered {
        message: MessageId::derived("m"),
        sender: Address::from_text("+628123456789"),
        sim: SimId::derived("s"),
        replies: vec![
            (id(0), Ok(ReplyText("Buka\0".to_owned()))),
            (id(1), Err("no".to_owned())),
            (id(2), Ok(ReplyText("Lagi".to_owned()))),
        ],
        caps: ReplyCaps {
            sender: Cap { most: 1, since: at(0) },
            machine: Cap { most: 99, since: at(0) },
            account: None,
        },
        next_at: at(seconds),
    };
    let tried = attempt(3, None);
    let settle = async |n: usize, seconds| {
        let answered = answered(seconds);
        store.settle_answered(&waiting[n], at(62), &tried, &answered).await.unwrap()
    };
    let (is_held, kept) = settle(0, 60).await;
    assert!(is_held);
    let [reply] = &*kept else { panic!("{kept:?}") };
    assert_eq!((reply.id, &*reply.text.0, reply.held_until), (id(0), "Buka\u{fffd}", at(60)));
    // Another try of the same event, or another event of the same message, keeps nothing more.
    assert!(settle(0, 61).await.1.is_empty());
    assert!(settle(1, 61).await.1.is_empty());
    let logged = store.webhook_delivery(everything(), webhook.id, waiting[0].id).await;
    let mut replies = logged.unwrap().unwrap().replies;
    replies.sort_by_key(|reply| reply.last_error.clone());
    assert_eq!(replies.len(), 3);
    assert_eq!((replies[0].id, replies[0].replied_at), (id(0), Some(at(3))));
    assert_eq!(replies[1].last_error.as_deref(), Some("no"));
    assert!(replies[2].last_error.as_ref().unwrap().contains("as many replies"));
    // The reply is its taker's until then, and somebody else's after that.
    assert_eq!(store.next_webhook_reply_at().await.unwrap(), Some(at(60)));
    assert!(store.take_webhook_replies(at(59), LEASE, 9).await.unwrap().is_empty());
    assert_eq!(store.take_webhook_replies(at(60), LEASE, 9).await.unwrap()[0].id, id(0));
    assert!(!store.keep_webhook_reply(id(0), at(60), at(200)).await.unwrap());
    assert!(store.keep_webhook_reply(id(0), at(120), at(200)).await.unwrap());
    store.settle_webhook_reply(id(0), &AfterReply::Retry(at(300)), at(61)).await.unwrap();
    assert_eq!(store.next_webhook_reply_at().await.unwrap(), Some(at(300)));
    store.settle_webhook_reply(id(0), &AfterReply::Over(None), at(62)).await.unwrap();
    assert_eq!(store.next_webhook_reply_at().await.unwrap(), None);
    store.settle_webhook_reply(id(0), &AfterReply::Retry(at(400)), at(63)).await.unwrap();
    assert_eq!(store.next_webhook_reply_at().await.unwrap(), None, "what is over stays so");
    let cutoffs = Cutoffs { callbacks: Some(at(500)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 10).await.unwrap().callbacks, 3);
}

pub(crate) async fn a_change_ends_the_hold_of_a_lane(store: Store) {
    let webhook = endpoint(&store).await;
    add(&store, webhook.id, &["a", "b"], 1).await;
    let waiting = take(&store, 2).await;
    let failed = attempt(3, Some("no"));
    store.settle_delivery(&waiting[0], at(62), &failed, &AfterTry::Wait(at(4))).await.unwrap();
    assert_eq!(now(&store, &webhook).await.failures, 1);

    // The URL of before stays what it was when it is named again.
    take(&store, 4).await;
    let change = async |url: &str, seconds| {
        let change = WebhookChange { url: Some(url.to_owned()), ..WebhookChange::default() };
        let changed = store.change_webhook(everything(), webhook.id, &change, at(seconds)).await;
        changed.unwrap().unwrap()
    };
    let same = change(&webhook.url, 5).await;
    assert_eq!((same.failures, same.next_at), (1, Some(at(64))));
    let other = change("https://other.example/", 6).await;
    assert_eq!((other.failures, other.next_at), (0, Some(at(6))));
    // What became of the try of the URL before is kept, and nothing follows from it.
    for after in [
        AfterTry::Wait(at(900)),
        AfterTry::GivenUp(None),
        AfterTry::Disable("It answered 410 Gone.".to_owned()),
    ] {
        assert!(!store.settle_delivery(&waiting[0], at(64), &failed, &after).await.unwrap());
    }
    let shown = now(&store, &webhook).await;
    assert_eq!((shown.failures, shown.pending, shown.next_at), (0, 2, Some(at(6))));
    assert_eq!(shown.disabled, None);

    assert_eq!(take(&store, 7).await.len(), 2);
    let secret = WebhookSecret::new("whsec_Mg==".to_owned());
    let rotate = store.rotate_webhook(everything(), webhook.id, &secret, at(90), at(8)).await;
    assert_eq!(rotate.unwrap().unwrap().next_at, Some(at(8)));
    assert!(!store.keep_lane(webhook.id, at(67), at(200)).await.unwrap());
    assert_eq!(take(&store, 8).await.len(), 2);
}

pub(crate) async fn the_lane_of_a_disabled_account_stops(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let webhook = store.create_webhook(ani.reach(), &new_webhook(ani.id), at(1)).await.unwrap();
    add(&store, webhook.id, &["a"], 1).await;
    assert_eq!(take(&store, 2).await.len(), 1);
    store.set_user_enabled(everything(), ani.id, false, at(3)).await.unwrap();
    assert!(store.lane(webhook.id, at(62), 10).await.unwrap().is_none());
    assert_eq!(store.next_lane_at(at(0), 10).await.unwrap(), None);
    store.set_user_enabled(everything(), ani.id, true, at(4)).await.unwrap();
    assert_eq!(store.lane(webhook.id, at(62), 10).await.unwrap().unwrap().1.len(), 1);
}

/// Retention has chosen an event that is replayed before it is deleted.
#[tokio::test]
async fn what_is_replayed_while_old_events_are_removed_stays_on_postgres() {
    let fresh = crate::postgres().await;
    let store = &fresh.store;
    let webhook = endpoint(store).await;
    add(store, webhook.id, &["a"], 1).await;
    let waiting = take(store, 2).await;
    store.settle_delivery(&waiting[0], at(62), &attempt(3, None), &AfterTry::Taken).await.unwrap();
    store.release_lane(webhook.id, at(62), at(4)).await.unwrap();

    let mut other = sqlx::PgConnection::connect(fresh.database.url()).await.unwrap();
    let mut watch = sqlx::PgConnection::connect(fresh.database.url()).await.unwrap();
    let mut tx = other.begin().await.unwrap();
    let replay = "UPDATE webhook_deliveries SET state = 'pending'";
    sqlx::query(replay).execute(&mut *tx).await.unwrap();
    let remove = store.remove_old_deliveries(Some(at(1000)), 10);
    let commit = async {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                   AND wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut watch).await.unwrap() == 0 {}
        tx.commit().await.unwrap();
    };
    let (removed, ()) = tokio::join!(remove, commit);
    assert_eq!(removed.unwrap(), 0);
    assert_eq!(store.webhook_log(everything(), webhook.id, None, 10).await.unwrap().len(), 1);
}

/// A count that is wrong does not make an empty lane due for ever.
async fn a_wrong_count_heals(store: &Store, spoil: impl AsyncFnOnce(&'static str)) {
    let webhook = endpoint(store).await;
    add(store, webhook.id, &["a"], 1).await;
    let waiting = take(store, 2).await;
    store.settle_delivery(&waiting[0], at(62), &attempt(3, None), &AfterTry::Taken).await.unwrap();
    spoil("UPDATE webhooks SET pending = 7").await;
    store.release_lane(webhook.id, at(62), at(4)).await.unwrap();
    let healed = now(store, &webhook).await;
    assert_eq!((healed.pending, healed.next_at), (0, None));
    add(store, webhook.id, &["b"], 5).await;
    assert_eq!(now(store, &webhook).await.pending, 1);
    assert_eq!(take(store, 5).await.len(), 1);
}

#[tokio::test]
async fn a_wrong_count_heals_on_sqlite() {
    let fresh = crate::sqlite().await;
    let spoil = async |sql| {
        let options = fresh.database.url().parse::<sqlx::sqlite::SqliteConnectOptions>().unwrap();
        let mut other = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query(sql).execute(&mut other).await.unwrap();
    };
    a_wrong_count_heals(&fresh.store, spoil).await;
}

#[tokio::test]
async fn a_wrong_count_heals_on_postgres() {
    let fresh = crate::postgres().await;
    let spoil = async |sql| {
        let mut other = sqlx::PgConnection::connect(fresh.database.url()).await.unwrap();
        sqlx::query(sql).execute(&mut other).await.unwrap();
    };
    a_wrong_count_heals(&fresh.store, spoil).await;
}

/// What is received while the gateway is isolated waits, and overtakes nothing afterwards.
pub(crate) async fn what_is_received_waits_until_the_gateway_resumes(store: Store) {
    let webhook = endpoint(&store).await;
    let change = async |change: GatewayChange, seconds| {
        store.change_gateway(everything(), &change, at(seconds)).await.unwrap()
    };
    let settle = async |waiting: Vec<WebhookDelivery>, seconds: i64| {
        for one in &waiting {
            let (tried, after) = (attempt(seconds, None), AfterTry::Taken);
            assert!(store.settle_delivery(one, at(seconds + 60), &tried, &after).await.unwrap());
        }
        let ids = waiting.iter().map(|one| one.payload.clone());
        ids.collect::<String>().replace("{\"name\":", "").replace('}', "")
    };
    add(&store, webhook.id, &["before"], 1).await;
    change(GatewayChange::Isolate, 2).await;
    assert_eq!(add(&store, webhook.id, &["a", "b"], 3).await, 2);
    let sent = NewDelivery { event: WebhookEvent::SmsDelivered, ..delivery(webhook.id, "sent") };
    store.create_deliveries(&[sent], at(4)).await.unwrap();
    add(&store, webhook.id, &["c"], 5).await;
    assert_eq!(add(&store, webhook.id, &["a"], 5).await, 0, "it is told once");
    // What came before and what is sent goes on.
    assert_eq!(settle(take(&store, 10).await, 10).await, r#""before""sent""#);
    let (_, rest) = store.lane(webhook.id, at(70), 10).await.unwrap().unwrap();
    assert_eq!(rest, []);
    store.release_lane(webhook.id, at(70), at(11)).await.unwrap();
    let waits = now(&store, &webhook).await;
    assert_eq!((waits.pending, waits.next_at), (3, None), "nobody looks at it again and again");
    let cutoffs = Cutoffs { callbacks: Some(at(1_000)), ..Cutoffs::default() };
    store.remove_old(&cutoffs, 10).await.unwrap();
    store.remove_old_deliveries(Some(at(1_000)), 10).await.unwrap();
    // One that nothing waited for until then.
    let other = endpoint(&store).await;
    add(&store, other.id, &["x"], 12).await;
    assert_eq!(take(&store, 13).await, []);
    let test = DeliveryId::new();
    assert!(store.test_webhook(everything(), other.id, test, "{}", at(14)).await.unwrap());
    let tested = take(&store, 15).await;
    assert_eq!((tested.len(), tested[0].id), (1, test), "a test tells of nothing received");
    settle(tested, 15).await;
    store.release_lane(other.id, at(75), at(16)).await.unwrap();

    change(GatewayChange::Resume, 100).await;
    assert_eq!(store.next_lane_at(at(100), 10).await.unwrap(), Some(at(100)));
    add(&store, webhook.id, &["after"], 101).await;
    let mut taken = store.take_lanes(at(101), LEASE, 10, 10).await.unwrap();
    taken.sort_by_key(|id| *id != webhook.id);
    assert_eq!(taken, [webhook.id, other.id]);
    let (_, all) = store.lane(webhook.id, at(161), 10).await.unwrap().unwrap();
    assert_eq!(settle(all, 101).await, r#""a""b""c""after""#);
    // The next time begins where the gateway is then.
    change(GatewayChange::Isolate, 200).await;
    add(&store, webhook.id, &["d"], 201).await;
    let (_, none) = store.lane(webhook.id, at(161), 10).await.unwrap().unwrap();
    assert_eq!(none, []);
}
