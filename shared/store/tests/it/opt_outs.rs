//! Who opted out, and the ledger of it.

use contracts::mo::{MoReceived, Wish};
use contracts::{OrgId, PhoneNumber, UserId};
use store::{NewOptOuts, OptOutSource, Reach, Store};

use crate::sample::{at, everything, mo, received};

const FROM: &str = "+628111";

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn wish(wish: Wish, seconds: i64) -> MoReceived {
    MoReceived { wish: Some(wish), ..received(FROM, wish.as_str(), seconds) }
}

fn by(account: UserId, numbers: &[&str], out: bool) -> NewOptOuts {
    let numbers = numbers.iter().map(|text| number(text)).collect();
    NewOptOuts { numbers, out, source: OptOutSource::Account, account }
}

/// The numbers that are out.
async fn out(store: &Store, reach: Reach) -> Vec<String> {
    let all = store.opt_outs(reach, None, 100).await.unwrap();
    assert!(all.iter().all(|one| one.out));
    all.iter().map(|one| one.number.to_string()).collect()
}

/// Whether routers are told that a number is out; none: they were told nothing.
async fn told(store: &Store, text: &str) -> Option<bool> {
    let key = contracts::config_kv::OptOut::key(OrgId::default_org(), &number(text));
    let setting = store.setting(&key).await.unwrap()?;
    assert_eq!(setting.value["number"], text);
    setting.value["out"].as_bool()
}

pub(crate) async fn who_sends_stop_is_out_until_they_send_start(store: Store) {
    let stop = mo(wish(Wish::Stop, 10), 1);
    store.project_events(&[mo(received(FROM, "halo", 5), 7), stop.clone()]).await.unwrap();
    assert_eq!(out(&store, everything()).await, [FROM]);
    assert_eq!(told(&store, FROM).await, Some(true));
    let before = store.opt_outs(everything(), None, 1).await.unwrap();
    assert_eq!(before[0].source, OptOutSource::Message);
    assert_eq!(before[0].message, Some(wish(Wish::Stop, 10).id));

    store.project_events(&[mo(wish(Wish::Start, 20), 2)]).await.unwrap();
    // The broker delivers what was written again.
    store.project_events(&[stop]).await.unwrap();
    assert_eq!(out(&store, everything()).await, [""; 0]);
    assert_eq!(told(&store, FROM).await, Some(false));
    let ledger = store.opt_out_changes(everything(), &number(FROM), 10).await.unwrap();
    let ledger: Vec<_> = ledger.iter().map(|change| (change.out, change.at)).collect();
    assert_eq!(ledger, [(false, at(20)), (true, at(10))], "each is in it once");
}

/// Three wishes in every order, one by one and in one batch.
pub(crate) async fn the_later_wish_holds_in_whatever_order_they_come(store: Store) {
    let wishes = [(Wish::Stop, 10), (Wish::Start, 20), (Wish::Stop, 30)];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (nth, order) in (1..).zip(orders) {
        for together in [true, false] {
            let from = format!("+6281{nth}{}", u8::from(together));
            let told = order.map(|which| {
                let (said, seconds) = wishes[which];
                let message = received(&from, said.as_str(), seconds);
                mo(MoReceived { wish: Some(said), ..message }, 1)
            });
            if together {
                store.project_events(&told).await.unwrap();
            } else {
                for one in told {
                    store.project_events(&[one]).await.unwrap();
                }
            }
            let all = store.opt_out_changes(everything(), &number(&from), 9).await.unwrap();
            assert_eq!(all.len(), 3, "each stands in the ledger");
            assert!(out(&store, everything()).await.contains(&from), "{order:?}, {together}");
        }
    }
}

