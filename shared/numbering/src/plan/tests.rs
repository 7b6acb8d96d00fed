use proptest::prelude::*;

use super::*;

fn plan(home: &str) -> Plan {
    Plan { home: Some(home.parse().unwrap()), short_codes: true, ..Plan::default() }
}

fn to(home: &str, destinations: &[&str]) -> Plan {
    let destinations = destinations.iter().map(|one| one.parse().unwrap()).collect();
    Plan { destinations, ..plan(home) }
}

fn read(plan: &Plan, text: &str) -> Result<String, &'static str> {
    plan.read(text).map(|number| number.to_string()).map_err(|unusable| unusable.code())
}

#[test]
fn without_a_home_country_nothing_changes() {
    let plan = Plan::default();
    for text in
        ["08123456789", "628123456789", "+628123456789", "+19005551234", "888", "112", "+99912345"]
    {
        assert_eq!(read(&plan, text), Ok(text.to_owned()));
    }
    assert_eq!(read(&plan, "bob"), Err("number-impossible"));
}

#[test]
fn all_writings_at_home_are_one_number() {
    for (home, number, writings) in [
        (
            "ID",
            "+6281234567890",
            &[
                "081234567890",
                "0812-3456-7890",
                "(0)812 3456 7890",
                "81234567890",
                "6281234567890",
                "62 0812 3456 7890",
                "006281234567890",
                "+62 (0) 812 3456 7890",
                "+62 0812-3456-7890",
            ][..],
        ),
        // With its country it has eleven digits, which a landline of Sumatra could have without its country.
        ("ID", "+62812345678", &["0812345678", "812345678", "62812345678", "+62(0)812345678"]),
        ("ID", "+62213501234", &["0213501234", "021 3501234", "+62 21 3501234"]),
        ("SG", "+6591234567", &["91234567", "6591234567", "9123 4567"]),
        ("SG", "+6565123456", &["65123456", "6565123456"]),
        ("MY", "+60123456789", &["0123456789", "60123456789", "012-345 6789"]),
        ("IN", "+919812345678", &["9812345678", "09812345678", "919812345678"]),
        // Begins like the country's code.
        ("IN", "+919112345678", &["9112345678", "09112345678", "919112345678"]),
        ("US", "+12015550123", &["2015550123", "(201) 555-0123", "1-201-555-0123", "12015550123"]),
        (
            "GB",
            "+447400123456",
            &["07400 123456", "7400123456", "447400123456", "+44 (0)7400 123456"],
        ),
        ("DE", "+4915123456789", &["015123456789", "15123456789", "4915123456789"]),
        // The 0 of a landline belongs to it.
        ("IT", "+390212345678", &["0212345678", "390212345678", "+39 02 12345678"]),
        ("IT", "+393123456789", &["3123456789", "393123456789"]),
        ("RU", "+79123456789", &["89123456789", "9123456789", "79123456789", "8 (912) 345-67-89"]),
        ("BR", "+5511961234567", &["11961234567", "011961234567", "5511961234567"]),
        // A 15 within at home, a 9 before it elsewhere.
        ("AR", "+5491123456789", &["01115 23456789", "+54 9 11 2345 6789"]),
    ] {
        let plan = plan(home);
        for text in writings.iter().chain([&number]) {
            assert_eq!(read(&plan, text), Ok(number.to_owned()), "{home}: {text}");
        }
    }
}

#[test]
fn a_short_code_stays_and_an_emergency_number_is_refused() {
    let open = plan("ID");
    for code in ["888", "1", "123456", "08123", "*123#", "*123*4567#"] {
        assert_eq!(read(&open, code), Ok(code.to_owned()));
    }
    for emergency in EMERGENCY {
        assert_eq!(open.read(emergency), Err(Unusable::Emergency));
    }
    let closed = Plan { short_codes: false, ..open };
    assert_eq!(closed.read("888"), Err(Unusable::ShortCode));
    assert_eq!(closed.read("112"), Err(Unusable::Emergency));
    assert_eq!(read(&closed, "0812345678"), Ok("+62812345678".to_owned()));
}

