use bus::NatsConfig;
use contracts::SimId;
use contracts::batch::MtRecipient;
use testkit::{NatsProxy, NatsServer, Point};

use super::*;

fn item(number: usize) -> MtItem {
    MtItem {
        id: MessageId::derived(&number.to_string()),
        priority: Priority::Normal,
        target: Target::Sim(SimId::derived(&(number / 2).to_string())),
        parts: 1,
        request: MtRequest::text("+628123456789".parse().unwrap(), "Halo"),
        rule: None,
        others: Vec::new(),
    }
}

/// Two messages for each SIM wait, and two are to be sent: however many SIMs there are, one count is few questions.
#[tokio::test]
async fn a_count_takes_as_many_questions_for_a_hundred_lanes_as_for_one() {
    for program in testkit::nats_servers() {
        let server = NatsServer::start_program(program, "").await;
        let way = NatsProxy::to(server.port()).await;
        let settings = NatsConfig::new(way.url(), server.user(), server.password());
        let stop = tokio_util::sync::CancellationToken::new();
        let bus = Bus::connect(&settings, "test", &stop).await.unwrap();
        let asked = way.tally(Point::Publish("$JS.API.".to_owned()));
        let mut published = 0;
        let mut questions = Vec::new();
        for lanes in [0, 1, 10, 100] {
            for number in published..2 * lanes {
                let item = item(number);
                bus.publish(&Dispatched(&item)).await.unwrap();
                bus.publish(&Waiting(&item)).await.unwrap();
                bus.ensure(&Durable::dispatch(&item.target, item.priority)).await.unwrap();
            }
            published = 2 * lanes;
            let before = asked.count();
            let counts = counts(&bus).await.unwrap();
            questions.push(asked.count() - before);
            assert_eq!((counts.waiting.len(), counts.dispatched.len()), (lanes, lanes));
            assert!(counts.waiting.values().all(|count| *count == 2));
            assert!(counts.dispatched.values().all(|count| *count == 2));
        }
        // The broker is asked once more for what may come after a page.
        assert_eq!(questions, [2, 5, 5, 5]);
        // What was delivered and nobody has answered counts.
        let durable = Durable::dispatch(&item(0).target, Priority::Normal);
        let taken = bus.fetch::<MtItem>(&durable, 2, Wait::None).await.unwrap();
        assert_eq!(taken.len(), 2);
        assert_eq!(counts(&bus).await.unwrap().dispatched[&(item(0).target, Priority::Normal)], 2);
    }
}

#[test]
fn messages_that_wait_are_told_to_be_admitted_by_one_event_and_batches_when_they_are_released() {
    let at = Timestamp::from_micros(0);
    let other =
        MtRecipient::of(&item(0).request, &MtRequest { id: Some(item(9).id), ..item(9).request });
    let batch = MtItem { others: other.into_iter().collect(), ..item(2) };
    // Two of one SIM, one of them by a rule.
    let by_rule = MtItem { rule: Some("vip".to_owned()), ..item(1) };
    let items = [item(0), batch.clone(), by_rule];
    let event = admission(items.iter(), at).unwrap();
    let told: Vec<(MessageId, MtChange)> =
        event.told_apart().map(|event| (event.message, event.change)).collect();
    let admitted = |item: &MtItem| {
        (item.id, MtChange::admitted(1, item.target.clone()).by_rule(item.rule.clone()))
    };
    assert_eq!(told, [admitted(&items[0]), admitted(&items[2])]);
    assert_eq!(batch.others.len(), 1);
    assert_eq!(admission([batch].iter(), at), None);
}
