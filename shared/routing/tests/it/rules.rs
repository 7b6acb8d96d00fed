//! Which rule takes which message.

use contracts::subject::Target;
use contracts::{KeyId, Priority, UserId};
use routing::{Message, Miss, Online, Past, Table, Way};

use crate::{decide, message, number, online, pool, routes, sim, target};

/// Whether a rule with these conditions takes a message, and why not.
fn miss(when: &str, message: &Message<'_>) -> Option<Miss> {
    let rule = format!(r#"{{"name":"r","targets":[{{"pool":"x"}}],"when":{{{when}}}}}"#);
    let table = Table::new(&routes(&[&rule]));
    let explained = table.explain(message, &Online::default(), &Past::default(), |_| true);
    assert_eq!(explained.decision.rule.is_some(), explained.passed.is_empty());
    explained.passed.first().map(|passed| passed.why)
}

#[test]
fn every_condition_has_to_hold() {
    let ani = UserId::derived("ani");
    let accounts = format!(r#""accounts":["{ani}"]"#);
    let to = number("+628123456789");
    let usual = message(&to);
    let at = |time: &str| Message { at: time.parse().unwrap(), ..usual.clone() };
    let text = |text| Message { text: Some(text), ..usual.clone() };
    let otp = Message { priority: Priority::Otp, ..usual.clone() };
    let other = Message { account: UserId::derived("budi"), ..usual.clone() };
    let data = Message { text: None, ..usual.clone() };
    let key = KeyId::derived("shop");
    let keys = format!(r#""keys":["{key}"]"#);
    let marked =
        Message { key: Some(key), tag: Some("invoices"), sender: Some("TOKO"), ..usual.clone() };
    let (national, code) = (number("08123456789"), number("888"));
    let (national, code) = (message(&national), message(&code));
    let office =
        r#""hours":{"zone":"Asia/Jakarta","from":"08:00","until":"17:00","days":["mon","tue"]}"#;
    let night = r#""hours":{"zone":"Asia/Jakarta","from":"22:00","until":"06:00","days":["fri"]}"#;
    let local = r#""hours":{"zone":"Europe/Berlin","from":"02:00","until":"03:00"}"#;
    for (when, message, expected) in [
        ("", &usual, None),
        (r#""prefixes":["+62812"]"#, &usual, None),
        (r#""prefixes":["62812"]"#, &usual, None),
        (r#""prefixes":["+62812"]"#, &national, Some(Miss::Prefix)),
        (r#""prefixes":["0812"]"#, &national, None),
        (r#""prefixes":["+888"]"#, &code, Some(Miss::Prefix)),
        (r#""prefixes":["888"]"#, &code, None),
        (r#""prefixes":["+6281234567890"]"#, &usual, Some(Miss::Prefix)),
        (r#""prefixes":["+1","+63","+6281","+628"]"#, &usual, None),
        (r#""prefixes":["+6282","+6280","+7"]"#, &usual, Some(Miss::Prefix)),
        (&accounts, &usual, None),
        (&accounts, &other, Some(Miss::Account)),
        (r#""priorities":["otp"]"#, &otp, None),
        (r#""priorities":["bulk","normal"]"#, &otp, Some(Miss::Priority)),
        (r#""keywords":["Halo"]"#, &usual, None),
        (r#""keywords":["halo"]"#, &text("  HALO\nsemua"), None),
        (r#""keywords":["halo"]"#, &text("haloo"), Some(Miss::Keyword)),
        (r#""keywords":["halo"]"#, &text(""), Some(Miss::Keyword)),
        (r#""keywords":["halo"]"#, &data, Some(Miss::Keyword)),
        (&keys, &marked, None),
        (&keys, &Message { key: Some(KeyId::derived("other")), ..usual.clone() }, Some(Miss::Key)),
        (&keys, &usual, Some(Miss::Key)),
        (r#""tags":["invoices","codes"]"#, &marked, None),
        (r#""tags":["Invoices"]"#, &marked, Some(Miss::Tag)),
        (r#""tags":["invoices"]"#, &usual, Some(Miss::Tag)),
        (r#""senders":["TOKO"],"tags":["invoices"]"#, &marked, None),
        (r#""senders":["BANK"],"tags":["invoices"]"#, &marked, Some(Miss::Sender)),
        (r#""senders":["TOKO"]"#, &usual, Some(Miss::Sender)),
        // 30 November 2026 is a Monday; Jakarta is seven hours ahead.
        (office, &at("2026-11-30T01:00:00Z"), None),
        (office, &at("2026-11-30T00:59:59Z"), Some(Miss::Hours)),
        (office, &at("2026-11-30T10:00:00Z"), Some(Miss::Hours)),
        (office, &at("2026-12-02T03:00:00Z"), Some(Miss::Hours)),
        // From Friday evening into the morning of Saturday.
        (night, &at("2026-12-04T15:00:00Z"), None),
        (night, &at("2026-12-04T22:59:00Z"), None),
        (night, &at("2026-12-04T23:00:00Z"), Some(Miss::Hours)),
        (night, &at("2026-12-03T22:00:00Z"), Some(Miss::Hours)),
        (night, &at("2026-12-05T15:00:00Z"), Some(Miss::Hours)),
        // The hour that comes twice, and the one that does not come, when clocks are changed.
        (local, &at("2026-10-25T00:30:00Z"), None),
        (local, &at("2026-10-25T01:30:00Z"), None),
        (local, &at("2026-03-29T00:59:00Z"), Some(Miss::Hours)),
        (local, &at("2026-03-29T01:00:00Z"), Some(Miss::Hours)),
        (r#""priorities":["otp"],"prefixes":["+62"]"#, &usual, Some(Miss::Priority)),
        (r#""hours":{"zone":"Mars/Base"}"#, &usual, Some(Miss::Hours)),
    ] {
        assert_eq!(miss(when, message), expected, "{when} {} {:?}", message.at, message.to);
    }
}

#[test]
fn the_first_rule_that_fits_decides_and_the_others_are_said() {
    let table = Table::new(&routes(&[
        r#"{"name":"off","enabled":false,"targets":[{"pool":"a"}]}"#,
        r#"{"name":"codes","when":{"prefixes":["888"]},"targets":[{"pool":"b"}]}"#,
        r#"{"name":"ours","when":{"prefixes":["+62"]},"targets":[{"pool":"c"}]}"#,
        r#"{"name":"all","targets":[{"pool":"d"}]}"#,
    ]));
    for (to, rule, way) in [
        ("+62811", "ours", "c"),
        ("888", "codes", "b"),
        ("+1555", "all", "d"),
        ("0811", "all", "d"),
    ] {
        let to = number(to);
        let decision = decide(&table, &message(&to), &Online::default());
        assert_eq!((decision.rule, target(&decision)), (Some(rule), Some(pool(way))), "{to:?}");
    }
    let to = number("+1555");
    let explained = table.explain(&message(&to), &Online::default(), &Past::default(), |_| true);
    let passed: Vec<_> = explained.passed.iter().map(|one| (one.rule, one.why)).collect();
    assert_eq!(passed, [("off", Miss::Disabled), ("codes", Miss::Prefix), ("ours", Miss::Prefix)]);
    let none = Table::default();
    let decision = decide(&none, &message(&to), &Online::default());
    assert_eq!((decision.rule, target(&decision)), (None, Some(pool("default"))));
}

#[test]
fn the_first_target_that_is_online_takes_it_else_the_first() {
    let (a, b) = (sim("a"), sim("b"));
    let rule =
        format!(r#"{{"name":"r","targets":[{{"sim":"{a}"}},{{"pool":"vip"}},{{"sim":"{b}"}}]}}"#);
    let table = Table::new(&routes(&[&rule]));
    let to = number("+62811");
    for (there, expected) in [
        (online(&[]), Target::Sim(a)),
        (online(&[("b", "x", 0)]), Target::Sim(b)),
        (online(&[("b", "x", 0), ("c", "vip", 0)]), pool("vip")),
        (online(&[("a", "x", 0), ("c", "vip", 0)]), Target::Sim(a)),
    ] {
        let decision = decide(&table, &message(&to), &there);
        assert_eq!(target(&decision), Some(expected.clone()));
        let Way::Through(chosen) = decision.way else { panic!() };
        assert_eq!(chosen.online, there.has(&expected));
    }
    // A wall is no preference: what the account may not use is not there for it.
    let there = online(&[("a", "x", 0), ("b", "x", 0)]);
    let decision = table.decide(&message(&to), &there, &Past::default(), |sim| sim != a);
    assert_eq!(target(&decision), Some(Target::Sim(b)));
    let only = Table::new(&routes(&[&format!(r#"{{"name":"r","targets":[{{"sim":"{a}"}}]}}"#)]));
    let explained = only.explain(&message(&to), &there, &Past::default(), |sim| sim != a);
    assert_eq!(explained.passed[0].why, Miss::Walled);
    assert_eq!(target(&explained.decision), Some(pool("default")));
}

#[test]
fn what_names_its_way_keeps_it_unless_a_rule_refuses() {
    let table = Table::new(&routes(&[
        r#"{"name":"all","targets":[{"pool":"x"}]}"#,
        r#"{"name":"night","when":{"priorities":["bulk"]},"refuse":"No bulk."}"#,
    ]));
    let to = number("+62811");
    for named in [Target::Sim(sim("a")), pool("vip")] {
        let asked = Message { named: Some(named.clone()), ..message(&to) };
        let decision = decide(&table, &asked, &Online::default());
        assert_eq!((decision.rule, target(&decision)), (None, Some(named.clone())));
        let bulk = Message { priority: Priority::Bulk, ..asked };
        let decision = decide(&table, &bulk, &Online::default());
        assert_eq!((decision.rule, decision.way), (Some("night"), Way::Refused("No bulk.")));
    }
    let bulk = Message { priority: Priority::Bulk, ..message(&to) };
    assert_eq!(decide(&table, &bulk, &Online::default()).rule, Some("all"), "which is before it");
}