#[test]
fn what_no_number_of_its_country_looks_like_is_refused_in_words() {
    let plan = to("ID", &["*"]);
    for (text, words) in [
        ("+62812", "numbers of ID have 7 to 12 digits after +62, and this one has 3"),
        ("+62 812 3456 7890 1234", "at most 15 are possible"),
        ("+65 9123 456", "numbers of SG have 8 digits after +65, and this one has 7"),
        ("+1 555 123", "numbers of US have 10 digits after +1, and this one has 6"),
        (
            "+999 1234567",
            "no country's numbers begin so: a + stands before a country's calling code, such as +62",
        ),
        ("+0812345678", "no country's numbers begin so"),
        ("081234567890123456", "and this one has 17"),
        ("bob", "'b' cannot be in a phone number"),
        ("", "the number is empty"),
    ] {
        let refused = plan.read(text).unwrap_err();
        assert_eq!(refused.code(), "number-impossible", "{text}");
        assert!(!refused.is_forbidden(), "{text}");
        assert!(refused.to_string().contains(words), "{text}: {refused}");
    }
}

#[test]
fn a_number_that_no_table_lists_passes() {
    // Indonesia has given out none that begin so.
    for (text, number) in [("08001234", "+628001234"), ("0840 1234 567", "+628401234567")] {
        assert_eq!(read(&plan("ID"), text), Ok(number.to_owned()));
    }
}

#[test]
fn other_countries_are_refused_unless_they_are_allowed() {
    let (singapore, usa, jamaica, satellite) =
        ("+6591234567", "+12015550123", "+18765551234", "+881612345678");
    let refused = plan("ID").read(singapore).unwrap_err();
    assert_eq!(refused.code(), "destination-not-allowed");
    assert!(refused.is_forbidden());
    assert!(
        refused.to_string().starts_with("it is a number of SG, and messages go to ID only"),
        "{refused}"
    );
    let sends = |destinations: &[&str], number| to("ID", destinations).read(number).is_ok();
    for (destinations, allowed) in [
        (&["SG"][..], [true, false, false, false]),
        (&["+65", "+188"], [true, false, false, false]),
        (&["+6", "US"], [true, true, false, false]),
        // One code and many countries, some of which are dear.
        (&["US"], [false, true, false, false]),
        (&["JM"], [false, false, true, false]),
        (&["+1"], [false, true, true, false]),
        (&["+881"], [false, false, false, true]),
        (&["*"], [true, true, true, true]),
    ] {
        let found = [singapore, usa, jamaica, satellite].map(|number| sends(destinations, number));
        assert_eq!(found, allowed, "{destinations:?}");
        assert!(sends(destinations, "08123456789"), "home is always allowed");
    }
    // From another country of the same code.
    assert_eq!(read(&plan("US"), "8765551234"), Err("destination-not-allowed"));
    // The Isle of Man has numbers that the tables list as Britain's too.
    assert_eq!(read(&plan("IM"), "07924123456"), Ok("+447924123456".to_owned()));
    assert_eq!(read(&plan("IM"), "07400123456"), Err("destination-not-allowed"));
    assert_eq!(read(&plan("MA"), "0650123456"), Ok("+212650123456".to_owned()));
    assert_eq!(read(&plan("RU"), "+77012345678"), Err("destination-not-allowed"));
    let many: Vec<String> = (40..=60).map(|n| format!("+{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let words = to("ID", &many).read(singapore).unwrap_err().to_string();
    assert!(
        words.contains("go to ID, +40, +41,") && words.contains("+49 and others only"),
        "{words}"
    );
}

#[test]
fn what_costs_more_is_refused_unless_it_is_allowed() {
    for (home, premium) in [
        ("ID", "08091234567"),
        ("ID", "+62 804 1234567"),
        ("US", "900 234 5678"),
        ("GB", "0901 234 5678"),
    ] {
        let plan = plan(home);
        assert_eq!(plan.read(premium), Err(Unusable::Premium), "{home}: {premium}");
        assert_eq!(plan.read(premium).unwrap_err().code(), "premium-number");
        let plan = Plan { premium: true, ..plan };
        assert!(plan.read(premium).is_ok(), "{home}: {premium}");
    }
    assert_eq!(to("ID", &["*"]).read("+1 900 234 5678"), Err(Unusable::Premium));
}

#[test]
fn a_number_is_known_by_its_normal_writing_wherever_it_leads() {
    let plan = plan("ID");
    for (text, normal) in [
        ("0812 3456 789", "+628123456789"),
        ("+65 9123 4567", "+6591234567"),
        ("0809 1234567", "+628091234567"),
        ("888", "888"),
        ("112", "112"),
        ("+62812", "+62812"),
        ("+99912345", "+99912345"),
    ] {
        assert_eq!(plan.written(text).unwrap().as_str(), normal);
    }
    assert_eq!(plan.written("bob"), Err(PhoneError::Character('b')));
}

#[test]
fn no_words_have_the_number_in_them() {
    for text in ["+6591234567", "+6281234", "08091234567", "+99912345678"] {
        let words = plan("ID").read(text).unwrap_err().to_string();
        assert!(!words.contains(&text[3..]), "{words}");
    }
}

fn homes() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "ID", "SG", "US", "JM", "IT", "DE", "RU", "KZ", "BR", "AR", "MX", "GB", "JE", "CN", "SM",
    ])
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        // Whatever comes.
        prop::collection::vec(any::<char>(), 0..100)
            .prop_map(|all| all.into_iter().collect::<String>()),
        // What is nearly a number.
        "[+]{0,2}[0-9 ().*#/-]{0,97}",
        "(\\+|00|0)?[0-9]{5,16}",
    ]
}

