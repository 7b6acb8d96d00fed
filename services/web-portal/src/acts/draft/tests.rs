use super::*;

fn text(text: impl Into<String>) -> Draft {
    Draft::of(Body::Text { text: text.into(), encoding: Encoding::Auto })
}

#[test]
fn every_bad_recipient_is_named() {
    let draft =
        Draft { to: vec!["+62812345678".into(), String::new(), "bob".into()], ..text("hi") };
    let refused = draft.recipients(&Plan::default()).unwrap_err();
    let Unsendable::Recipients(bad) = &refused else { panic!("{refused:?}") };
    assert_eq!(bad.len(), 2);
    assert!(refused.to_string().contains("'bob': 'b' cannot be in a phone number"), "{refused}");
    assert!(refused.to_string().contains("'': the number is empty"), "{refused}");
}

#[test]
fn what_saves_parts_is_found() {
    let savings = |draft: &Draft| draft.savings(&draft.count(usize::MAX).unwrap(), Languages::ALL);
    let mut quoted = text("“Halo” ".repeat(12));
    let found = Savings { alike: Some(1), ..Savings::default() };
    assert_eq!(savings(&quoted), found);
    let turkish = text("İyi günler! ".repeat(12));
    assert_eq!(savings(&turkish).tables, Some(1));
    // Nothing is said where nothing is won.
    assert_eq!(savings(&text("“Halo”")), Savings::default());
    assert_eq!(savings(&text("Halo ".repeat(60))), Savings::default());
    assert_eq!(savings(&text("Ж".repeat(100))), Savings::default());

    if let Body::Text { encoding, .. } = &mut quoted.body {
        *encoding = Encoding::Smart;
    }
    let done = Savings { without: Some(2), ..Savings::default() };
    assert_eq!(savings(&quoted), done);
}

#[test]
fn what_is_surely_a_slip_is_refused() {
    for blank in ["   ", "\n\t", "\u{a0}\u{200b}\u{feff}"] {
        assert_eq!(text(blank).is_meant(), Err(Unsendable::Blank), "{blank:?}");
    }
    assert_eq!(text(" . ").is_meant(), Ok(()));
    let draft = |to: &str| Draft { to: vec![to.into()], ..text("hi") };
    let to = |to: &str| draft(to).recipients(&Plan::default()).map(drop);
    let refused = to("+62812").unwrap_err().to_string();
    assert!(
        refused
            .contains("'+62812': the number has only 5 digits after the +; at least 7 are needed"),
        "{refused}"
    );
    assert_eq!(to("+29022222"), Ok(()));
    assert_eq!(to("12"), Ok(()), "a short code");
    let as_kannel = Draft { even_cut_off: true, ..draft("+62812") };
    assert_eq!(as_kannel.recipients(&Plan::default()).map(drop), Ok(()));
}

#[test]
fn one_number_written_twice_is_sent_to_once() {
    let draft = Draft { to: vec!["+62 812-345".into(), "+62812345".into()], ..text("hi") };
    assert_eq!(draft.recipients(&Plan::default()).unwrap().len(), 1);
}

fn at_home() -> Plan {
    Plan { home: Some("ID".parse().unwrap()), short_codes: true, ..Plan::default() }
}

#[test]
fn at_home_each_writing_of_a_number_is_that_number() {
    let written = ["0812-3456-789", "628123456789", "+62 (0) 812 3456 789", "888"];
    let draft = Draft { to: written.map(str::to_owned).to_vec(), ..text("hi") };
    let read = draft.recipients(&at_home()).unwrap();
    let read: Vec<&str> = read.iter().map(|recipient| recipient.to.as_str()).collect();
    assert_eq!(read, ["+628123456789", "888"]);
    let own = HashMap::from([(0, "a".to_owned()), (1, "b".to_owned())]);
    let twice = Draft { own, ..draft }.recipients(&at_home()).unwrap_err();
    assert_eq!(twice, Unsendable::Twice("+628123456789".parse().unwrap()));
}

#[test]
fn every_number_that_is_sent_nothing_is_named() {
    let written = ["08123456789", "+62812", "+6591234567", "08091234567", "112"];
    let draft = Draft { to: written.map(str::to_owned).to_vec(), ..text("hi") };
    let refused = draft.recipients(&at_home()).unwrap_err();
    let Unsendable::Recipients(bad) = &refused else { panic!("{refused:?}") };
    let codes: Vec<(&str, &str)> =
        bad.iter().map(|bad| (bad.written.as_str(), bad.reason.code())).collect();
    assert_eq!(
        codes,
        [
            ("+62812", "number-impossible"),
            ("+6591234567", "destination-not-allowed"),
            ("08091234567", "premium-number"),
            ("112", "destination-not-allowed"),
        ]
    );
    let words = refused.to_string();
    assert!(
        words.starts_with(
            "nothing was sent, as not every recipient may be sent to: '+62812': numbers of ID have"
        ),
        "{words}"
    );
}
