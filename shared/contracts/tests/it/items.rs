//! Items that wait.

use contracts::mt::{MtItem, MtRequest, Waiting};
use contracts::subject::Target;
use contracts::{Message as _, MessageId, PhoneNumber, PoolId, Priority};

fn item(members: &[&str]) -> MtItem {
    let request = |name: &str| MtRequest {
        id: Some(MessageId::derived(name)),
        ..MtRequest::text(PhoneNumber::parse("+628123456789").unwrap(), "Halo")
    };
    let first = request(members[0]);
    let others = members[1..]
        .iter()
        .map(|name| contracts::batch::MtRecipient::of(&first, &request(name)).unwrap());
    MtItem {
        id: MessageId::derived(members[0]),
        priority: Priority::Normal,
        target: Target::Pool(PoolId::default_pool()),
        parts: 1,
        others: others.collect(),
        request: first.clone(),
        rule: None,
    }
}

/// When a request comes again, its messages may be put together otherwise. The broker must not take one of two such items for the
/// other, or the messages that the other lacks are lost.
#[test]
fn the_id_of_an_item_says_which_messages_are_in_it() {
    let id = |members: &[&str]| Waiting(&item(members)).msg_id();
    assert_eq!(id(&["1", "2", "3"]), id(&["1", "2", "3"]));
    assert_ne!(id(&["1", "3"]), id(&["1", "4"]));
    assert_ne!(id(&["1"]), id(&["1", "4"]));
}