/// The clocks of hosts differ, and a wish may wait for days where there is no broker.
pub(crate) async fn to_be_sent_nothing_goes_before_what_was_said_here(store: Store) {
    let boss = UserId::derived("boss");
    let change = async |out, seconds| {
        let new = by(boss, &[FROM], out);
        store.change_opt_outs(everything(), &new, at(seconds)).await.unwrap()
    };
    store.project_events(&[mo(wish(Wish::Stop, 100), 1)]).await.unwrap();
    assert_eq!(
        change(false, 50).await,
        1,
        "a person decides, whatever the clock of a modem's host says"
    );
    assert_eq!(out(&store, everything()).await, [""; 0]);
    // Told again it is nothing new; said again it is.
    store.project_events(&[mo(wish(Wish::Stop, 100), 1)]).await.unwrap();
    assert_eq!(out(&store, everything()).await, [""; 0]);
    store.project_events(&[mo(wish(Wish::Stop, 101), 2)]).await.unwrap();
    assert_eq!(out(&store, everything()).await, [FROM]);
    assert_eq!(change(false, 200).await, 1);
    assert_eq!(change(true, 300).await, 1);
    store.project_events(&[mo(wish(Wish::Start, 250), 3)]).await.unwrap();
    assert_eq!(out(&store, everything()).await, [FROM], "it was said before, and came late");
    store.project_events(&[mo(wish(Wish::Start, 301), 4)]).await.unwrap();
    assert_eq!(out(&store, everything()).await, [""; 0]);
}

pub(crate) async fn what_cannot_ask_for_it_asks_for_nothing(store: Store) {
    // A name cannot ask, and a wish of a later version is none that this one knows.
    let name = MoReceived { wish: Some(Wish::Stop), ..received("BANK", "stop", 30) };
    store.project_events(&[mo(name, 3), mo(wish(Wish::Other, 40), 4)]).await.unwrap();
    assert_eq!(out(&store, everything()).await, [""; 0]);
}

pub(crate) async fn numbers_are_put_out_and_in_again_by_hand(store: Store) {
    let boss = UserId::derived("boss");
    let three = by(boss, &["+62813", "+62811", "888", "+62811"], true);
    let change = async |new: &NewOptOuts, seconds| {
        store.change_opt_outs(everything(), new, at(seconds)).await.unwrap()
    };
    assert_eq!(change(&three, 1).await, 3);
    assert_eq!(change(&three, 2).await, 0, "they are out");
    assert_eq!(out(&store, everything()).await, ["+62811", "+62813", "888"]);
    let after = number("+62811");
    let page = store.opt_outs(everything(), Some(&after), 1).await.unwrap();
    assert_eq!(page[0].number, number("+62813"));
    assert_eq!((page[0].account, page[0].at), (Some(boss), at(1)));
    assert_eq!(change(&by(boss, &["888", "+62899"], false), 3).await, 1, "one was never out");
    assert_eq!(out(&store, everything()).await, ["+62811", "+62813"]);
    assert_eq!((told(&store, "888").await, told(&store, "+62899").await), (Some(false), None));
    let abroad = Reach::everything(OrgId::derived("abroad"));
    assert_eq!(out(&store, abroad).await, [""; 0]);
}

/// A network tells of a sender with its country or without, and lists are written in either way.
pub(crate) async fn a_phone_is_in_again_in_all_its_writings(store: Store) {
    let from = |sender: &str, said: Wish, seconds| {
        mo(MoReceived { wish: Some(said), ..received(sender, said.as_str(), seconds) }, 1)
    };
    let boss = UserId::derived("boss");
    let imported = by(boss, &["628123456789", "+618123456789"], true);
    store.change_opt_outs(everything(), &imported, at(1)).await.unwrap();
    store.project_events(&[from("08123456789", Wish::Stop, 2)]).await.unwrap();
    assert_eq!(out(&store, everything()).await.len(), 3);
    let start = from("+628123456789", Wish::Start, 3);
    store.project_events(std::slice::from_ref(&start)).await.unwrap();
    assert_eq!(out(&store, everything()).await, ["+618123456789"], "of another country");
    assert_eq!(told(&store, "08123456789").await, Some(false));
    let again = by(boss, &["08123456789"], true);
    store.change_opt_outs(everything(), &again, at(4)).await.unwrap();
    store.project_events(&[start]).await.unwrap();
    let taken_in = by(boss, &["+628123456789"], false);
    assert_eq!(store.change_opt_outs(everything(), &taken_in, at(5)).await.unwrap(), 1);
    assert_eq!(out(&store, everything()).await, ["+618123456789"]);
    let ledger = store.opt_out_changes(everything(), &number("8123456789"), 20).await.unwrap();
    assert_eq!(ledger.first().map(|change| (change.out, change.at)), Some((false, at(5))));
    assert!(ledger.iter().any(|change| change.number == number("628123456789")));
}