proptest! {
    #[test]
    fn what_was_read_is_read_as_itself_again(home in homes(), text in texts(), everywhere in any::<bool>()) {
        let plan = if everywhere { to(home, &["*"]) } else { plan(home) };
        if let Ok(number) = plan.read(&text) {
            prop_assert_eq!(plan.check(&number), Ok(number.clone()), "{}", text);
            prop_assert_eq!(plan.read(number.as_str()), Ok(number));
        }
        if let Ok(number) = plan.written(&text) {
            prop_assert_eq!(plan.normal(&number), number, "{}", text);
        }
    }
}

#[test]
fn what_numbers_begin_with_at_home_becomes_what_they_are_dialled_with() {
    for (home, written, dialled) in [
        ("ID", "0812", "+62812"),
        ("ID", "+62812", "+62812"),
        ("ID", "62812", "62812"),
        ("ID", "888", "888"),
        ("DE", "0171", "+49171"),
        // Nothing stands before numbers there.
        ("DK", "0123", "0123"),
    ] {
        assert_eq!(plan(home).beginning(written), dialled, "{home} {written}");
    }
    assert_eq!(Plan::default().beginning("0812"), "0812");
}

#[test]
fn a_number_is_of_a_country() {
    let country = |plan: &Plan, number: &str| {
        plan.country(&number.parse().unwrap()).map(|country| country.to_string())
    };
    let (home, none) = (plan("ID"), Plan::default());
    for (number, at_home, without) in [
        ("08123456789", Some("ID"), None),
        ("+628123456789", Some("ID"), Some("ID")),
        ("+4915112345678", Some("DE"), Some("DE")),
        ("888", None, None),
        ("+99912345678", None, None),
    ] {
        assert_eq!(country(&home, number).as_deref(), at_home, "{number}");
        assert_eq!(country(&none, number).as_deref(), without, "{number}");
    }
}
